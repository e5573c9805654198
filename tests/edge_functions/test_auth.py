"""Signing in: which tokens and cookies are believed, and the way from a page to itself.

What is believed is tried on one function with a key server of the test's own, the way on a live
edge with the demo's identity provider; tests/browser/test_login.py is the same in a browser.
What a CloudFront Function does too has its tests in both languages.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from edgesim.bundled import bundled
from edgesim.cloudfront.function import Function
from edgesim.config.deployment import Deployment
from edgesim.config.resolve import load
from edgesim.http.message import Response
from edgesim.runtimes.inline_code import load_inline
from edgesim.testing.alone import EdgeFunction, FunctionAlone, Outcome
from edgesim.testing.edge import VirtualEdge
from edgesim.testing.server import EdgeServer
from edgesim.testing.soundness import assert_sound
from tests.origins.programs import CHECKOUT, running

from .examples import loaded
from .stored import ROOT, guarding, refilled

EXAMPLE = bundled("edge_functions") / "python/auth"
IDENTITY_PROVIDER = str(CHECKOUT / "origins/identity_provider/server.py")
API = "https://api.example.com"
KEY = "a key of thirty-two bytes for us"
SESSION_KEY = base64.b64encode(KEY.encode()).decode()
TOKEN_KEY = "another one, for tokens, as long"
ANYBODY_SIGNED_IN: dict[str, list[str]] = {"/members": []}
ACCESS_RULES = {"/public": None, "/members/staff": ["staff", "owners"]}
LIVE = """
[origins.app]
url = "ORIGIN"

[functions.auth]
code = "."
timeout_s = 5

[default_behavior]
origin = "app"
cache_policy = "CachingDisabled"
origin_request_policy = "AllViewerExceptHostHeader"
allowed_methods = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
viewer_request = "auth"
"""


def copied(folder: Path, **changed: Any) -> Path:
    """The example with settings of the test's own."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "settings.json"
    settings = {**json.loads(file.read_text()), "session_keys": {"test": SESSION_KEY}, **changed}
    file.write_text(json.dumps(settings))
    return folder


module = partial(loaded, "auth")
"""One of the example's modules."""


# Keys and a server that publishes them

RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
WEAK_KEY = rsa.generate_private_key(65537, 1024)
THEIR_KEY = rsa.generate_private_key(65537, 2048)
P384_KEY = ec.generate_private_key(ec.SECP384R1())


def public_jwk(key: Any, algorithm: str, kid: str, **more: str) -> dict[str, Any]:
    made = json.loads(jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key()))
    return {**made, "kid": kid, "use": "sig", **more}


PUBLISHED = [
    public_jwk(RSA_KEY, "RS256", "rsa", alg="RS256"),
    public_jwk(EC_KEY, "ES256", "ec"),
    public_jwk(WEAK_KEY, "RS256", "weak"),
    public_jwk(P384_KEY, "ES384", "p384"),
    public_jwk(RSA_KEY, "RS256", "for-encryption", use="enc"),
    public_jwk(RSA_KEY, "RS256", "rs512", alg="RS512"),
    {
        "kty": "oct",
        "kid": "oct",
        "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA",
        "use": "sig",
    },
    {"kty": "RSA", "kid": "torn", "use": "sig", "n": "AQAB"},
]


@dataclass
class KeyServer:
    port: int
    keys: list[dict[str, Any]]
    id_token: str | None = None
    """What the token endpoint answers."""
    exchanged: list[tuple[str | None, dict[str, list[str]]]] = field(default_factory=list)
    """What it was asked: the authorization, the form."""

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def key_server() -> Iterator[KeyServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            described = {
                "issuer": there.issuer,
                "jwks_uri": f"{there.issuer}/jwks",
                "authorization_endpoint": f"{there.issuer}/authorize",
                "token_endpoint": f"{there.issuer}/token",
            }
            self.send_response(200)
            self.end_headers()
            said = {"keys": there.keys} if self.path == "/jwks" else described
            self.wfile.write(json.dumps(said).encode())

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            there.exchanged.append((self.headers["Authorization"], parse_qs(form)))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"id_token": there.id_token}).encode())

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        there = KeyServer(listening.server_address[1], list(PUBLISHED))
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield there
        listening.shutdown()
        thread.join()


@pytest.fixture
def auth(edge_function: EdgeFunction, key_server: KeyServer, tmp_path: Path) -> FunctionAlone:
    folder = copied(tmp_path / "auth", issuer=key_server.issuer, access=ACCESS_RULES)
    return edge_function(folder, "viewer-request", runtime="python3.12")


@pytest.fixture(params=["python", "cloudfront"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def guard(
    language: str, request: pytest.FixtureRequest, key_server: KeyServer, tmp_path: Path
) -> FunctionAlone:
    """What stands before the pages, in each language."""
    if language == "cloudfront":
        return guarding(in_javascript(tmp_path / "javascript", key_server.issuer), "auth")
    auth: FunctionAlone = request.getfixturevalue("auth")
    return auth


def in_javascript(folder: Path, issuer: str, access: Any = None) -> Path:
    """The CloudFront Function with the same keys and rules."""
    store = {
        "session.example": None,
        "session.test": KEY,
        "token.test": TOKEN_KEY,
        "access": access or ACCESS_RULES,
        "api": {"issuer": issuer, "audience": API},
    }
    return refilled("auth", folder, store)


# Tokens


def claims(issuer: str, **changed: Any) -> dict[str, Any]:
    """Times are seconds from now: the suite may have been running for minutes."""
    now = int(time.time())
    made: dict[str, Any] = {"iss": issuer, "aud": API, "sub": "ada", "iat": 0, "exp": 300}
    made = {**made, "groups": ["staff"], **changed}
    for name in ("iat", "nbf", "exp"):
        if isinstance(made.get(name), int):
            made[name] += now
    return {name: value for name, value in made.items() if value is not None}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def assembled(header: dict[str, Any], payload: dict[str, Any], signature: bytes = b"") -> str:
    return ".".join(
        [b64(json.dumps(header).encode()), b64(json.dumps(payload).encode()), b64(signature)]
    )


def hs256(header: dict[str, Any], payload: dict[str, Any], secret: bytes) -> str:
    unsigned = assembled(header, payload).rpartition(".")[0]
    return f"{unsigned}.{b64(hmac.digest(secret, unsigned.encode(), 'sha256'))}"


def signed(
    payload: dict[str, Any], *, key: Any = RSA_KEY, alg: str = "RS256", **header: Any
) -> str:
    return jwt.encode(payload, key, alg, headers={"kid": "rsa", **header})


def ec_signed(payload: dict[str, Any]) -> str:
    return signed(payload, key=EC_KEY, alg="ES256", kid="ec")


PEM = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
DER = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
)
THEIR_JWK = public_jwk(THEIR_KEY, "RS256", "rsa")


def der_signature(payload: dict[str, Any]) -> str:
    """ES256 with the signature as OpenSSL writes it, not as JWS has it."""
    head, body, raw = ec_signed(payload).split(".")
    data = base64.urlsafe_b64decode(raw + "==")
    der = encode_dss_signature(int.from_bytes(data[:32], "big"), int.from_bytes(data[32:], "big"))
    return f"{head}.{body}.{b64(der)}"


def weakly_signed(payload: dict[str, Any]) -> str:
    """By a key that PyJWT itself would warn of."""
    unsigned = assembled({"alg": "RS256", "kid": "weak"}, payload).rpartition(".")[0]
    return (
        f"{unsigned}.{b64(WEAK_KEY.sign(unsigned.encode(), padding.PKCS1v15(), hashes.SHA256()))}"
    )


def other_body(token: str, payload: dict[str, Any]) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{b64(json.dumps(payload).encode())}.{signature}"


Make = Callable[[dict[str, Any]], str]


def by_secret(payload: dict[str, Any], **header: Any) -> str:
    """As the CloudFront Function wants it, which can verify nothing else."""
    given = {"alg": "HS256", "typ": "JWT", "kid": "test", **header}
    return hs256(given, payload, TOKEN_KEY.encode())


@pytest.fixture
def genuine(language: str) -> Make:
    return signed if language == "python" else by_secret


BELIEVED: list[tuple[str, Make, dict[str, Any]]] = [
    ("RS256", signed, {}),
    ("ES256, its key without alg", ec_signed, {}),
    ("an access token as RFC 9068 has it", lambda c: signed(c, typ="at+jwt"), {}),
    ("the media type in full", lambda c: signed(c, typ="application/AT+JWT"), {}),
    ("one of several audiences", signed, {"aud": ["https://else.test", API]}),
    ("the provider's clock is ahead", signed, {"iat": 40, "nbf": 40}),
    ("ours is ahead", signed, {"exp": -20}),
]


@pytest.mark.parametrize(("what", "make", "changed"), BELIEVED, ids=[row[0] for row in BELIEVED])
def test_a_good_token_is_believed(
    guard: FunctionAlone,
    language: str,
    key_server: KeyServer,
    what: str,
    make: Callable[..., str],
    changed: dict[str, Any],
) -> None:
    make = BY_SECRET.get(what, by_secret) if language == "cloudfront" else make
    token = make(claims(key_server.issuer, **changed))
    request = guard("/members/staff", headers={"Authorization": f"Bearer {token}"}).request
    assert request.headers.get("x-auth-user") == "ada"
    assert request.headers.get("x-auth-groups") == "staff"


BY_SECRET: dict[str, Make] = {
    "an access token as RFC 9068 has it": lambda c: by_secret(c, typ="at+jwt"),
    "the media type in full": lambda c: by_secret(c, typ="application/AT+JWT"),
}
"""How the CloudFront Function is given the tokens of those rows that are about the header."""

FORGED: list[tuple[str, Make]] = [
    # alg: RFC 8725 section 2.1
    ("no signature: none", lambda c: assembled({"alg": "none", "kid": "rsa"}, c)),
    ("none in other letters", lambda c: assembled({"alg": "nOnE", "kid": "rsa"}, c)),
    ("none with a signature", lambda c: assembled({"alg": "none", "kid": "rsa"}, c, b"x" * 256)),
    ("RS256 without a signature", lambda c: assembled({"alg": "RS256", "kid": "rsa"}, c)),
    ("the PEM as an HS256 secret", lambda c: hs256({"alg": "HS256", "kid": "rsa"}, c, PEM)),
    (
        "the PEM without its last line end",
        lambda c: hs256({"alg": "HS256", "kid": "rsa"}, c, PEM[:-1]),
    ),
    ("the DER as an HS256 secret", lambda c: hs256({"alg": "HS256", "kid": "rsa"}, c, DER)),
    (
        "n as an HS256 secret",
        lambda c: hs256({"alg": "HS256", "kid": "rsa"}, c, PUBLISHED[0]["n"].encode()),
    ),
    ("HS256 with an empty secret", lambda c: hs256({"alg": "HS256", "kid": "rsa"}, c, b"")),
    (
        "HS256 with a secret that is published by mistake",
        lambda c: hs256({"alg": "HS256", "kid": "oct"}, c, b"secret-secret-secret-secret-secret"),
    ),
    ("another hash than the key is for", lambda c: signed(c, alg="RS512")),
    ("PS256 with the RSA key", lambda c: signed(c, alg="PS256")),
    ("RS256 with the id of the EC key", lambda c: signed(c, kid="ec")),
    ("ES256 with the id of the RSA key", lambda c: signed(c, key=EC_KEY, alg="ES256")),
    ("a key that is for RS512", lambda c: signed(c, kid="rs512")),
    ("a key that is for encryption", lambda c: signed(c, kid="for-encryption")),
    ("an RSA key of 1,024 bits", weakly_signed),
    ("a curve we do not take", lambda c: signed(c, key=P384_KEY, alg="ES384", kid="p384")),
    ("no alg at all", lambda c: assembled({"kid": "rsa"}, c, b"x" * 256)),
    ("alg that is no text", lambda c: assembled({"alg": ["RS256"], "kid": "rsa"}, c, b"x" * 256)),
    # signatures
    ("somebody else's key", lambda c: signed(c, key=THEIR_KEY)),
    ("another body under a good signature", lambda c: other_body(signed(c), {**c, "sub": "root"})),
    ("ES256 with r = s = 0", lambda c: assembled({"alg": "ES256", "kid": "ec"}, c, b"\0" * 64)),
    ("ES256 with no bytes", lambda c: assembled({"alg": "ES256", "kid": "ec"}, c)),
    ("ES256 in DER", der_signature),
    ("a bit less", lambda c: signed(c)[:-6]),
    # where the key is: RFC 8725 section 2.10
    ("its own key in jwk", lambda c: signed(c, key=THEIR_KEY, jwk=THEIR_JWK)),
    ("its own key behind jku", lambda c: signed(c, key=THEIR_KEY, jku="http://evil.test/jwks")),
    ("its own key behind x5u", lambda c: signed(c, key=THEIR_KEY, x5u="http://evil.test/x")),
    ("its own certificate in x5c", lambda c: signed(c, key=THEIR_KEY, x5c=["MIIB"])),
    ("an unknown key", lambda c: signed(c, kid="new")),
    ("a key id that is a path", lambda c: hs256({"alg": "HS256", "kid": "../../dev/null"}, c, b"")),
    ("a key id that is SQL", lambda c: signed(c, key=THEIR_KEY, kid="x' UNION SELECT 'k'--")),
    ("an empty key id", lambda c: signed(c, kid="")),
    ("a key id that is no text", lambda c: assembled({"alg": "RS256", "kid": {"a": 1}}, c, b"x")),
    ("a torn key", lambda c: signed(c, kid="torn")),
    # other kinds: RFC 8725 section 3.11, RFC 7515 section 4.1.11
    ("a logout token", lambda c: signed(c, typ="logout+jwt")),
    ("a DPoP proof", lambda c: signed(c, typ="dpop+jwt")),
    ("a demand we do not know", lambda c: signed(c, crit=["http://evil.test/x"])),
    ("five parts, encrypted", lambda c: signed(c) + ".x.y"),
    ("two parts", lambda c: signed(c).rpartition(".")[0]),
    ("a header that is a list", lambda c: f"{b64(b'[]')}.{b64(json.dumps(c).encode())}.eA"),
    ("a body that is a list", lambda c: f"{signed(c).split('.')[0]}.{b64(b'[]')}.eA"),
    ("no token", lambda c: ""),
    ("no Base64", lambda c: "%%%.%%%.%%%"),
    ("a very long one", lambda c: signed({**c, "pad": "x" * 9000})),
    ("a very deep one", lambda c: f"{b64(b'[' * 3000)}.e30.eA"),
]


@pytest.mark.parametrize(("what", "make"), FORGED, ids=[row[0] for row in FORGED])
def test_a_forged_token_is_refused(
    guard: FunctionAlone, key_server: KeyServer, what: str, make: Make
) -> None:
    refused(guard, make(claims(key_server.issuer)))


FORGED_BY_SECRET: list[tuple[str, Make]] = [
    ("none", lambda c: assembled({"alg": "none", "kid": "test"}, c)),
    ("none under a good signature", lambda c: by_secret(c, alg="none")),
    ("another hash than ours", lambda c: by_secret(c, alg="HS512")),
    ("in other letters", lambda c: by_secret(c, alg="hs256")),
    ("no signature", lambda c: assembled({"alg": "HS256", "kid": "test"}, c)),
    ("no third part", lambda c: by_secret(c).rpartition(".")[0]),
    ("a bit less", lambda c: by_secret(c)[:-1]),
    ("a bit more", lambda c: by_secret(c) + "A"),
    ("an empty secret", lambda c: hs256({"alg": "HS256", "kid": "test"}, c, b"")),
    ("another body under a good signature", lambda c: other_body(by_secret(c), {**c, "sub": "r"})),
    (
        "a key that is for sessions",
        lambda c: hs256({"alg": "HS256", "kid": "test"}, c, KEY.encode()),
    ),
    ("an unknown key", lambda c: by_secret(c, kid="new")),
    ("no key", lambda c: hs256({"alg": "HS256"}, c, TOKEN_KEY.encode())),
    ("another entry of the store", lambda c: by_secret(c, kid="../access")),
    ("a key id that is no text", lambda c: by_secret(c, kid=["test"])),
    ("a logout token", lambda c: by_secret(c, typ="logout+jwt")),
    ("a kind that is no text", lambda c: by_secret(c, typ={"a": 1})),
    ("a demand we do not know", lambda c: by_secret(c, crit=["b64"])),
    ("a header that is null", lambda c: f"{b64(b'null')}.e30.eA"),
    ("a very long one", lambda c: by_secret({**c, "pad": "x" * 9000})),
]


@pytest.mark.parametrize(
    ("what", "make"), FORGED_BY_SECRET, ids=[row[0] for row in FORGED_BY_SECRET]
)
def test_a_forged_token_of_the_other_kind_is_refused(
    guard: FunctionAlone, key_server: KeyServer, what: str, make: Make
) -> None:
    refused(guard, make(claims(key_server.issuer)))


MEANT_OTHERWISE: list[tuple[str, dict[str, Any]]] = [
    ("expired longer ago than clocks differ", {"exp": -120}),
    ("without an end", {"exp": None}),
    ("an end that is no number", {"exp": "never"}),
    ("an end beyond numbers", {"exp": float("inf")}),
    ("not yet", {"nbf": 900}),
    ("made in the future", {"iat": 900}),
    ("without a beginning", {"iat": None}),
    ("another provider", {"iss": "https://evil.test"}),
    ("a provider of a longer name", {"iss": "http://127.0.0.1:80910"}),
    ("no provider", {"iss": None}),
    ("for somebody else", {"aud": "https://else.test"}),
    ("for the login alone: an ID token", {"aud": "edge-demo"}),
    ("for nobody", {"aud": []}),
    ("without an audience", {"aud": None}),
    ("about nobody", {"sub": ""}),
    ("without a subject", {"sub": None}),
    ("groups that are no list", {"groups": "staff"}),
    ("groups that are no names", {"groups": [["staff"]]}),
]


@pytest.mark.parametrize(
    ("what", "changed"), MEANT_OTHERWISE, ids=[row[0] for row in MEANT_OTHERWISE]
)
def test_a_genuine_token_that_means_something_else_is_refused(
    guard: FunctionAlone, genuine: Make, key_server: KeyServer, what: str, changed: dict[str, Any]
) -> None:
    refused(guard, genuine(claims(key_server.issuer, **changed)))


def test_the_readme_counts_these_rows() -> None:
    said = f"{len(FORGED)} forgeries and {len(MEANT_OTHERWISE)} genuine tokens"
    assert said in " ".join((EXAMPLE / "README.md").read_text().split())


def refused(auth: FunctionAlone, token: str) -> None:
    outcome = auth("/members", headers={"Authorization": f"Bearer {token}"})
    assert outcome.response.status == 401, outcome.log
    assert outcome.response.headers.get("www-authenticate") == 'Bearer error="invalid_token"'
    assert outcome.response.headers.get("cache-control") == "no-store"
    assert "refused a token: " in outcome.log, "the log says why, the viewer is not told"


def test_two_authorizations_are_none(
    guard: FunctionAlone, genuine: Make, key_server: KeyServer
) -> None:
    good = f"Bearer {genuine(claims(key_server.issuer))}"
    outcome = guard("/members", headers=[("Authorization", good), ("Authorization", "Bearer x")])
    assert outcome.response.status == 401


def test_a_token_without_the_group_is_not_enough(
    guard: FunctionAlone, genuine: Make, key_server: KeyServer
) -> None:
    token = genuine(claims(key_server.issuer, groups=["guests"]))
    answer = guard("/members/staff/rota", headers={"Authorization": f"Bearer {token}"}).response
    assert answer.status == 403
    assert answer.headers.get("www-authenticate") == 'Bearer error="insufficient_scope"'


# The key set: cached, rotated, outlived


class Asked:
    """What a provider is asked, in time of our own."""

    def __init__(self) -> None:
        self.now, self.down = 1_000_000.0, False
        self.keys = [PUBLISHED[0]]
        self.times = 0
        library = module("provider")
        self.error = library.ProviderError
        self.provider = library.Provider("https://id.test", self.ask, lambda: self.now)

    def ask(self, address: str, form: object = None, headers: object = None) -> dict[str, Any]:
        if self.down:
            raise self.error("down")
        if address.endswith("/openid-configuration"):
            return {"issuer": "https://id.test", "jwks_uri": "https://id.test/jwks"}
        self.times += 1
        return {"keys": self.keys}

    def knows(self, kid: str) -> bool:
        return self.provider.key(kid) is not None


def test_keys_are_asked_for_once_an_hour() -> None:
    asked = Asked()
    for _ in range(100):
        assert asked.knows("rsa")
        asked.now += 36
    assert asked.times == 1
    asked.now += 1
    assert asked.knows("rsa")
    assert asked.times == 2


def test_a_new_key_is_found_at_once_and_an_old_one_given_up() -> None:
    asked = Asked()
    assert asked.knows("rsa")
    asked.now += 60
    asked.keys = [PUBLISHED[1]]
    assert asked.knows("ec"), "its tokens are good from the moment of rotation"
    assert not asked.knows("rsa")


def test_invented_key_ids_do_not_become_requests() -> None:
    asked = Asked()
    assert asked.knows("rsa")
    for number in range(600):
        asked.now += 0.1
        assert not asked.knows(f"invented-{number}")
    assert asked.times == 2, "60 seconds: one more than the first"


def test_known_keys_outlive_their_provider_for_a_day() -> None:
    asked = Asked()
    assert asked.knows("rsa")
    asked.down = True
    asked.now += 23 * 3600
    assert asked.knows("rsa")
    asked.now += 2 * 3600
    with pytest.raises(asked.error):
        asked.knows("rsa")
    asked.down = False
    assert asked.knows("rsa")


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"issuer": "https://evil.test"}, "calls itself"),
        ({"issuer": "https://id.test", "jwks_uri": "http://id.test/jwks"}, "no https"),
        ({"issuer": "https://id.test", "jwks_uri": "file:///etc/passwd"}, "no https"),
        ({"issuer": "https://id.test"}, "no https"),
    ],
)
def test_a_description_that_cannot_be_trusted(document: dict[str, str], why: str) -> None:
    library = module("provider")
    provider = library.Provider("https://id.test", lambda *asked: document)
    with pytest.raises(library.ProviderError, match=why):
        provider.key("rsa")


def test_a_provider_that_is_away_is_a_503(edge_function: EdgeFunction, tmp_path: Path) -> None:
    folder = copied(tmp_path / "auth", issuer="http://127.0.0.1:9")
    alone = edge_function(folder, "viewer-request", runtime="python3.12")
    answer = navigated(alone, "/members").response
    assert (answer.status, answer.headers.get("retry-after")) == (503, "5")
    assert (
        alone("/members", headers={"Authorization": f"Bearer {signed({})}"}).response.status == 503
    )


# Cookies

KEYS = {"two": base64.b64encode(b"2" * 32).decode(), "one": base64.b64encode(b"1" * 32).decode()}


def test_a_signed_value_comes_back_until_it_ends() -> None:
    signer = module("cookies").Signer(KEYS)
    text = signer.signed("session", {"sub": "ada"}, 100)
    assert signer.opened("session", text, 99.9) == {"sub": "ada"}
    assert signer.opened("session", text, 100) is None
    assert signer.opened("login", text, 0) is None, "made for something else"


def test_no_character_of_it_can_be_changed() -> None:
    signer = module("cookies").Signer(KEYS)
    text = signer.signed("session", {"sub": "ada"}, 100)
    for at, character in enumerate(text):
        changed = text[:at] + ("A" if character != "A" else "B") + text[at + 1 :]
        assert signer.opened("session", changed, 0) is None, at
    for broken in ("", ".", "..", "two", text + "A", text[:-1], "é" + text, text.upper()):
        assert signer.opened("session", broken, 0) is None, broken


def test_keys_rotate_without_signing_anybody_out() -> None:
    library = module("cookies")
    old = library.Signer({"one": KEYS["one"]}).signed("session", 1, 100)
    both = library.Signer(KEYS)
    assert both.opened("session", old, 0) == 1
    assert both.signed("session", 1, 100).startswith("two.")
    assert library.Signer({"two": KEYS["two"]}).opened("session", old, 0) is None


def test_a_short_key_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        module("cookies").Signer({"one": base64.b64encode(b"short").decode()})


# The way in, piece by piece

BROWSER = {"Accept": "text/html,*/*;q=0.8", "Sec-Fetch-Mode": "navigate"}


def navigated(auth: FunctionAlone, url: str, **headers: str) -> Outcome:
    return auth(url, headers={**BROWSER, **headers})


def test_a_browser_is_sent_to_the_provider(auth: FunctionAlone, key_server: KeyServer) -> None:
    answer = navigated(auth, "/members/orders?page=2").response
    assert (answer.status, answer.headers.get("cache-control")) == (302, "no-store")
    location = answer.headers.get("location") or ""
    assert location.startswith(f"{key_server.issuer}/authorize?")
    query = parse_qs(urlsplit(location).query)
    assert query["redirect_uri"] == ["https://www.example.test/auth/callback"]
    assert (query["response_type"], query["code_challenge_method"]) == (["code"], ["S256"])
    (set_cookie,) = answer.headers.all("set-cookie")
    assert set_cookie.startswith(f"__Host-login-{query['state'][0][:8]}=")
    for attribute in ("Path=/", "Max-Age=600", "HttpOnly", "SameSite=Lax", "Secure"):
        assert f"; {attribute}" in set_cookie
    attempt = read(set_cookie)
    verifier = hashlib.sha256(attempt["verifier"].encode()).digest()
    assert query["code_challenge"] == [b64(verifier)]
    assert (query["nonce"], attempt["back"]) == ([attempt["nonce"]], "/members/orders?page=2")


def read(set_cookie: str) -> Any:
    payload = set_cookie.split("=", 1)[1].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=="))[1]


def test_no_two_logins_have_a_secret_in_common(auth: FunctionAlone) -> None:
    tries = [read(navigated(auth, "/m").response.headers.all("set-cookie")[0]) for _ in range(20)]
    for secret in ("state", "nonce", "verifier"):
        assert len({one[secret] for one in tries}) == 20


@pytest.mark.parametrize(
    ("method", "headers", "why"),
    [
        ("POST", BROWSER, "a form would be lost"),
        ("GET", {"Accept": "*/*"}, "a program"),
        ("GET", {"Accept": "text/html", "Sec-Fetch-Mode": "cors"}, "a script of the page"),
        ("GET", {"Sec-Fetch-Mode": "no-cors"}, "a picture"),
        ("GET", {"Authorization": "Basic dXNlcjpwYXNz"}, "another scheme"),
    ],
)
def test_what_shows_no_page_is_told(
    guard: FunctionAlone, method: str, headers: dict[str, str], why: str
) -> None:
    answer = guard("/members", method=method, headers=headers).response
    assert (answer.status, answer.headers.get("www-authenticate")) == (401, "Bearer"), why
    assert answer.headers.all("set-cookie") == []


ACCESS = [
    # path, groups that get in (None: anybody), why
    ("/public", None, "as the settings say"),
    ("/public/a.html", None, "all below, too"),
    ("/publicity", [], "another name, not below it"),
    ("/", [], "nothing is said: sign in"),
    ("/members/staff", ["staff"], "one of two groups"),
    ("/members/staff/", ["owners"], "or the other"),
    ("/members/%73taff", ["staff"], "written otherwise, the same"),
]


@pytest.mark.parametrize(("path", "groups", "why"), ACCESS)
def test_who_may_go_where(
    guard: FunctionAlone, path: str, groups: list[str] | None, why: str
) -> None:
    assert isinstance(navigated(guard, path).meant, Response) == (groups is not None), why
    if groups is not None:
        goes_on = navigated(guard, path, Cookie=session(groups=groups)).request
        assert goes_on.headers.get("x-auth-groups") == ",".join(groups)
    if groups:
        assert navigated(guard, path, Cookie=session(groups=["x"])).response.status == 403
        assert navigated(guard, path, Cookie=session(groups=[])).response.status == 403


@pytest.mark.parametrize("entry", ["/members/staff/", "members", "", "//"])
def test_a_rule_that_would_never_hold_is_refused_at_the_start(
    edge_function: EdgeFunction, tmp_path: Path, entry: str
) -> None:
    folder = copied(tmp_path / "auth", access={"/": [], entry: ["staff"]})
    outcome = edge_function(folder, "viewer-request", runtime="python3.12")("/")
    assert "none at the end" in str(outcome.failure)


def session(
    *, groups: list[str], sub: str = "ada", name: str = "Ada", ends_in_s: float = 60
) -> str:
    signer = module("cookies").Signer({"test": SESSION_KEY})
    person = {"sub": sub, "name": name, "groups": groups}
    return f"__Host-session={signer.signed('session', person, time.time() + ends_in_s)}"


@pytest.mark.parametrize(
    "path",
    [
        "/public/../members/staff",
        "/public/%2e%2e/members/staff",
        "/public/%252e%252e/members",
        "/public//members/staff",
        "/public%2f..%2fmembers",
        "/public/..%5cmembers",
        "/public;/../members",
        "/public/./../members",
        "/public/%0a",
    ],
)
def test_an_address_with_two_readings_is_refused(guard: FunctionAlone, path: str) -> None:
    assert navigated(guard, path).response.status == 400


def test_what_a_viewer_says_about_itself_is_dropped(guard: FunctionAlone) -> None:
    claimed = {"X-Auth-User": "root", "X-Auth-Groups": "staff", "X-Auth-Name": "Root"}
    request = guard("/public", headers=claimed).request
    assert not request.headers.has_any(("x-auth-user", "x-auth-groups", "x-auth-name"))
    request = guard("/m", headers={**claimed, "Cookie": session(groups=[], name="Ädá")}).request
    assert request.headers.all("x-auth-user") == ["ada"]
    assert request.headers.all("x-auth-name") == ["%C3%84d%C3%A1"]


def test_our_cookies_do_not_reach_the_cache_or_the_origin(guard: FunctionAlone) -> None:
    cookies = f"theme=dark; {session(groups=[])}; __Host-login-abc=x; sessions=2"
    request = guard("/members", headers={"Cookie": cookies}).request
    assert request.headers.all("cookie") == ["theme=dark; sessions=2"]
    alone = guard("/members", headers={"Cookie": session(groups=[])}).request
    assert "cookie" not in alone.headers


def test_a_cookie_of_a_neighbouring_site_does_not_shut_anybody_out(guard: FunctionAlone) -> None:
    cookies = f"__Host-session=forged; {session(groups=[])}"
    assert (
        guard("/members", headers={"Cookie": cookies}).request.headers.get("x-auth-user") == "ada"
    )


@pytest.mark.parametrize(
    "cookie",
    [
        "__Host-session=",
        "__Host-session=test.W10.AAAA",
        f"session={session(groups=[]).partition('=')[2]}",
        session(groups=[], ends_in_s=-1),
    ],
)
def test_no_session_is_as_good_as_a_bad_one(guard: FunctionAlone, cookie: str) -> None:
    assert navigated(guard, "/members", Cookie=cookie).response.status == 302


def test_the_function_in_javascript_sends_to_the_one_in_python(
    auth: FunctionAlone, key_server: KeyServer, tmp_path: Path
) -> None:
    """The pair: one guards every page, the other signs in what comes to /auth/*."""
    guard = guarding(in_javascript(tmp_path / "javascript", key_server.issuer), "auth")
    answer = navigated(guard, "/members/orders?page=2&to=//evil.test").response
    location = answer.headers.get("location") or ""
    assert location == "/auth/login?to=%2Fmembers%2Forders%3Fpage%3D2%26to%3D%2F%2Fevil.test"
    assert answer.headers.get("cache-control") == "no-store"
    login = navigated(auth, location).response
    assert (login.headers.get("location") or "").startswith(f"{key_server.issuer}/authorize?")
    attempt = read(login.headers.all("set-cookie")[0])
    assert attempt["back"] == "/members/orders?page=2&to=//evil.test"
    for to, back in (
        ("", "/"),
        ("?to=//evil.test", "/evil.test"),
        ("?to=https://e.test", "/https://e.test"),
    ):
        cookies = navigated(auth, f"/auth/login{to}").response.headers.all("set-cookie")
        assert read(cookies[0])["back"] == back


def test_a_login_cookie_is_no_session(auth: FunctionAlone) -> None:
    kept = navigated(auth, "/members").response.headers.all("set-cookie")[0]
    value = kept.split("=", 1)[1].split(";")[0]
    assert navigated(auth, "/members", Cookie=f"__Host-session={value}").response.status == 302


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?code=x&state=guessed", "?code=x&state=a&state=b", "?error=x&state="]
)
def test_a_callback_without_its_login_is_refused(auth: FunctionAlone, query: str) -> None:
    kept = navigated(auth, "/members").response.headers.all("set-cookie")[0].split(";")[0]
    outcome = navigated(auth, f"/auth/callback{query}", Cookie=kept)
    assert outcome.response.status == 400
    assert outcome.response.headers.all("set-cookie") == []


def test_a_state_has_to_be_the_same_to_its_end(auth: FunctionAlone) -> None:
    """Its beginning is in the cookie's name, which is not signed."""
    kept = navigated(auth, "/members").response.headers.all("set-cookie")[0].split(";")[0]
    guessed = read(kept)["state"][:8] + "x" * 24
    answer = navigated(auth, f"/auth/callback?code=x&state={guessed}", Cookie=kept).response
    assert answer.status == 400


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        ("error=access_denied", 403, "no code: 'access_denied'"),
        ("code=x&iss=https%3A%2F%2Fevil.test", 400, "mix-up"),
        ("code=a&code=b", 403, "no code"),
    ],
)
def test_a_callback_that_brings_no_code_of_the_provider(
    auth: FunctionAlone, more: str, status: int, said: str
) -> None:
    kept = navigated(auth, "/members").response.headers.all("set-cookie")[0].split(";")[0]
    state = read(kept)["state"]
    outcome = navigated(auth, f"/auth/callback?state={state}&{more}", Cookie=kept)
    assert outcome.response.status == status
    assert said in outcome.log
    assert "Max-Age=0" in outcome.response.headers.all("set-cookie")[0], "it was the one chance"


ID_TOKENS: list[tuple[str, Make, dict[str, Any], int]] = [
    ("as it should be", signed, {}, 302),
    ("ES256", ec_signed, {}, 302),
    ("authorized for us", signed, {"azp": "edge-demo"}, 302),
    ("of another login", signed, {"nonce": "other"}, 403),
    ("without a nonce", signed, {"nonce": None}, 403),
    ("a nonce that is no text", signed, {"nonce": ["x"]}, 403),
    ("authorized for somebody else", signed, {"azp": "other"}, 403),
    ("for somebody else", signed, {"aud": API}, 403),
    ("of somebody else", signed, {"iss": "https://evil.test"}, 403),
    ("an access token", lambda c: signed(c, typ="at+jwt"), {}, 403),
    ("signed by somebody else", lambda c: signed(c, key=THEIR_KEY), {}, 403),
    ("not signed", lambda c: assembled({"alg": "none", "kid": "rsa"}, c), {}, 403),
    ("over", signed, {"exp": -120}, 403),
    ("not there", lambda c: "", {}, 403),
]


@pytest.mark.parametrize(
    ("what", "make", "changed", "status"), ID_TOKENS, ids=[row[0] for row in ID_TOKENS]
)
def test_a_login_ends_with_an_id_token(
    auth: FunctionAlone,
    key_server: KeyServer,
    what: str,
    make: Make,
    changed: dict[str, Any],
    status: int,
) -> None:
    kept = navigated(auth, "/members?a=b").response.headers.all("set-cookie")[0].split(";")[0]
    attempt = read(kept)
    ours = {"aud": "edge-demo", "nonce": attempt["nonce"]}
    key_server.id_token = make(claims(key_server.issuer, **{**ours, **changed}))
    outcome = navigated(auth, f"/auth/callback?code=c&state={attempt['state']}", Cookie=kept)
    assert outcome.response.status == status, outcome.log
    cookies = outcome.response.headers.all("set-cookie")
    assert any(cookie.startswith("__Host-session=") for cookie in cookies) == (status == 302)
    assert cookies[-1].startswith("__Host-login-")
    assert "; Max-Age=0;" in cookies[-1]
    if status == 302:
        assert outcome.response.headers.get("location") == "/members?a=b"


def test_a_code_is_exchanged_with_its_verifier_and_our_name(
    auth: FunctionAlone, key_server: KeyServer
) -> None:
    kept = navigated(auth, "/members").response.headers.all("set-cookie")[0].split(";")[0]
    attempt = read(kept)
    navigated(auth, f"/auth/callback?code=the-code&state={attempt['state']}", Cookie=kept)
    authorization, form = key_server.exchanged[-1]
    assert authorization == "Basic " + base64.b64encode(b"edge-demo:edge-demo-secret").decode()
    assert form == {
        "grant_type": ["authorization_code"],
        "code": ["the-code"],
        "redirect_uri": ["https://www.example.test/auth/callback"],
        "client_id": ["edge-demo"],
        "code_verifier": [attempt["verifier"]],
    }


@pytest.mark.parametrize(
    ("target", "back"),
    [
        ("/a?b=c", "/a?b=c"),
        ("//evil.test/a", "/evil.test/a"),
        ("/\\evil.test", "/evil.test"),
        ("\\/evil.test", "/evil.test"),
        ("https://evil.test", "/https://evil.test"),
    ],
)
def test_a_login_ends_on_this_site(target: str, back: str) -> None:
    assert module("login").local(target) == back


def test_the_key_that_everybody_knows_works_on_this_machine_alone(
    edge_function: EdgeFunction, language: str
) -> None:
    if language == "cloudfront":
        auth = guarding(ROOT / "auth", "auth")
    else:
        auth = edge_function(EXAMPLE, "viewer-request", runtime="python3.12")
    assert auth("/members").response.status == 500
    local = auth("/members", headers={"Host": "127.0.0.1:8080"})
    assert local.response.status == 401


def test_signing_out_takes_a_form_of_this_site(auth: FunctionAlone) -> None:
    mine = {"Cookie": session(groups=[])}
    assert auth("/auth/logout", headers=mine).response.status == 405
    assert auth("/auth/logout", method="POST").response.status == 405, "from elsewhere: no cookie"
    answer = auth("/auth/logout", method="POST", headers=mine).response
    assert (answer.status, answer.headers.get("location")) == (303, "/")
    assert answer.headers.all("set-cookie")[0].startswith("__Host-session=; Path=/; Max-Age=0")


def test_it_is_sound(guard: FunctionAlone) -> None:
    assert_sound(guard)


# Basic


@pytest.fixture
def basic(edge_function: EdgeFunction, language: str) -> FunctionAlone:
    if language == "cloudfront":
        return guarding(ROOT / "auth", "basic")
    return edge_function(EXAMPLE, "viewer-request", runtime="python3.12", handler="basic.handler")


def with_password(text: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def test_a_password_lets_in_and_does_not_reach_the_origin(basic: FunctionAlone) -> None:
    for _ in range(2):
        request = basic("/", headers=with_password("preview:preview-demo")).request
        assert request.headers.get("x-auth-user") == "preview"
        assert "authorization" not in request.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        with_password("preview:wrong"),
        with_password("preview:"),
        with_password("preview"),
        with_password("nobody:preview-demo"),
        with_password(":"),
        {"Authorization": "Basic %%%"},
        {"Authorization": "Basic /w=="},
        {"Authorization": "Bearer x"},
        with_password("preview:" + "x" * 1000),
        [*with_password("preview:preview-demo").items(), ("Authorization", "Basic eDp5")],
    ],
)
def test_everybody_else_is_asked(basic: FunctionAlone, headers: Any) -> None:
    answer = basic("/", headers=headers).response
    assert answer.status == 401
    assert answer.headers.get("www-authenticate") == 'Basic realm="preview", charset="UTF-8"'


@pytest.mark.parametrize("language", ["python"], indirect=True)
def test_the_second_time_takes_no_scrypt(basic: FunctionAlone) -> None:
    seconds = [basic("/", headers=with_password("preview:preview-demo")).seconds for _ in range(4)]
    assert min(seconds[1:]) < seconds[0] / 5


def test_basic_is_sound(basic: FunctionAlone) -> None:
    assert_sound(basic, max_examples=100)


# Behind an edge


def test_a_page_for_all_members_is_stored_once(
    edge: VirtualEdge, key_server: KeyServer, tmp_path: Path, language: str
) -> None:
    folder, rules = tmp_path / "auth", ANYBODY_SIGNED_IN
    if language == "cloudfront":
        edge = VirtualEdge(cached(in_javascript(folder, key_server.issuer, rules)))
    else:
        call = loaded(copied(folder, issuer=key_server.issuer, access=rules))
        edge.attach(call, "viewer-request")
    edge.origin("app").respond("/members", text="hello", headers={"Cache-Control": "max-age=60"})
    assert edge.get("/members").status_code == 401
    for expected, sub in (("Miss", "ada"), ("Hit", "grace")):
        cookie = session(groups=[], sub=sub)
        answer = edge.get("/members", headers={"Cookie": cookie})
        assert (answer.text, answer.edge.result_type) == ("hello", expected)
    assert edge.get("/members").status_code == 401, "the cache is behind the door"


def cached(folder: Path) -> Deployment:
    """The example in JavaScript, before pages that may be stored."""
    file = folder / "edgesim.toml"
    policy = "UseOriginCacheControlHeaders-QueryStrings"
    file.write_text(file.read_text().replace("CachingDisabled", policy))
    return load(file)


def loaded(folder: Path) -> Callable[..., Any]:
    call = load_inline(Function("auth", "python3.12", str(folder), "index.handler")).call
    assert call is not None
    return call


@dataclass
class Echo:
    """An origin that says what it was asked."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def echo() -> Iterator[Echo]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Echo(listening.server_address[1])
        listening.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def identity_provider() -> Iterator[str]:
    with running(IDENTITY_PROVIDER) as address:
        yield address


@pytest.fixture
def site(
    edge_server: Callable[..., EdgeServer], echo: Echo, identity_provider: str, tmp_path: Path
) -> EdgeServer:
    """A live edge, the function in a process of its own, before an origin that echoes."""
    access = {"/members": [], "/members/staff": ["staff"], "/": None}
    folder = copied(tmp_path / "auth", issuer=identity_provider, access=access)
    (folder / "edgesim.toml").write_text(LIVE.replace("ORIGIN", echo.url))
    return edge_server(config=str(folder / "edgesim.toml"))


def signed_in(site: EdgeServer, browser: httpx.Client, path: str, who: str) -> httpx.Response:
    """From `path` to the provider's form, and back."""
    form = browser.get(f"{site.url}{path}", headers=BROWSER)
    assert form.status_code == 200, form.text
    request = form.text.split('name="request" value="')[1].split('"')[0]
    address = str(form.url.join("login"))
    sent = {"request": request, "name": who, "password": who}
    return browser.post(address, data=sent, headers=BROWSER)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_from_a_page_to_the_login_and_back(
    site: EdgeServer, identity_provider: str, algorithm: str
) -> None:
    httpx.post(f"{identity_provider}/rotate", params={"algorithm": algorithm})
    with httpx.Client(follow_redirects=True) as browser:
        page = signed_in(site, browser, "/members?tab=2", "grace")
        assert str(page.url) == f"{site.url}/members?tab=2"
        assert page.json()["x-auth-user"] == "grace"
        assert page.json()["x-auth-name"] == "Grace Hopper"
        assert "cookie" not in page.json()
        assert [cookie.name for cookie in browser.cookies.jar] == ["session"], "the login's is gone"
        assert browser.get(f"{site.url}/members/staff", headers=BROWSER).status_code == 403

        out = browser.post(f"{site.url}/auth/logout", headers=BROWSER)
        assert str(out.url) == f"{site.url}/"
        again = browser.get(f"{site.url}/members", headers=BROWSER, follow_redirects=False)
        assert again.status_code == 302


def test_a_rotation_while_somebody_is_signed_in_changes_nothing_for_them(
    site: EdgeServer, identity_provider: str
) -> None:
    with httpx.Client(follow_redirects=True) as browser:
        assert signed_in(site, browser, "/members/staff", "ada").status_code == 200
        for _ in range(2):
            httpx.post(f"{identity_provider}/rotate")
        assert browser.get(f"{site.url}/members/staff").json()["x-auth-groups"] == "staff"


def test_a_code_of_another_browser_signs_nobody_in(site: EdgeServer) -> None:
    """Login CSRF: an attacker hands over the end of their own login."""
    with httpx.Client() as attacker, httpx.Client() as victim:
        form = attacker.get(f"{site.url}/members", headers=BROWSER, follow_redirects=True)
        request = form.text.split('name="request" value="')[1].split('"')[0]
        sent = {"request": request, "name": "ada", "password": "ada"}
        handed_over = attacker.post(str(form.url.join("login")), data=sent).headers["location"]
        victim.get(f"{site.url}/members", headers=BROWSER)
        assert victim.get(handed_over, headers=BROWSER).status_code == 400
        assert "session" not in victim.cookies
        assert attacker.get(handed_over, headers=BROWSER).status_code == 302


def test_two_tabs_may_sign_in_at_once(site: EdgeServer) -> None:
    with httpx.Client(follow_redirects=True) as browser:
        first = browser.get(f"{site.url}/members?tab=1", headers=BROWSER)
        second = browser.get(f"{site.url}/members?tab=2", headers=BROWSER)
        for tab, form in (("1", first), ("2", second)):
            request = form.text.split('name="request" value="')[1].split('"')[0]
            sent = {"request": request, "name": "ada", "password": "ada"}
            page = browser.post(str(form.url.join("login")), data=sent, headers=BROWSER)
            assert str(page.url).endswith(f"?tab={tab}")


def test_an_error_of_the_token_endpoint_is_no_login(site: EdgeServer) -> None:
    with httpx.Client() as browser:
        sent = browser.get(f"{site.url}/members", headers=BROWSER).headers["location"]
        state = parse_qs(urlsplit(sent).query)["state"][0]
        answer = browser.get(f"{site.url}/auth/callback?code=guessed&state={state}")
        assert answer.status_code == 503
        assert "session" not in browser.cookies
    assert any("/token said 400" in line.text for line in site.log)
