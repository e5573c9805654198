from __future__ import annotations

import re
from pathlib import Path

import pytest

from edgesim.bundled import bundled
from edgesim.config import node_code, python_code
from edgesim.config.resolve import load


def test_a_checkout_finds_its_own_folders() -> None:
    assert (bundled("origins") / "shop/server.py").is_file()
    assert (bundled("edge_functions") / "python/ab_testing/index.py").is_file()


@pytest.mark.parametrize("language", ["python", "node"])
def test_every_example_has_code_and_a_readme(language: str) -> None:
    endings = {"python": {".py"}, "node": {".js", ".mjs"}}[language]
    for folder in (bundled("edge_functions") / language).iterdir():
        assert any(path.suffix in endings for path in folder.iterdir()), folder
        assert (folder / "README.md").is_file(), folder


def test_every_cloudfront_function_comes_with_its_configuration() -> None:
    for folder in (bundled("edge_functions") / "cloudfront").iterdir():
        for name in ("index.js", "edgesim.toml", "README.md"):
            assert (folder / name).is_file(), folder


README_CONFIGURATION = re.compile(r"```toml\n(.*?)```", re.DOTALL)
SURROUNDINGS = """\
[origins.app]
url = "http://127.0.0.1:3000"
[origins.bucket]
folder = "."
[origins.site]
folder = "."
"""
DEFAULT = '[default_behavior]\norigin = "app"\n'
READMES = [
    readme
    for language in ("python", "node")  # those of CloudFront Functions have a file of their own
    for readme in sorted((bundled("edge_functions") / language).glob("*/README.md"))
]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_the_configuration_in_a_readme_is_one(readme: Path, tmp_path: Path) -> None:
    (tmp_path / "edge_functions").symlink_to(bundled("edge_functions"))
    match = README_CONFIGURATION.search(readme.read_text(encoding="utf-8"))
    assert match is not None
    default = "" if "[default_behavior]" in match[1] else DEFAULT
    (tmp_path / "edgesim.toml").write_text(SURROUNDINGS + match[1] + default)
    deployment = load(tmp_path / "edgesim.toml")
    assert deployment.functions
    looks = (python_code.code_mistake, node_code.code_mistake)
    assert not [one for look in looks for one in map(look, deployment.functions) if one is not None]
