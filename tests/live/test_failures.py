"""What goes wrong × what the viewer gets × what the terminal says.

Read `ORIGINS` and `FUNCTIONS`: the cause, CloudFront's code for it, the status and x-cache that
a viewer sees, and the words and the hint in the terminal.
"""

from __future__ import annotations

import asyncio
import io
import socket
import ssl
import subprocess
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from rich.console import Console

from edgesim.cli.terminal import Terminal
from edgesim.cloudfront.origin import Origin
from edgesim.config.resolve import load
from edgesim.errors import ConfigError, FunctionError
from edgesim.live.origins import OriginClients
from edgesim.live.server import LiveServer
from tests.runtimes.conftest import no_process_left

from .conftest import CLOSE, OK, Act, Serve, server_context
from .edge import InMemory, deployment, field_of, live_edge, says

assert no_process_left, "it runs after every test here too"
ROOT = Path(__file__).parents[2]


async def silence(reader: StreamReader, _: StreamWriter) -> None:
    await reader.read()


async def reset(_: StreamReader, writer: StreamWriter) -> None:
    linger = (1).to_bytes(4, "little") + bytes(4)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()
    raise ConnectionResetError


ORIGINS: list[tuple[str, bytes | Act, str, dict[str, Any], str, int, str, str]] = [
    # cause, its answer, tls, settings, code, status, words, hint
    ("down", OK, "", {"port": 1}, "OriginConnectError", 502, "nothing listens", "dev server"),
    ("closes", CLOSE, "", {}, "OriginConnectError", 502, "without an answer", "see its log"),
    ("resets", reset, "", {}, "OriginConnectError", 502, "without an answer", "see its log"),
    (
        "slow",
        silence,
        "",
        {"response_timeout_s": 0.2},
        "OriginCommError",
        504,
        "sent nothing for 0.2 s",
        "greater response_timeout",
    ),
    ("HTTP to TLS", OK, "ok", {}, "OriginConnectError", 502, "without an answer", "give https://"),
    (
        "self-signed",
        OK,
        "ok",
        {"protocol": "https", "host": "localhost"},
        "OriginConnectError",
        502,
        "is not accepted: ",
        "verify_certificate = false accepts it",
    ),
    (
        "no HTTP",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        "",
        {},
        "OriginInvalidResponseError",
        502,
        "no HTTP response",
        "is it an HTTP server?",
    ),
    (
        "a head without end",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
        "",
        {},
        "OriginHeaderTooBigError",
        502,
        "above 32,768 bytes",
        "cookies",
    ),
    (
        "no such name",
        OK,
        "",
        {"host": "nowhere.invalid"},
        "OriginDnsError",
        502,
        "nowhere.invalid has no address",
        "check the spelling",
    ),
]


class Told:
    """A terminal without colours, as long as a line may be."""

    def __init__(self) -> None:
        self.file = io.StringIO()
        self.terminal = Terminal(Console(file=self.file, width=200, highlight=False))

    @property
    def lines(self) -> list[str]:
        return self.file.getvalue().splitlines()


@pytest.mark.parametrize(
    ("cause", "answer", "tls", "settings", "code", "status", "words", "hint"),
    ORIGINS,
    ids=[row[0] for row in ORIGINS],
)
async def test_an_origin_that_fails(
    serve: Serve,
    authority: trustme.CA,
    cause: str,
    answer: bytes | Act,
    tls: str,
    settings: dict[str, Any],
    code: str,
    status: int,
    words: str,
    hint: str,
) -> None:
    context: ssl.SSLContext | None = server_context(authority, "localhost") if tls else None
    server = await serve(answer, context=context)
    deployed = deployment(origin=server.origin(**settings))
    told = Told()
    async with live_edge(OriginClients(), deployed) as edge:
        edge.server.observer = told.terminal
        viewer = await edge.connect()
        response, body = await viewer.ask("GET", "/page")
        assert response.status_code == status
        assert field_of(response, "x-cache") == "Error from cloudfront"
        assert field_of(response, "server") == "CloudFront"
        assert b"<H1>%d ERROR</H1>" % status in body
        assert words.encode() not in body, (
            "what is wrong with an origin is not the viewer's to know"
        )
        await viewer.close()
    access, why, helps = told.lines
    assert f"{status}" in access
    assert "/page" in access
    assert why.startswith("    ✗ origin app: "), "beneath its request"
    assert words in why
    assert why.endswith(f"[{code}]")
    assert helps.startswith("      hint: ")
    assert hint in helps


async def test_an_origin_that_speaks_plain_http_where_tls_is_expected() -> None:
    async def bad_request(_: StreamReader, writer: StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(bad_request, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    origin = Origin("app", host="127.0.0.1", port=port, protocol="https")
    async with live_edge(OriginClients(), deployment(origin=origin)) as edge:
        assert (await edge.get("/")).status_code == 502
        failure = edge.watching.visits[0].served.failure
        assert failure is not None
        assert "does not complete a TLS handshake" in failure.what
        assert "give http://" in failure.hint
    server.close()
    await server.wait_closed()


FILE = """\
[origins.app]
url = "http://127.0.0.1:9"
[functions.edit]
code = "edit"
timeout_s = 1
[default_behavior]
origin = "app"
viewer_request = "edit"
"""
FUNCTIONS = [
    # the body of the handler, code, status, x-cache, words, hint
    (
        "return {}['missing']",
        "LambdaExecutionError: raises",
        503,
        "KeyError: 'missing' (edit/index.py:2)",
        "",
    ),
    (
        "return {'status': {1, 2}}",
        "LambdaExecutionError: serialises",
        503,
        "Runtime.MarshalError: Unable to marshal response: Object of type set is not JSON",
        "returns dicts, lists, strings",
    ),
    (
        "while True: pass",
        "LambdaExecutionError: time",
        503,
        "Task timed out after 1.00 seconds",
        "raise timeout_s",
    ),
    (
        "import os; os._exit(3)",
        "LambdaExecutionError: exits",
        503,
        "Runtime.ExitError: exit status 3",
        "return from the handler",
    ),
    (
        "import os; os.kill(os.getpid(), 11)",
        "LambdaExecutionError: exits",
        503,
        "Runtime.ExitError: signal: segmentation fault",
        "its log",
    ),
    ("return None", "LambdaValidationError: not-an-object", 502, "it returned", "return"),
    ("return {'status': '999'}", "LambdaValidationError: status", 502, "999", "200"),
    (
        "return event['Records'][0]['cf']['request'] | {'uri': 'no slash'}",
        "LambdaValidationError: uri",
        502,
        "uri",
        "/",
    ),
]
Project = Callable[[str], Path]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Writes a project whose function has this code, or none."""
    monkeypatch.chdir(tmp_path)

    def written(code: str) -> Path:
        (tmp_path / "edit").mkdir()
        if code:
            (tmp_path / "edit" / "index.py").write_text(code)
        (tmp_path / "edgesim.toml").write_text(FILE)
        return tmp_path / "edgesim.toml"

    return written


@pytest.mark.parametrize(
    ("code", "label", "status", "words", "hint"), FUNCTIONS, ids=lambda v: str(v)[:36]
)
async def test_a_function_that_fails(
    project: Project, code: str, label: str, status: int, words: str, hint: str
) -> None:
    path = project(f"def handler(event, context):\n    {code}\n")
    told = Told()
    async with live_edge(InMemory(says()), load(path), log=told.terminal.function_said) as edge:
        edge.server.observer = told.terminal
        viewer = await edge.connect()
        response, body = await viewer.ask("GET", "/page")
        assert response.status_code == status
        name = label.partition(":")[0]
        assert field_of(response, "x-cache") == f"{name} from cloudfront"
        assert b"The Lambda function" in body
        await viewer.close()
        if "_exit" in code:
            assert (await edge.get("/page")).status_code == status, "a new process, the same end"
    lines = told.lines
    assert f"{status}  Error" in lines[0]
    why = next(line for line in lines if "✗" in line)
    assert why.startswith("    ✗ function edit at viewer-request: ")
    assert words in why
    assert why.endswith(f"[{label}]")
    if hint:
        helps = lines[lines.index(why) + 1]
        assert helps.startswith("      hint: ")
        assert hint in helps


NOT_LOADED = [
    ("", "Runtime.ImportModuleError: Unable to import module 'index'", "packages belong beside"),
    ("def handler(:\n", "Runtime.UserCodeSyntaxError", "correct that line"),
    ("x = 1\n", "Runtime.HandlerNotFound: Handler 'handler' missing", "handler is module.function"),
    ("raise ValueError('no')\n", "ValueError: no (edit/index.py:1)", ""),
]


@pytest.mark.parametrize(("code", "words", "hint"), NOT_LOADED, ids=lambda v: str(v)[:30])
async def test_a_function_that_cannot_be_loaded_is_not_deployed(
    project: Project, code: str, words: str, hint: str
) -> None:
    server = LiveServer()
    with pytest.raises(FunctionError) as caught:
        await server.deploy(load(project(code)))
    assert caught.value.where == "function edit"
    assert words in caught.value.what
    assert hint in caught.value.hint
    await server.stop()


async def test_a_port_that_is_taken() -> None:
    async with live_edge(InMemory(says())) as edge:
        server = LiveServer()
        await server.deploy(deployment())
        with pytest.raises(ConfigError, match=f"port {edge.port} on 127.0.0.1 is in use") as caught:
            await server.listen("127.0.0.1", edge.port)
        assert f"--port {edge.port + 1}" in caught.value.hint
        await server.stop()


COMMANDS: list[tuple[Callable[[str], str], str]] = [
    (
        lambda text: text.replace("timeout_s", "timeout"),
        "edgesim: edgesim.toml:5: functions.edit.timeout: ",
    ),
    (lambda text: text + 'cashe_policy = "x"\n', "did you mean 'cache_policy'?"),
    (lambda text: text + "[behaviours]\n", "did you mean 'behaviors'?"),
    (lambda text: text, "edgesim: function edit: Runtime.UserCodeSyntaxError: "),
]


@pytest.mark.parametrize(("edit", "said"), COMMANDS, ids=[said for _, said in COMMANDS])
async def test_dev_refuses_to_start_with_a_message(
    project: Project, edit: Callable[[str], str], said: str
) -> None:
    path = project("def handler(:\n")
    path.write_text(edit(FILE))
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "edgesim", "dev", "--port", "0"],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
        timeout=30,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert "Traceback" not in done.stderr
