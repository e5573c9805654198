"""A small OpenID Connect provider for demos and tests: the code flow with PKCE, and no more.

    python origins/identity_provider/server.py --port 8091

OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, RFC 7636 (PKCE, S256 only), RFC 9207 (iss).
It forgets everything when it ends, its people's passwords are on the login page, and it listens
on the loopback interface alone.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import hmac
import secrets
import signal
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from aiohttp import web
from keys import SigningKeys
from pages import error_page, login_page

CLIENT_ID, CLIENT_SECRET = "edge-demo", "edge-demo-secret"
CALLBACK_PATH = "/auth/callback"
LOOPBACK = ("127.0.0.1", "localhost")
"""Native applications may come from any port of these (RFC 8252, section 7.3); so may demos."""

API_AUDIENCE = "https://api.example.com"
PEOPLE = {
    "ada": {"name": "Ada Lovelace", "groups": ["staff"]},
    "grace": {"name": "Grace Hopper", "groups": []},
}
CODE_S, TOKEN_S, REQUEST_S = 60, 600, 600
MAX_WAITING = 1000
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

routes = web.RouteTableDef()


@dataclass(slots=True)
class Wish:
    """An authorization request; later the code that it was answered with."""

    redirect_uri: str
    state: str
    nonce: str
    challenge: str
    until: float
    name: str = ""


class Provider:
    """What the provider remembers."""

    def __init__(self, issuer: str, algorithm: str) -> None:
        self.issuer = issuer
        self.keys = SigningKeys(algorithm)
        self.requests: dict[str, Wish] = {}
        self.codes: dict[str, Wish] = {}

    def remember(self, kept: dict[str, Wish], wish: Wish, within_s: float) -> str:
        """An unguessable name for `wish`, good for so long and once."""
        now = time.time()
        for name in [name for name, one in kept.items() if one.until < now]:
            del kept[name]
        while len(kept) >= MAX_WAITING:
            del kept[next(iter(kept))]
        wish.until = now + within_s
        name = secrets.token_urlsafe(24)
        kept[name] = wish
        return name

    def tokens(self, wish: Wish) -> dict[str, Any]:
        now = int(time.time())
        person = {"sub": wish.name, **PEOPLE[wish.name]}
        common = {"iss": self.issuer, "iat": now, "exp": now + TOKEN_S, **person}
        own = {"aud": CLIENT_ID, "nonce": wish.nonce}
        api = {"aud": API_AUDIENCE, "client_id": CLIENT_ID, "jti": secrets.token_hex(8)}
        return {
            "token_type": "Bearer",
            "expires_in": TOKEN_S,
            "id_token": self.keys.signed({**common, **own}),
            "access_token": self.keys.signed({**common, **api}, "at+jwt"),
        }


PROVIDER = web.AppKey("provider", Provider)


@routes.get("/.well-known/openid-configuration")
async def discovery(request: web.Request) -> web.Response:
    issuer = request.app[PROVIDER].issuer
    return web.json_response(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks",
            "end_session_endpoint": f"{issuer}/logout",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "scopes_supported": ["openid", "profile"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
        }
    )


@routes.get("/jwks")
async def key_set(request: web.Request) -> web.Response:
    kept = {"Cache-Control": "public, max-age=300"}
    return web.json_response(request.app[PROVIDER].keys.published(), headers=kept)


@routes.get("/authorize")
async def authorize(request: web.Request) -> web.Response:
    """The login page; a client that cannot be trusted is not sent an error but shown one."""
    asked, provider = request.query, request.app[PROVIDER]
    redirect_uri = asked.get("redirect_uri", "")
    if asked.get("client_id") != CLIENT_ID or not is_registered(redirect_uri):
        return html(error_page("This client or its redirect_uri is not registered."), 400)
    wish = Wish(redirect_uri, asked.get("state", ""), asked.get("nonce", ""), "", 0.0)
    if asked.get("response_type") != "code":
        return sent_back(provider, wish, error="unsupported_response_type")
    if "openid" not in asked.get("scope", "").split():
        return sent_back(provider, wish, error="invalid_scope")
    wish.challenge = asked.get("code_challenge", "")
    if asked.get("code_challenge_method") != "S256" or len(wish.challenge) != 43:
        return sent_back(provider, wish, error="invalid_request")
    name = provider.remember(provider.requests, wish, REQUEST_S)
    return html(login_page(name, urlsplit(redirect_uri).netloc, PEOPLE, wrong=False))


@routes.post("/login")
async def login(request: web.Request) -> web.Response:
    form, provider = await request.post(), request.app[PROVIDER]
    asked = str(form.get("request", ""))
    wish = provider.requests.get(asked)
    if wish is None or wish.until < time.time():
        return html(error_page("This login took too long. Begin again where you came from."), 400)
    if form.get("refuse"):
        del provider.requests[asked]
        return sent_back(provider, wish, error="access_denied")
    name, password = str(form.get("name", "")), str(form.get("password", ""))
    if name not in PEOPLE or not hmac.compare_digest(name.encode(), password.encode()):
        client = urlsplit(wish.redirect_uri).netloc
        return html(login_page(asked, client, PEOPLE, wrong=True), 401)
    del provider.requests[asked]
    wish.name = name
    return sent_back(provider, wish, code=provider.remember(provider.codes, wish, CODE_S))


@routes.post("/token")
async def token(request: web.Request) -> web.Response:
    form, provider = await request.post(), request.app[PROVIDER]
    if not is_client(request.headers.get("Authorization", "")):
        return refused(401, "invalid_client")
    if form.get("grant_type") != "authorization_code":
        return refused(400, "unsupported_grant_type")
    wish = provider.codes.pop(str(form.get("code", "")), None)  # whatever comes of it: once
    verifier = hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
    shown = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
    if (
        wish is None
        or wish.until < time.time()
        or form.get("redirect_uri") != wish.redirect_uri
        or not hmac.compare_digest(shown, wish.challenge)
    ):
        return refused(400, "invalid_grant")
    return web.json_response(provider.tokens(wish), headers=NO_STORE)


@routes.get("/logout")
async def logout(request: web.Request) -> web.Response:
    """There is no session here to end: each login asks for the password again."""
    home = request.query.get("post_logout_redirect_uri", "")
    if request.query.get("client_id") != CLIENT_ID or urlsplit(home).hostname not in LOOPBACK:
        return html(error_page("You are signed out."))
    return web.Response(status=303, headers={"Location": home, **NO_STORE})


@routes.post("/rotate")
async def rotate(request: web.Request) -> web.Response:
    """A new signing key, to see what happens. Real providers do this by themselves."""
    algorithm = request.query.get("algorithm", "RS256")
    try:
        kid = request.app[PROVIDER].keys.rotate(algorithm)
    except KeyError:
        return refused(400, "invalid_request")
    return web.json_response({"kid": kid, "algorithm": algorithm}, headers=NO_STORE)


def is_registered(redirect_uri: str) -> bool:
    parts = urlsplit(redirect_uri)
    exact = f"http://{parts.netloc}{CALLBACK_PATH}" == redirect_uri
    return exact and parts.hostname in LOOPBACK and "@" not in parts.netloc


def is_client(authorization: str) -> bool:
    """RFC 6749, section 2.3.1: both parts are form-encoded before they are joined."""
    scheme, _, text = authorization.partition(" ")
    try:
        name, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        return False
    right = hmac.compare_digest(unquote(secret).encode(), CLIENT_SECRET.encode())
    return scheme.lower() == "basic" and unquote(name) == CLIENT_ID and right


def sent_back(provider: Provider, wish: Wish, **result: str) -> web.Response:
    query = urlencode({**result, "state": wish.state, "iss": provider.issuer})
    location = f"{wish.redirect_uri}?{query}"
    return web.Response(status=303, headers={"Location": location, **NO_STORE})


def refused(status: int, error: str) -> web.Response:
    return web.json_response({"error": error}, status=status, headers=NO_STORE)


def html(page: str, status: int = 200) -> web.Response:
    careful = {
        **NO_STORE,
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
        "frame-ancestors 'none'; base-uri 'none'",
    }
    return web.Response(text=page, status=status, content_type="text/html", headers=careful)


async def serve(port: int, algorithm: str) -> None:
    """Until SIGINT or SIGTERM."""
    app = web.Application()
    app.add_routes(routes)
    # The issuer has the port in its name, which is known only once it listens.
    app[PROVIDER] = provider = Provider("", algorithm)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    provider.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    print(f"The identity provider is at {provider.issuer}", flush=True)
    await stopping.wait()
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description="A small OpenID Connect provider for demos.")
    parser.add_argument("--port", type=int, default=8091, help="0 takes a free one")
    parser.add_argument("--algorithm", choices=("RS256", "ES256"), default="RS256")
    given = parser.parse_args()
    try:
        asyncio.run(serve(given.port, given.algorithm))
    except OSError as error:
        message = f"The identity provider cannot listen on port {given.port}: {error.strerror}"
        raise SystemExit(message) from None


if __name__ == "__main__":
    main()
