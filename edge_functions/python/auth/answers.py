"""What a visitor gets instead of the page. Nothing of it is ever stored."""

from html import escape
from http import HTTPStatus

FOR_NOBODY_ELSE = {"Cache-Control": "no-store"}
CAREFUL = {
    **FOR_NOBODY_ELSE,
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
}


def answer(status, headers, body="", cookies=()):
    given = {name.lower(): [{"key": name, "value": value}] for name, value in headers.items()}
    if cookies:
        given["set-cookie"] = [{"key": "Set-Cookie", "value": value} for value in cookies]
    return {
        "status": str(status),
        "statusDescription": HTTPStatus(status).phrase,
        "headers": given,
        "body": body,
    }


def redirect(status, location, cookies):
    return answer(status, {**FOR_NOBODY_ELSE, "Location": location}, cookies=cookies)


def refusal(status, challenge):
    """For programs, which know what a status means."""
    return answer(status, {**FOR_NOBODY_ELSE, "WWW-Authenticate": challenge})


def page(status, said, *, cookies=(), retry_after_s=None, allow=None):
    headers = dict(CAREFUL)
    if retry_after_s is not None:
        headers["Retry-After"] = str(retry_after_s)
    if allow is not None:
        headers["Allow"] = allow
    phrase = HTTPStatus(status).phrase
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{phrase}</title>'
        '<meta name="viewport" content="width=device-width"><style>body{font:1rem/1.5 system-ui;'
        "max-width:32rem;margin:15vh auto;padding:0 1rem}</style>"
        f'<h1>{escape(said)}</h1><p>{status} {phrase}. <a href="/">To the start page</a></p>'
    )
    return answer(status, headers, body, cookies)
