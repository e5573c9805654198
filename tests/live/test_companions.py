from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from edgesim.config.resolve import load
from edgesim.errors import ConfigError
from edgesim.live.companions import Build, Companions
from edgesim.live.server import LiveServer

ONE = """\
[distribution]
domain_name = "{name}.cloudfront.net"
aliases = ["{name}.test", "*.{name}.test"]
[origins.app]
url = "http://127.0.0.1:9"
[default_behavior]
origin = "app"
"""
STAGED = """\
[continuous_deployment]
staging = "{}.toml"
header = {{ name = "aws-cf-cd-x", value = "1" }}
"""


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Build]:
    def write(name: str, more: str = "", file: str = "") -> Build:
        path = tmp_path / f"{file or name}.toml"
        path.write_text(ONE.format(name=name) + more)
        return partial(load, path)

    return write


@pytest.fixture
async def together() -> AsyncIterator[Callable[..., Awaitable[Companions]]]:
    running: list[tuple[LiveServer, Companions]] = []

    async def start(first: Build, *others: Build) -> Companions:
        server = LiveServer()
        companions = Companions(server, others, lambda _: LiveServer())
        running.append((server, companions))
        await server.deploy(first())
        await companions.start()
        return companions

    yield start
    for server, companions in running:
        await server.stop()
        await companions.stop()


def names(companions: Companions) -> list[str]:
    return [one.deployment.distribution.domain_name for one in companions.all]


async def test_one_alone_is_found_by_any_name(build: Any, together: Any) -> None:
    companions = await together(build("one"))
    assert companions.all[0].hosts is None
    assert names(companions) == ["one.cloudfront.net"]


async def test_each_file_is_a_distribution_and_may_have_one_for_staging(
    build: Any, together: Any
) -> None:
    build("two", file="new")
    companions = await together(build("one"), build("two", STAGED.format("new")))
    assert names(companions) == ["one.cloudfront.net", *["two.cloudfront.net"] * 2]
    hosts = companions.all[0].hosts
    assert hosts.servers == companions.all[:2]
    assert hosts.staging == {1: companions.all[2]}, "it has the names of its primary one"
    companions.have_tls_at(8443)
    assert {one.running.edge.https_port for one in companions.all} == {8443}


async def test_two_files_with_one_name(build: Any, together: Any) -> None:
    with pytest.raises(ConfigError, match=r"one\.cloudfront\.net is a name of the distribution in"):
        await together(build("one"), build("one", file="again"))


KNOWN = [
    ("one.test", True),
    ("a.one.test", True),
    ("two.cloudfront.net", True),
    ("TWO.test", True),
    ("any.localhost", True),
    ("three.test", False),
    ("test", False),
]


async def test_names_to_make_certificates_for(build: Any, together: Any) -> None:
    companions = await together(build("one"), build("two"))
    for name, known in KNOWN:
        assert companions.knows(name) is known, name
