"""CloudFront: "Use signed URLs", "Use signed cookies". botocore signs, and its word is law."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from edgesim.cloudfront.distribution import Behavior
from edgesim.cloudfront.error_pages import error_page
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.origin import Origin
from edgesim.cloudfront.policies import EVERYTHING, CachePolicy, OriginRequestPolicy
from edgesim.cloudfront.signed_access import check_signed, unsigned
from edgesim.errors import Unsigned
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Viewer
from edgesim.live.driver import Driver
from edgesim.live.fast_lane import Begun, answered
from edgesim.live.running import Running
from tests.conftest import World

from .signing import (
    KEY_ID,
    cookies_of,
    ec_key,
    group,
    other_rsa_key,
    rsa_key,
    signature,
    signer,
    when,
)

NOW = 1_767_225_600.0
HOST = "media.example.test"
BASE = f"https://{HOST}"
VIEWER = Viewer("192.0.2.7", 40000, "https")
BEHAVIOR = Behavior("*", Origin("o", host="o.test"), trusted_key_groups=(group(rsa_key()),))


def ask(
    url: str,
    cookie: str = "",
    *,
    viewer: Viewer = VIEWER,
    behavior: Behavior = BEHAVIOR,
    now: float = NOW,
    public_url: str = "",
) -> None:
    """Enter with `url`, which begins with scheme and host."""
    host, _, after = url.partition("://")[2].partition("/")
    lines = [("Host", host)]
    if cookie:
        lines.append(("Cookie", cookie))
    check_signed(behavior, Request("GET", f"/{after}", Headers(lines)), viewer, now, public_url)


def canned(url: str = f"{BASE}/a.mp4", seconds: float = 60, **signing: Any) -> str:
    made = signer(**signing).generate_presigned_url(url, date_less_than=when(NOW + seconds))
    assert isinstance(made, str)
    return made


def custom(
    resource: str = f"{BASE}/*", url: str = f"{BASE}/a.mp4", seconds: float = 60, **conditions: Any
) -> str:
    one = signer()
    policy = one.build_policy(resource, when(NOW + seconds), **conditions)
    made = one.generate_presigned_url(url, policy=policy)
    assert isinstance(made, str)
    return made


LET_IN = [
    (canned(), "a canned policy"),
    (canned(f"{BASE}/a.mp4?size=big&x=1"), "its own query is part of the resource"),
    (canned(f"{BASE}/a b%20c/ü.mp4".replace("ü", "%C3%BC")), "raw, as it was sent"),
    (custom(), "a custom policy with a wildcard"),
    (custom(url=f"{BASE}/a.mp4?x=1"), "a star at the end covers any query"),
    (custom(ip_address="192.0.2.0/24"), "from the right network"),
    (custom(ip_address="192.0.2.7"), "from the right address"),
    (custom(date_greater_than=when(NOW - 1)), "already valid"),
    (canned() + "&Hash-Algorithm=SHA1", "the usual hash, said aloud"),
]


@pytest.mark.parametrize(("url", "why"), LET_IN, ids=[row[1] for row in LET_IN])
def test_what_botocore_signs_gets_in(url: str, why: str) -> None:
    ask(url)


@pytest.mark.parametrize("hash_algorithm", ["SHA1", "SHA256"])
@pytest.mark.parametrize("key", [rsa_key(), ec_key()], ids=["RSA", "ECDSA"])
def test_both_kinds_of_keys_and_both_hashes(key: Any, hash_algorithm: str) -> None:
    behavior = Behavior("*", BEHAVIOR.origin, trusted_key_groups=(group(key),))
    url = canned(key=key, hash_algorithm=hash_algorithm)
    if hash_algorithm == "SHA256":
        with pytest.raises(Unsigned, match="not by K2JCJMDEHXQW5F"):
            ask(url, behavior=behavior)
        url += "&Hash-Algorithm=SHA256"
    ask(url, behavior=behavior)


def test_any_key_of_any_group_may_sign() -> None:
    groups = (group(ec_key()), group(rsa_key(), other_rsa_key()))
    behavior = Behavior("*", BEHAVIOR.origin, trusted_key_groups=groups)
    ask(canned(key=other_rsa_key(), key_id=f"{KEY_ID}2"), behavior=behavior)


def test_parameters_may_come_in_any_order() -> None:
    path, _, query = canned().partition("?")
    ask(f"{path}?{'&'.join(reversed(query.split('&')))}")


def test_signed_cookies() -> None:
    for url in (canned(), custom()):
        cookie = "; ".join(f"{name}={value}" for name, value in cookies_of(url).items())
        ask(f"{BASE}/a.mp4", f"session=1; {cookie}")


def test_a_signed_url_comes_before_signed_cookies() -> None:
    good = "; ".join(f"{name}={value}" for name, value in cookies_of(custom()).items())
    with pytest.raises(Unsigned) as caught:
        ask(f"{BASE}/a.mp4?Expires=1", good)
    assert caught.value.code == "MissingKey", "one of the reserved parameters is enough"


def test_a_behavior_without_key_groups_lets_anybody_in() -> None:
    ask(f"{BASE}/a.mp4?Expires=1", behavior=Behavior("*", BEHAVIOR.origin))


def without(url: str, name: str) -> str:
    path, _, query = url.partition("?")
    return f"{path}?{'&'.join(p for p in query.split('&') if not p.startswith(f'{name}='))}"


def with_(url: str, name: str, value: str) -> str:
    return f"{without(url, name)}&{name}={value}"


def value_of(url: str, name: str) -> str:
    return next(p for p in url.partition("?")[2].split("&") if p.startswith(name)).partition("=")[2]


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode().translate(str.maketrans("+=/", "-_~"))


def signed_text(text: str) -> str:
    """A URL whose policy is `text`, properly signed."""
    made = encoded_bytes(signature(rsa_key(), text.encode()))
    return f"{BASE}/a.mp4?Policy={encoded(text)}&Signature={made}&Key-Pair-Id={KEY_ID}"


def encoded_bytes(data: bytes) -> str:
    return b64encode(data).decode().translate(str.maketrans("+=/", "-_~"))


SIGNATURE = value_of(canned(), "Signature")
FLIPPED = ("A" if SIGNATURE[10] != "A" else "B").join((SIGNATURE[:10], SIGNATURE[11:]))
ONE = '{"Statement":[{%s}]}'
LESS = '"Condition":{"DateLessThan":{"AWS:EpochTime":1767229200}}'
MESSAGES = {
    "AccessDenied": "Access denied",
    "InvalidKey": "Unknown Key",
    "MalformedPolicy": "Malformed Policy",
    "MalformedSignature": "Could not unencode Signature",
    "MissingKey": "Missing Key-Pair-Id query parameter or cookie value",
    "MissingPolicy": "Missing Policy query parameter or cookie value",
    "MissingSignature": "Missing Signature query parameter or cookie value",
}

TAMPERED = [
    # url                                                 code, why
    (f"{BASE}/a.mp4", "MissingKey", "nothing signed"),
    (f"{BASE}/a.mp4?x=1", "MissingKey", "nothing signed"),
    (without(canned(), "Key-Pair-Id"), "MissingKey", "no key"),
    (with_(canned(), "Key-Pair-Id", "K1"), "InvalidKey", "a key nobody trusts"),
    (without(canned(), "Signature"), "MissingSignature", "no signature"),
    (without(canned(), "Expires"), "MissingPolicy", "no policy of either kind"),
    (with_(canned(), "Signature", "%%%"), "MalformedSignature", "no base64"),
    (with_(canned(), "Signature", "a+b="), "MalformedSignature", "the other base64"),
    (with_(canned(), "Signature", "abc"), "MalformedSignature", "cut short"),
    (with_(canned(), "Signature", FLIPPED), "AccessDenied", "another signature"),
    (with_(canned(), "Expires", f"{NOW + 6000:.0f}"), "AccessDenied", "a longer life"),
    (with_(canned(), "Expires", "soon"), "MalformedPolicy", "no number"),
    (canned().replace("a.mp4", "b.mp4"), "AccessDenied", "another file"),
    (canned() + "&x=1", "AccessDenied", "a parameter added"),
    (canned(f"{BASE}/a.mp4?x=1").replace("x=1", "x=2"), "AccessDenied", "one changed"),
    (canned(f"http://{HOST}/a.mp4"), "AccessDenied", "signed for another scheme"),
    (
        canned("https://other.test/a.mp4").replace("other.test", HOST),
        "AccessDenied",
        "for another host",
    ),
    (canned(seconds=-1), "AccessDenied", "expired"),
    (canned(seconds=0), "AccessDenied", "expires now"),
    (canned(key=other_rsa_key()), "AccessDenied", "by somebody else"),
    (with_(canned(), "Hash-Algorithm", "MD5"), "AccessDenied", "a hash that is none of the two"),
    (with_(canned(), "Hash-Algorithm", "SHA256"), "AccessDenied", "another hash than was used"),
    (custom(seconds=-1), "AccessDenied", "expired"),
    (custom(date_greater_than=when(NOW + 10)), "AccessDenied", "not yet valid"),
    (custom(ip_address="198.51.100.0/24"), "AccessDenied", "from elsewhere"),
    (custom(resource=f"{BASE}/b*"), "AccessDenied", "another resource"),
    (custom(resource="http://*"), "AccessDenied", "another scheme"),
    (with_(custom(), "Policy", "$"), "MalformedPolicy", "no base64"),
    (with_(custom(), "Policy", encoded("{")), "MalformedPolicy", "no JSON"),
    (with_(custom(), "Policy", encoded('{"Statement":[]}')), "MalformedPolicy", "no statement"),
    (
        with_(custom(), "Policy", value_of(custom(seconds=9000), "Policy")),
        "AccessDenied",
        "the policy of another URL",
    ),
    (signed_text("[]"), "MalformedPolicy", "no object"),
    (signed_text(f'{{"Statement":[{{{LESS}}},{{{LESS}}}]}}'), "MalformedPolicy", "two statements"),
    (signed_text('{"Statement":[{"Condition":{}}]}'), "MalformedPolicy", "no end"),
    (
        signed_text(ONE % '"Condition":{"DateLessThan":{"AWS:EpochTime":"1767229200"}}'),
        "MalformedPolicy",
        "a text for a number",
    ),
    (signed_text(f'{{"Statement":[{{"Resource":1,{LESS}}}]}}'), "MalformedPolicy", "no text"),
    (
        signed_text(ONE % f'{LESS[:-1]},"IpAddress":{{"AWS:SourceIp":"2001:db8::/32"}}}}'),
        "MalformedPolicy",
        "IPv6 is not supported",
    ),
    (custom(ip_address="0.0.0.0/0") + "&Signature=x", "", "the first of two counts"),
    (signed_text(f'{{"Statement":[{{{LESS}}}]}}'), "", "without a Resource, any file"),
]


@pytest.mark.parametrize(("url", "code", "why"), TAMPERED, ids=[row[2] for row in TAMPERED])
def test_tampering(url: str, code: str, why: str) -> None:
    if not code:
        ask(url)
        return
    with pytest.raises(Unsigned) as caught:
        ask(url)
    page = error_page(caught.value, "id")
    assert page.status == 403
    assert page.headers.get("content-type") == "text/xml"
    assert (
        page.body
        == (
            f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code>'
            f"<Message>{MESSAGES[code]}</Message></Error>"
        ).encode()
    ), why


def test_a_range_of_addresses_is_for_ipv4_alone() -> None:
    url = custom(ip_address="0.0.0.0/0")
    ask(url, viewer=Viewer("::ffff:192.0.2.7", 1, "https"))
    for ip in ("2001:db8::1", "fe80::1%eth0", ""):
        with pytest.raises(Unsigned, match="for viewers from"):
            ask(url, viewer=Viewer(ip, 1, "https"))


def test_what_was_signed_for_production_gets_in_here() -> None:
    """With `public_url`, for the signer knows nothing of a port on this machine."""
    url = canned().replace(BASE, "http://127.0.0.1:8080")
    viewer = Viewer("127.0.0.1", 1, "http")
    ask(url, viewer=viewer, public_url=BASE)
    with pytest.raises(Unsigned, match=r"with SHA1, .*http://127\.0\.0\.1:8080/a"):
        ask(url, viewer=viewer)


STRIPPED = [
    ("/a?Expires=1&Signature=b&Key-Pair-Id=c", "/a", "the question mark too"),
    ("/a?x=1&Expires=1&y=2&Policy=p&Hash-Algorithm=SHA1", "/a?x=1&y=2", "in their order"),
    ("/a?expires=1", "/a?expires=1", "names have case"),
    ("/a", "/a", "nothing to take off"),
]


@pytest.mark.parametrize(("target", "expected", "why"), STRIPPED)
def test_unsigned(target: str, expected: str, why: str) -> None:
    assert unsigned(BEHAVIOR, Request("GET", target)).target == expected, why
    open_to_all = Behavior("*", BEHAVIOR.origin)
    assert unsigned(open_to_all, Request("GET", target)).target == target, "not signed: not ours"


@pytest.fixture
def private_world() -> Callable[..., World]:
    def make(**settings: Any) -> World:
        policy = CachePolicy(query=EVERYTHING)
        orp = OriginRequestPolicy(query=EVERYTHING)
        return World(
            policy=policy,
            origin_request_policy=orp,
            trusted_key_groups=(group(rsa_key()),),
            **settings,
        )

    return make


def signed_target(world: World, seconds: float = 60) -> str:
    url = "https://www.example.test/a?x=1"
    made = signer().generate_presigned_url(url, date_less_than=when(world.sim.now + seconds))
    return str(made).removeprefix("https://www.example.test")


def test_neither_the_cache_nor_the_origin_sees_the_signature(
    private_world: Callable[..., World],
) -> None:
    world, viewer = private_world(), Viewer(scheme="https")
    for seconds in (60, 90):
        assert world.get(signed_target(world, seconds), viewer=viewer).response.status == 200
    assert [one.target for one in world.origin.requests] == ["/a?x=1"], "two URLs, one page"


def test_a_viewer_request_function_sees_the_whole_url(private_world: Callable[..., World]) -> None:
    seen = []

    def look(event: Any) -> Any:
        request = event["Records"][0]["cf"]["request"]
        seen.append(request["querystring"])
        return request

    world = private_world(functions={Trigger.VIEWER_REQUEST: look})
    target = signed_target(world)
    world.get(target, viewer=Viewer(scheme="https"))
    assert seen == [target.partition("?")[2]]
    assert world.origin.last().target == "/a?x=1"


def test_what_is_stored_is_for_the_signed_alone(private_world: Callable[..., World]) -> None:
    """Also where the very same bytes were answered a moment ago."""
    world = private_world()
    world.origin.headers = {"Cache-Control": "max-age=3600"}
    viewer = Viewer(scheme="https")
    target = signed_target(world, 60)
    world.get(target, viewer=viewer)
    running = Running(world.edge, Driver(None, None))  # type: ignore[arg-type]  # virtual time
    head = f"GET {target} HTTP/1.1\r\nHost: www.example.test\r\n\r\n".encode()

    def status() -> int:
        outcome = answered(running, head, viewer, "id")
        assert outcome is not None
        assert not isinstance(outcome, Begun)
        return outcome.served.response.status

    world.pass_time(59.7)
    assert status() == 200
    assert status() == 200
    world.pass_time(0.25)  # it expires in between, and is as many whole seconds old as before
    assert status() == 403
