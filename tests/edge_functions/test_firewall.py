from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from edgesim.cloudfront.function import Trigger
from edgesim.http.message import Request, Response

from .examples import asked, example, get

FIREWALL = example("firewall")
OTHER = "198.51.100.1"


@pytest.fixture(autouse=True)
def no_counts() -> Iterator[None]:
    FIREWALL._counts.clear()
    yield
    FIREWALL._counts.clear()


def ask(request: Request, ip: str = OTHER) -> Any:
    return asked(FIREWALL, Trigger.VIEWER_REQUEST, request, ip=ip)


RULES = [
    (get("/"), OTHER, None, "an ordinary request"),
    (get("/search?q=select+a+union"), OTHER, None, "words that mean nothing bad"),
    (get("/a.phpx"), OTHER, None, "not that extension"),
    (get("/git/env"), OTHER, None, "names without a dot"),
    (get("/"), "203.0.113.9", "network", "a network that gets nothing"),
    (get("/.git/config"), OTHER, "path", "a repository"),
    (get("/a/.env"), OTHER, "path", "secrets"),
    (get("/%2eGit/config"), OTHER, "path", "encoded"),
    (get("/%252egit/config"), OTHER, "path", "encoded twice"),
    (get("/wp-login.php"), OTHER, "path", "another's software"),
    (get("/?q=%3Cscript%3E"), OTHER, "text", "a script in the query"),
    (get("/?q=1+UNION+SELECT+2"), OTHER, "text", "SQL in the query"),
    (get("/a%2F..%2F..%2Fetc"), OTHER, "text", "the way up"),
    (get("/", ("User-Agent", "sqlmap/1.8")), OTHER, "agent", "a tool"),
]


@pytest.mark.parametrize(("request_", "ip", "rule", "why"), RULES)
def test_deny_rules(
    request_: Request, ip: str, rule: str | None, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = ask(request_, ip)
    if rule is None:
        assert answer == request_, why
        return
    assert isinstance(answer, Response), why
    assert (answer.status, answer.body) == (403, b"Request blocked.")
    assert capsys.readouterr().out.endswith(f": {rule}\n")


def test_a_list_of_those_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FIREWALL, "ALLOWED_NETWORKS", [ip_network("2001:db8::/32")])
    assert ask(get("/"), "2001:db8::1") == get("/")
    assert ask(get("/"), OTHER).status == 403


def test_the_rate_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(FIREWALL.time, "time", lambda: now[0])
    for _ in range(FIREWALL.REQUESTS):
        assert ask(get("/")) == get("/")
    now[0] += 4
    slowed = ask(get("/"))
    assert slowed.status == 429
    assert slowed.headers.get("retry-after") == "6"
    assert ask(get("/"), "198.51.100.2") == get("/"), "others are not slowed"
    now[0] += 6
    assert ask(get("/")) == get("/"), "a new window"


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FIREWALL, "ADDRESSES", 3)
    for last in range(5):
        ask(get("/"), f"198.51.100.{last}")
    assert list(FIREWALL._counts) == [f"198.51.100.{last}" for last in (2, 3, 4)]
