"""Lets only those in who have signed in, and only where they may be.

Attach it to viewer-request of every behavior that is to be protected, and of /auth/*. People sign
in at an OpenID Connect provider and get a signed cookie; programs send a bearer token of their
own. Lambda@Edge, any Python runtime; PyJWT and cryptography have to be in the bundle, and
settings.json beside this file takes the place of environment variables.
"""

import json
import time
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlencode

import login
from answers import page, redirect, refusal
from cookies import Signer, cookie, expired, hidden, host_of, is_local, name_at, values
from provider import Provider, ProviderError
from tokens import Refused, verified

SETTINGS = json.loads(Path(__file__).with_name("settings.json").read_text())
PROVIDER = Provider(SETTINGS["issuer"])
SIGNER = Signer(SETTINGS["session_keys"])
for entry in SETTINGS["access"]:
    if not entry.startswith("/") or entry != "/" + entry.strip("/"):
        raise ValueError(f"access: write {entry!r} with a slash in front and none at the end")

LOGIN, CALLBACK, LOGOUT = "/auth/login", "/auth/callback", "/auth/logout"
SESSION = "session"
IDENTITY = ("x-auth-user", "x-auth-name", "x-auth-groups")
"""How the origin hears who it is. Ours alone: what a viewer sends under these names is dropped."""

MAX_RETURN_CHARACTERS = 1000
"""A login cookie has to stay below the 4,096 bytes that browsers keep."""


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    now = time.time()
    for name in IDENTITY:
        request["headers"].pop(name, None)
    if SIGNER.is_example and not is_local(host_of(request)):
        print("refused: settings.json still has the session key that everybody knows")
        return page(500, "This site is not configured yet.")
    try:
        return answered(request, now)
    except ProviderError as error:
        print(f"the identity provider: {error}")
        return page(503, "Signing in is not possible right now.", retry_after_s=5)


def answered(request, now):
    """The request, if it may go on, or the response that it gets instead."""
    if is_ambiguous(request["uri"]):
        return page(400, "This address can be read in more than one way.")
    path = unquote(request["uri"])
    if path == LOGIN:  # where something else guards the pages, such as cloudfront/auth
        return to_login(request, now, parse_qs(request["querystring"]).get("to", ["/"])[0])
    if path == CALLBACK:
        return arrival(request, now)
    if path == LOGOUT:
        return farewell(request, now)
    wanted = groups_for(path)
    if wanted is None:
        return passed(request, None)
    bearer = bearer_of(request)
    if bearer is not None:
        return for_program(request, bearer, wanted)
    person = session_of(request, now)
    if person is None:
        query = f"?{request['querystring']}" if request["querystring"] else ""
        return to_login(request, now, request["uri"] + query)
    if not allowed(person, wanted):
        print(f"forbidden: {person['sub']!r} is in none of {wanted}")
        return page(403, "You are signed in, but this is not for you.", cookies=[])
    return passed(request, person)


def is_ambiguous(uri):
    """Whether an origin might resolve `uri` to a path with other rules than the one we see."""
    path = unquote(uri)
    parts = path.split("/")
    return (
        "%2f" in uri.lower()
        or "\\" in path
        or "%" in path  # encoded twice
        or ";" in path  # parameters, which some origins cut off
        or any(part in (".", "..") for part in parts)
        or "" in parts[1:-1]
        or any(ord(character) < 32 for character in path)
    )


def groups_for(path):
    """Of which groups somebody has to be in one; [] is any signed-in person, None is anybody.

    The longest entry of `access` that is `path` or a folder above it decides. Without any,
    signing in is asked for.
    """
    while path not in SETTINGS["access"]:
        if path == "/":
            return []
        path = path.rpartition("/")[0] or "/"
    return SETTINGS["access"][path]


def allowed(person, wanted):
    return not wanted or not set(wanted).isdisjoint(person["groups"])


def passed(request, person):
    """The request without our cookies, and with headers that say who it is."""
    hidden(request, (SESSION, login.COOKIE))
    if person is not None:
        said = (person["sub"], person["name"], ",".join(person["groups"]))
        for name, value in zip(IDENTITY, said, strict=True):
            request["headers"][name] = [{"key": name, "value": quote(value, safe=" ,@.:-_|")}]
    return request


# Programs: bearer tokens


def bearer_of(request):
    """The token, "" if there is something unreadable instead, None if nobody tried."""
    lines = request["headers"].get("authorization", [])
    if not lines:
        return None
    scheme, _, token = lines[0]["value"].strip().partition(" ")
    if scheme.lower() != "bearer":
        return None
    return token.strip() if len(lines) == 1 else ""


def for_program(request, bearer, wanted):
    try:
        claims = verified(
            bearer,
            PROVIDER.key,
            issuer=SETTINGS["issuer"],
            audience=SETTINGS["api_audience"],
            kinds=("at+jwt", "jwt"),
        )
        person = person_of(claims)
    except Refused as error:
        print(f"refused a token: {error}")
        return refusal(401, 'Bearer error="invalid_token"')
    if not allowed(person, wanted):
        return refusal(403, 'Bearer error="insufficient_scope"')
    return passed(request, person)


def person_of(claims):
    """What we keep of a token. Raises `Refused`."""
    groups = claims.get(SETTINGS["groups_claim"], [])
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise Refused("its groups are no list of names")
    name = claims.get("name")
    return {
        "sub": claims["sub"],
        "name": name if isinstance(name, str) else claims["sub"],
        "groups": groups,
    }


# People: the code flow, and the cookie that it ends in


def session_of(request, now):
    for value in values(request, name_at(request, SESSION)):
        person = SIGNER.opened(SESSION, value, now)
        if person is not None:
            return person
    return None


def to_login(request, now, target):
    """Send a browser that wants `target` to the provider; tell anything else that it may not."""
    if not is_navigation(request):
        return refusal(401, "Bearer")
    back = target if len(target) <= MAX_RETURN_CHARACTERS else "/"
    attempt = login.begun(back)
    query = urlencode(
        {
            "response_type": "code",
            "client_id": SETTINGS["client_id"],
            "redirect_uri": callback_url(request),
            "scope": SETTINGS["scope"],
            "state": attempt["state"],
            "nonce": attempt["nonce"],
            "code_challenge": login.challenge(attempt["verifier"]),
            "code_challenge_method": "S256",
        }
    )
    endpoint = PROVIDER.endpoint("authorization_endpoint")
    kept = SIGNER.signed(login.COOKIE, attempt, now + login.WITHIN_S)
    name = f"{login.COOKIE}-{attempt['state'][: login.TAG_CHARACTERS]}"
    return redirect(
        302,
        f"{endpoint}{'&' if '?' in endpoint else '?'}{query}",
        [cookie(request, name, kept, login.WITHIN_S)],
    )


def is_navigation(request):
    """Whether a redirect to a login page would be seen by somebody."""
    if request["method"] not in ("GET", "HEAD"):
        return False
    mode = request["headers"].get("sec-fetch-mode")
    if mode:
        return mode[0]["value"] == "navigate"
    accept = request["headers"].get("accept")
    return bool(accept) and "text/html" in accept[0]["value"]


def arrival(request, now):
    """Back from the provider: exchange the code, check the token, start the session."""
    query = parse_qs(request["querystring"])
    given = {name: found[0] for name, found in query.items() if len(found) == 1}
    state = given.get("state", "")
    name = f"{login.COOKIE}-{state[: login.TAG_CHARACTERS]}"
    attempt = opened_attempt(request, name, state, now)
    if attempt is None:
        return page(400, "This login was not begun here, or it took too long.")
    done = [expired(request, name)]
    if given.get("iss", SETTINGS["issuer"]) != SETTINGS["issuer"]:
        print(f"mix-up: the answer says it is from {given['iss']!r}")
        return page(400, "This answer is from another provider.", cookies=done)
    if "code" not in given:
        print(f"no code: {given.get('error', 'nor an error')!r}")
        return page(403, "The provider did not sign you in.", cookies=done)
    try:
        person = person_of(
            login.finished(PROVIDER, SETTINGS, given["code"], attempt, callback_url(request))
        )
    except Refused as error:
        print(f"refused an ID token: {error}")
        return page(403, "The provider's answer cannot be believed.", cookies=done)
    value = SIGNER.signed(SESSION, person, now + SETTINGS["session_s"])
    kept = cookie(request, SESSION, value, SETTINGS["session_s"])
    return redirect(302, attempt["back"], [kept, *done])


def opened_attempt(request, name, state, now):
    for value in values(request, name_at(request, name)):
        attempt = SIGNER.opened(login.COOKIE, value, now)
        if attempt is not None and login.same(attempt["state"], state):
            return attempt
    return None


def farewell(request, now):
    """End the session here and at the provider.

    By POST alone, and with the session's cookie, which other sites' forms do not get to send.
    """
    if request["method"] != "POST" or session_of(request, now) is None:
        return page(405, "Signing out takes the button on the page.", allow="POST")
    home = callback_url(request).removesuffix(CALLBACK) + "/"
    ended = [expired(request, SESSION)]
    endpoint = PROVIDER.endpoint("end_session_endpoint", needed=False)
    if endpoint is None:
        return redirect(303, "/", ended)
    query = urlencode({"client_id": SETTINGS["client_id"], "post_logout_redirect_uri": home})
    return redirect(303, f"{endpoint}?{query}", ended)


def callback_url(request):
    scheme = "http" if is_local(host_of(request)) else "https"
    return f"{scheme}://{host_of(request)}{CALLBACK}"
