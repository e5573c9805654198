from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edgesim.cloudfront.origin import Origin
from edgesim.errors import OriginError
from edgesim.live.bodies import UploadBody
from edgesim.live.origins import OriginClients

from .conftest import get, whole

ASGI = """
started = []

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        started.append(True)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    said = f"{scope['method']} {scope['raw_path'].decode()} {len(started)} ".encode() + body
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-app", b"asgi")]})
    await send({"type": "http.response.body", "body": said})
"""
WSGI = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-App", "wsgi")])
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return [environ["REQUEST_METHOD"].encode(), b" ", environ["wsgi.input"].read(length)]
"""
BROKEN_STARTUP = """
async def app(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    path, modules = list(sys.path), set(sys.modules)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def app(name: str, **settings: Any) -> Origin:
    return Origin("app", app=name, **settings)


async def test_an_asgi_application_answers_and_starts_once(folder: Path) -> None:
    (folder / "shop.py").write_text(ASGI)
    clients = OriginClients(folder)
    handler = signal.getsignal(signal.SIGINT)
    await clients.start([app("shop:app"), Origin("other", host="example.test")])
    assert signal.getsignal(signal.SIGINT) is handler
    for body in (b"data", UploadBody(chunks(b"da", b"ta"), None)):
        response = await clients.fetch(app("shop:app"), get("/a%20b", "POST", body))
        assert response.headers.get("x-app") == "asgi"
        assert await whole(response.body) == b"POST /a%20b 1 data"
    await clients.close()
    await clients.close()


async def chunks(*parts: bytes) -> Any:
    for part in parts:
        yield part


async def test_a_wsgi_application_answers(folder: Path) -> None:
    (folder / "wsgi_site.py").write_text(WSGI)
    clients = OriginClients(folder)
    origin = app("wsgi_site:application", app_kind="wsgi")
    response = await clients.fetch(origin, get("/", "POST", b"data"))
    assert response.headers.get("x-app") == "wsgi"
    assert await whole(response.body) == b"POST data"
    await clients.close()


async def test_a_new_start_runs_the_code_as_it_is_now(folder: Path) -> None:
    for word in (b"one", b"three"):
        (folder / "changing.py").write_text(ASGI.replace('b"asgi"', repr(word)))
        clients = OriginClients(folder)
        response = await clients.fetch(app("changing:app"), get())
        await whole(response.body)
        assert response.headers.get("x-app") == word.decode()
        await clients.close()


FAILURES = [
    ("absent", None, "absent:app", "cannot import absent: ModuleNotFoundError", "module:attribute"),
    ("empty", "", "empty:app", "empty has no attribute 'app'", "empty:app"),
    ("unread", "x = (", "unread:app", "unread.py, line 1", "module:attribute"),
    ("raising", "\n\nx = 1 / 0\n", "raising:app", "ZeroDivisionError: division by zero", "module"),
    ("raising2", "\n\nx = 1 / 0\n", "raising2:app", "raising2.py, line 3)", "module"),
    ("refusing", BROKEN_STARTUP, "refusing:app", "did not start", "lifespan"),
]


@pytest.mark.parametrize(("module", "code", "name", "words", "hint"), FAILURES)
async def test_an_application_that_does_not_start_says_why(
    folder: Path, module: str, code: str | None, name: str, words: str, hint: str
) -> None:
    if code is not None:
        (folder / f"{module}.py").write_text(code)
    clients = OriginClients(folder)
    with pytest.raises(OriginError) as caught:
        await clients.fetch(app(name), get())
    assert words in caught.value.what
    assert hint in caught.value.hint
    assert caught.value.where == "origin app"
    (folder / f"{module}.py").write_text(ASGI)
    response = await clients.fetch(app(name), get())
    assert response.status == 200, "once mended, the next request starts it"
    await whole(response.body)
    await clients.close()


async def test_a_missing_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "shop2.py").write_text(ASGI)
    monkeypatch.setitem(sys.modules, "a2wsgi", None)
    clients = OriginClients(folder)
    with pytest.raises(OriginError, match="needs a2wsgi, which is not installed") as caught:
        await clients.start([app("shop2:app")])
    assert caught.value.hint == "pip install 'edgesim[asgi]'"
    await clients.close()
