"""The demo's identity provider over real sockets, as its own process."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from .programs import CHECKOUT, running

SERVER = CHECKOUT / "origins/identity_provider/server.py"
CLIENT = ("edge-demo", "edge-demo-secret")
CALLBACK = "http://127.0.0.1:8080/auth/callback"
VERIFIER = "a-verifier-of-more-than-forty-three-characters-"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:-1]
ASKED = {
    "response_type": "code",
    "client_id": CLIENT[0],
    "redirect_uri": CALLBACK,
    "scope": "openid profile",
    "state": "the-state",
    "nonce": "the-nonce",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running(str(SERVER)) as address:
        yield address


@pytest.fixture
def provider(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address) as client:
        yield client


def answered(provider: httpx.Client, **form: str) -> httpx.Response:
    """What the login form's answer is, for a fresh authorization request."""
    page = provider.get("/authorize", params=ASKED)
    assert page.status_code == 200
    request = page.text.split('name="request" value="')[1].split('"')[0]
    return provider.post("/login", data={"request": request, **form})


def query_of(response: httpx.Response) -> dict[str, str]:
    location = response.headers["location"]
    assert location.startswith(f"{CALLBACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def redeemed(provider: httpx.Client, right: str, **changed: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": right,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    return provider.post("/token", data={**form, **changed}, auth=CLIENT)


def a_code(provider: httpx.Client) -> str:
    return query_of(answered(provider, name="ada", password="ada"))["code"]


def believed(provider: httpx.Client, token: str, audience: str) -> dict[str, Any]:
    keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(provider.get("/jwks").json()).keys}
    header = jwt.get_unverified_header(token)
    key = keys[header["kid"]]
    return jwt.decode(token, key.key, algorithms=[header["alg"]], audience=audience)


def test_it_describes_itself(provider: httpx.Client, address: str) -> None:
    said = provider.get("/.well-known/openid-configuration").json()
    assert said["issuer"] == address
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"):
        assert said[name].startswith(f"{address}/")


def test_a_login_ends_in_tokens_that_its_keys_verify(provider: httpx.Client, address: str) -> None:
    back = answered(provider, name="ada", password="ada")
    query = query_of(back)
    assert (back.status_code, query["state"], query["iss"]) == (303, "the-state", address)
    tokens = redeemed(provider, query["code"])
    assert tokens.headers["cache-control"] == "no-store"
    person = believed(provider, tokens.json()["id_token"], CLIENT[0])
    assert (person["iss"], person["sub"], person["nonce"]) == (address, "ada", "the-nonce")
    assert person["groups"] == ["staff"]
    access = tokens.json()["access_token"]
    assert jwt.get_unverified_header(access)["typ"] == "at+jwt"
    assert believed(provider, access, "https://api.example.com")["sub"] == "ada"


def test_a_code_is_good_once(provider: httpx.Client) -> None:
    code = a_code(provider)
    assert redeemed(provider, code).status_code == 200
    assert redeemed(provider, code).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": CALLBACK + "/"}, "invalid_grant"),
        ({"code": "guessed"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_what_a_code_is_not_good_for(
    provider: httpx.Client, changed: dict[str, str], error: str
) -> None:
    answer = redeemed(provider, a_code(provider), **changed)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_a_client_has_to_say_who_it_is(provider: httpx.Client) -> None:
    form = {"grant_type": "authorization_code", "code": "x"}
    wrong = httpx.BasicAuth(CLIENT[0], "wrong"), httpx.BasicAuth("other", CLIENT[1]), httpx.Auth()
    for auth in wrong:
        answer = provider.post("/token", data=form, auth=auth)
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "other"},
        {"redirect_uri": "http://evil.test/auth/callback"},
        {"redirect_uri": "http://127.0.0.1:8080/elsewhere"},
        {"redirect_uri": "http://127.0.0.1:80@evil.test/auth/callback"},
        {"redirect_uri": f"{CALLBACK}?x=1"},
    ],
)
def test_nobody_is_sent_where_no_client_is(provider: httpx.Client, changed: dict[str, str]) -> None:
    answer = provider.get("/authorize", params={**ASKED, **changed})
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
    ],
)
def test_a_client_is_told_what_it_did_wrong(
    provider: httpx.Client, changed: dict[str, str], error: str
) -> None:
    query = query_of(provider.get("/authorize", params={**ASKED, **changed}))
    assert (query["error"], query["state"]) == (error, "the-state")
    assert "code" not in query


def test_a_wrong_password_may_be_tried_again_and_a_login_be_refused(provider: httpx.Client) -> None:
    wrong = answered(provider, name="ada", password="grace")
    assert (wrong.status_code, "That is not right." in wrong.text) == (401, True)
    assert query_of(answered(provider, refuse="1"))["error"] == "access_denied"
    assert provider.post("/login", data={"request": "none"}).status_code == 400


def test_two_keys_are_published_and_the_newest_signs() -> None:
    with (
        running(str(SERVER), "--algorithm", "ES256") as address,
        httpx.Client(base_url=address) as provider,
    ):
        first = redeemed(provider, a_code(provider)).json()["id_token"]
        assert jwt.get_unverified_header(first)["alg"] == "ES256"
        new = provider.post("/rotate?algorithm=RS256").json()
        second = redeemed(provider, a_code(provider)).json()["id_token"]
        header = jwt.get_unverified_header(second)
        assert (header["kid"], header["alg"]) == (new["kid"], "RS256")
        assert believed(provider, first, CLIENT[0])["sub"] == "ada"
        provider.post("/rotate?algorithm=RS256")
        assert len(provider.get("/jwks").json()["keys"]) == 2
        assert provider.post("/rotate?algorithm=none").status_code == 400


def test_it_also_runs_as_a_module() -> None:
    with running("-m", "origins.identity_provider") as address:
        assert httpx.get(f"{address}/jwks").status_code == 200
