from __future__ import annotations

import pytest

from edgesim.cloudfront.function import Trigger

from .examples import asked, example, get

REWRITE = example("url_rewrite")


@pytest.mark.parametrize(
    ("target", "rewritten"),
    [
        ("/", "/index.html"),
        ("/about", "/about/index.html"),
        ("/about/", "/about/index.html"),
        ("/about/us", "/about/us/index.html"),
        ("/app.css", "/app.css"),
        ("/v1.2/app", "/v1.2/app/index.html"),
        ("/.well-known/security.txt", "/.well-known/security.txt"),
        ("/about?a=/b.c", "/about/index.html?a=/b.c"),
        ("/gr%C3%BCn", "/gr%C3%BCn/index.html"),
    ],
)
def test_folders_are_completed_and_files_are_not(target: str, rewritten: str) -> None:
    assert asked(REWRITE, Trigger.VIEWER_REQUEST, get(target)).target == rewritten
