from __future__ import annotations

import asyncio
import datetime as dt
import gc
import socket
import ssl
import time
import tracemalloc
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from edgesim.cloudfront.origin import Origin
from edgesim.errors import BadRequest, OriginError, OriginTimeout
from edgesim.http.headers import Headers
from edgesim.http.message import Request
from edgesim.live.bodies import Arriving, UploadBody
from edgesim.live.origins import OriginClients

from .conftest import CLOSE, OK, Scripted, Serve, get, server_context, whole

MIB = 1024 * 1024


async def stay_silent(reader: Reader, writer: Writer) -> None:
    await reader.read()


async def reset(reader: Reader, writer: Writer) -> None:
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()
    raise ConnectionResetError


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


TARGETS = [
    ("/a?", "a query without anything in it"),
    ("//a//b", "doubled slashes, also in front, where a host might stand"),
    ("/a/../b/./c", "dot segments"),
    ("/a%2Fb%2fc%7e%zz%", "percent signs, valid or not"),
    ("/?x=1&x=2&&=;+%20", "odd queries"),
    ("/a?b?c", "a second question mark"),
    ("/a#b", "no fragment: nothing that looks like one is taken off"),
    ("/caf\u00c3\u00a9", "raw UTF-8, one character for each byte"),
    ("/caf\u00e9", "a raw byte that is no UTF-8"),
    ('/[x]{y}|z\\^`"<>', "what a URL may not contain and browsers send"),
]


@pytest.mark.parametrize(("target", "why"), TARGETS, ids=lambda value: ascii(value)[:24])
async def test_the_target_goes_out_byte_for_byte(
    serve: Serve, clients: OriginClients, target: str, why: str
) -> None:
    server = await serve(OK)
    response = await clients.fetch(server.origin(), get(target))
    assert await whole(response.body) == b"ok"
    line = server.requests[0].partition(b"\r\n")[0]
    assert line == b"GET " + target.encode("latin-1") + b" HTTP/1.1", why


@pytest.mark.parametrize("value", ["plain", "caf\u00c3\u00a9", "caf\u00e9"], ids=ascii)
async def test_the_head_is_exactly_what_was_given(
    serve: Serve, clients: OriginClients, value: str
) -> None:
    server = await serve(OK)
    lines = [
        ("x-first", value),
        ("HOST", "www.example.test"),
        ("X-Twice", "1"),
        ("Via", "1.1 edge (CloudFront)"),
        ("x-twice", "2"),
        ("Cookie", "a=1;b"),
    ]
    await clients.fetch(server.origin(), Request("GET", "/", Headers(lines)))
    expected = "GET / HTTP/1.1\r\n" + "".join(f"{name}: {text}\r\n" for name, text in lines)
    assert server.requests == [f"{expected}\r\n".encode("latin-1")]


BODIES = [
    # method, headers, body, what frames it, what follows the head
    ("POST", {}, b"data", "Content-Length: 4", b"data"),
    ("POST", {"Content_Length": "4"}, b"data", "Content-Length: 4", b"data"),
    ("PUT", {"Content_Length": "9"}, b"data", "Content-Length: 4", b"data"),
    ("POST", {}, b"", "Content-Length: 0", b""),
    ("DELETE", {}, b"", "", b""),
    ("GET", {}, b"", "", b""),
    ("POST", {"Content_Length": "4"}, [b"da", b"ta"], "Content-Length: 4", b"data"),
    ("POST", {}, [b"da", b"ta"], "Transfer-Encoding: chunked", b"2\r\nda\r\n2\r\nta\r\n0\r\n\r\n"),
    ("PATCH", {"Transfer_Encoding": "gzip"}, [b"x"], "Transfer-Encoding: chunked", None),
]


@pytest.mark.parametrize(("method", "headers", "body", "framing", "sent"), BODIES)
async def test_a_body_is_framed_in_one_way(
    serve: Serve,
    clients: OriginClients,
    method: str,
    headers: dict[str, str],
    body: Any,
    framing: str,
    sent: bytes | None,
) -> None:
    server = await serve(OK)
    upload = body if isinstance(body, bytes) else UploadBody(chunks(*body), None)
    await clients.fetch(server.origin(), get("/", method, upload, **headers))
    head, _, rest = server.requests[0].partition(b"\r\n\r\n")
    frames = [
        line
        for line in head.decode().split("\r\n")
        if line.lower().startswith(("content-length", "transfer-encoding"))
    ]
    assert frames == ([framing] if framing else [])
    assert sent is None or rest == sent


async def test_a_small_body_that_is_there_comes_as_bytes(
    serve: Serve, clients: OriginClients
) -> None:
    answer = (
        b"HTTP/1.1 200 Fine\r\nX-Name: caf\xe9\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\n"
        b"Content-Length: 4\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\0\0"
    )
    response = await clients.fetch((await serve(answer)).origin(), get())
    assert (response.status, response.reason) == (200, "Fine")
    assert list(response.headers) == [
        ("X-Name", "caf\u00e9"),
        ("set-cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("Content-Length", "4"),
        ("Content-Encoding", "gzip"),
    ]
    assert response.body == b"\x1f\x8b\0\0", "never decoded"


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Mod")]
)
async def test_what_has_no_body_gets_none(
    serve: Serve, clients: OriginClients, method: str, status: str
) -> None:
    server = await serve(f"HTTP/1.1 {status}\r\nContent-Length: 99\r\n\r\n".encode())
    for _ in range(2):
        response = await clients.fetch(server.origin(), get(method=method))
        assert response.body == b""
    assert server.connections == 1


async def test_a_redirect_is_an_answer_and_cookies_are_not_kept(
    serve: Serve, clients: OriginClients
) -> None:
    server = await serve(
        b"HTTP/1.1 302 Found\r\nLocation: /b\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n"
    )
    for _ in range(2):
        response = await clients.fetch(server.origin(), get())
        assert (response.status, response.headers.get("location")) == (302, "/b")
    assert len(server.requests) == 2
    assert b"a=1" not in server.requests[1]


async def test_early_hints_are_passed_over(serve: Serve, clients: OriginClients) -> None:
    server = await serve(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK)
    assert (await clients.fetch(server.origin(), get())).body == b"ok"


async def test_connections_are_used_again(serve: Serve, clients: OriginClients) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    server = await serve(OK, chunked, OK)
    for path in ("/a", "/b", "/c"):
        response = await clients.fetch(server.origin(path=path), get(path))
        assert await whole(response.body) == b"ok"
    assert (server.connections, len(server.requests)) == (1, 3)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_connection_given_up_while_idle_is_nobodys_failure(
    serve: Serve, clients: OriginClients, method: str
) -> None:
    server = await serve(OK, CLOSE, OK)
    origin = server.origin(connection_attempts=1)
    for _ in range(2):
        assert (await clients.fetch(origin, get(method=method, body=b"x"))).body == b"ok"
    assert server.connections == 2


async def test_events_arrive_one_by_one(serve: Serve, clients: OriginClients) -> None:
    go_on = asyncio.Event()

    async def dribble(_: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for number in range(3):
            writer.write(b"data: %d\n\n" % number)
            await writer.drain()
            await go_on.wait()
            go_on.clear()
        raise ConnectionResetError  # ends the conversation

    server = await serve(dribble)
    response = await clients.fetch(server.origin(), get())
    assert isinstance(response.body, Arriving)
    events = []
    async for event in response.body:
        events.append(event)
        go_on.set()
    assert events == [b"data: 0\n\n", b"data: 1\n\n", b"data: 2\n\n"]


async def test_a_body_that_takes_its_time_starts_with_what_has_come(
    serve: Serve, clients: OriginClients
) -> None:
    rest = asyncio.Event()

    async def slowly(_: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfast")
        await rest.wait()
        writer.write(b"slow")

    server = await serve(slowly)
    response = await clients.fetch(server.origin(), get())
    assert isinstance(response.body, Arriving)
    assert response.body.length == 8
    parts = aiter(response.body)
    assert await anext(parts) == b"fast"
    rest.set()
    assert await anext(parts) == b"slow"


async def test_a_reader_who_goes_away_closes_the_connection_to_the_origin(
    serve: Serve, clients: OriginClients
) -> None:
    async def endlessly(_: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(bytes(65536))
            await writer.drain()

    server = await serve(endlessly, OK)
    response = await clients.fetch(server.origin(), get())
    reader: Any = aiter(response.body)  # type: ignore[arg-type]
    await anext(reader)
    await reader.aclose()
    await asyncio.wait_for(server.closed.wait(), 5)
    server.closed.clear()
    response = await clients.fetch(server.origin(), get())
    assert response.body == b"ok"


@pytest.mark.parametrize("framing", ["Content-Length: 200000", "Transfer-Encoding: chunked", ""])
async def test_a_body_cut_short_raises_at_its_end_and_never_settles(
    serve: Serve, clients: OriginClients, framing: str
) -> None:
    half = b"a" * 100_000
    data = b"30d40\r\n" + half if "chunked" in framing else half

    async def breaking_off(_: Reader, writer: Writer) -> None:
        writer.write(
            f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n".encode().replace(b"\r\n\r\n\r\n", b"\r\n\r\n")
        )
        writer.write(data)
        await writer.drain()
        raise ConnectionResetError

    server = await serve(breaking_off)
    settled: list[Any] = []
    response = await clients.fetch(server.origin(), get())
    assert not isinstance(response.body, bytes)
    kept = response.body.kept(settled.append, 10 * MIB)
    if framing:
        with pytest.raises(OriginError, match="broke off") as caught:
            await whole(kept)
        assert caught.value.code == "OriginInvalidResponseError"
        assert settled == [None]
    else:
        assert await whole(kept) == half, "the end of the connection is the end of the body"
        assert settled == [half]


async def test_silence_in_the_middle_of_a_body_is_a_timeout(
    serve: Serve, clients: OriginClients
) -> None:
    async def stalling(reader: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfast")
        await reader.read()

    server = await serve(stalling)
    response = await clients.fetch(server.origin(response_timeout_s=0.2), get())
    with pytest.raises(OriginTimeout, match=r"sent nothing for 0\.2 s"):
        await whole(response.body)


TOO_BIG = b"HTTP/1.1 200 OK\r\nX-Big: " + b"x" * 40_000 + b"\r\n\r\n"
FAILURES = [
    # answer, method, requests made, code, status, words, hint
    (CLOSE, "GET", 3, "OriginConnectError", 502, "closed the connection", "log"),
    (CLOSE, "POST", 1, "OriginConnectError", 502, "(1 attempt)", "https://"),
    (reset, "GET", 3, "OriginConnectError", 502, "closed the connection", "log"),
    (stay_silent, "GET", 3, "OriginCommError", 504, "sent nothing for 0.2 s (3 attempts)", "resp"),
    (stay_silent, "HEAD", 3, "OriginCommError", 504, "sent nothing", "response_timeout"),
    (stay_silent, "POST", 1, "OriginCommError", 504, "(1 attempt)", "response_timeout"),
    (stay_silent, "OPTIONS", 1, "OriginCommError", 504, "(1 attempt)", "response_timeout"),
    (b"SSH-2.0-OpenSSH_9.6\r\n", "GET", 1, "OriginInvalidResponseError", 502, "no HTTP", "HTTP se"),
    (b"\x15\x03\x01\0\x02\x02\x46", "GET", 1, "OriginInvalidResponseError", 502, "TLS", "https://"),
    (TOO_BIG, "GET", 1, "OriginHeaderTooBigError", 502, "32,768 bytes", "cookies"),
    (
        b"HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\n",
        "GET",
        1,
        "OriginInvalidResponseError",
        502,
        "101",
        "",
    ),
]


@pytest.mark.parametrize(
    ("answer", "method", "requests", "code", "status", "words", "hint"), FAILURES
)
async def test_a_failure_says_what_it_was(
    serve: Serve,
    clients: OriginClients,
    answer: Any,
    method: str,
    requests: int,
    code: str,
    status: int,
    words: str,
    hint: str,
) -> None:
    server = await serve(answer)
    with pytest.raises(OriginError) as caught:
        await clients.fetch(server.origin(response_timeout_s=0.2), get(method=method))
    error = caught.value
    assert (error.code, error.status, error.where) == (code, status, "origin app")
    assert words in error.what
    assert hint in error.hint
    assert isinstance(error, OriginTimeout) == (status == 504)
    assert len(server.requests) == requests


async def test_nothing_listens(clients: OriginClients) -> None:
    port = unused_port()
    with pytest.raises(OriginError) as caught:
        await clients.fetch(Origin("app", host="127.0.0.1", port=port), get(method="POST"))
    assert str(caught.value) == (
        f"origin app: nothing listens at 127.0.0.1:{port} (connection refused, 3 attempts) "
        "[OriginConnectError]\n"
        "  hint: is the dev server running? start it, or give another --origin"
    )


async def test_a_name_without_an_address(clients: OriginClients) -> None:
    with pytest.raises(OriginError, match=r"nowhere\.invalid has no address") as caught:
        await clients.fetch(Origin("app", host="nowhere.invalid", connection_attempts=2), get())
    assert (caught.value.code, caught.value.status) == ("OriginDnsError", 502)
    assert "2 attempts" in caught.value.what


async def test_a_connection_that_is_never_accepted_is_a_timeout(clients: OriginClients) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listener:
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        origin = Origin(
            "app",
            host="127.0.0.1",
            port=address[1],
            connection_timeout_s=0.1,
            connection_attempts=2,
        )
        began = time.monotonic()
        with pytest.raises(OriginTimeout, match=r"within 0.1 s \(2 attempts\)"):
            await clients.fetch(origin, get())
        assert 0.2 <= time.monotonic() - began < 2
        for one in waiting:
            one.close()


async def test_an_upload_is_not_sent_twice(serve: Serve, clients: OriginClients) -> None:
    server = await serve(CLOSE, OK)
    upload = UploadBody(chunks(b"data"), 4)
    with pytest.raises(OriginError, match="1 attempt"):
        await clients.fetch(server.origin(), get(method="POST", body=upload))
    assert len(server.requests) == 1


async def test_an_upload_that_breaks_off_is_the_viewers_fault(
    serve: Serve, clients: OriginClients
) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError("gone")

    server = await serve(OK)
    with pytest.raises(BadRequest, match="upload broke off"):
        await clients.fetch(server.origin(), get(method="POST", body=UploadBody(breaking(), 8)))


async def tls_server(serve: Serve, context: ssl.SSLContext) -> Scripted:
    return await serve(OK, context=context)


@pytest.mark.parametrize("raw", [False, True], ids=["pool", "own connection"])
async def test_certificates(
    serve: Serve, clients: OriginClients, authority: trustme.CA, tmp_path: Path, raw: bool
) -> None:
    ca_file = str(tmp_path / "ca.pem")
    authority.cert_pem.write_to_path(ca_file)
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    good = await serve(OK, context=server_context(authority, "localhost"))
    other = await serve(OK, context=server_context(authority, "other.example.test"))
    old = await serve(OK, context=server_context(authority, "localhost", not_after=yesterday))
    request = get("/caf\u00e9" if raw else "/")

    async def ask(server: Scripted, **settings: Any) -> bytes:
        origin = server.origin(host="localhost", protocol="https", **settings)
        return await whole((await clients.fetch(origin, request)).body)

    assert await ask(good, ca_file=ca_file) == b"ok"
    for server in (good, other, old):
        assert await ask(server, verify_certificate=False) == b"ok"
    for server, settings, words, hint in (
        (good, {}, "self-signed|unable to get local issuer", 'ca_file = "…" trusts'),
        (other, {"ca_file": ca_file}, "mismatch", "host must be a name"),
        (old, {"ca_file": ca_file}, "expired", "renew"),
    ):
        with pytest.raises(OriginError, match=words) as caught:
            await ask(server, **settings)
        assert (caught.value.code, caught.value.status) == ("OriginConnectError", 502)
        assert hint in caught.value.hint
        assert "localhost" in caught.value.what
    with pytest.raises(OriginError, match="cannot use ca_file"):
        await ask(good, ca_file=str(tmp_path / "missing.pem"))


@pytest.mark.parametrize("target", ["/", "/caf\u00e9"], ids=["pool", "own connection"])
async def test_the_wrong_protocol_is_named(
    serve: Serve, clients: OriginClients, authority: trustme.CA, target: str
) -> None:
    plain = await serve(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    async def greet(reader: Reader, writer: Writer) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    listener = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    with pytest.raises(OriginError) as caught:
        await clients.fetch(plain.origin(port=port, protocol="https"), get(target))
    assert "give http:// in its address" in caught.value.hint
    listener.close()

    secret = await serve(OK, context=server_context(authority, "localhost"))
    with pytest.raises(OriginError) as caught:
        await clients.fetch(secret.origin(), get(target))
    assert "https:// in its address" in caught.value.hint


@pytest.mark.parametrize("kept", [False, True])
async def test_a_hundred_mebibytes_in_bounded_memory(
    serve: Serve, clients: OriginClients, kept: bool
) -> None:
    async def large(_: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (100 * MIB))
        for _chunk in range(1600):
            writer.write(bytes(65536))
            await writer.drain()

    server = await serve(large)
    response = await clients.fetch(server.origin(), get())
    assert not isinstance(response.body, bytes)
    settled: list[Any] = []
    gc.collect()
    tracemalloc.start()
    try:
        body = response.body.kept(settled.append, 200 * MIB) if kept else response.body
        read = [0, 0]

        async def count(number: int) -> None:
            async for chunk in body:
                read[number] += len(chunk)

        await asyncio.gather(*(count(number) for number in range(1 + kept)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert read == [100 * MIB, 100 * MIB * kept]
    assert peak < 6 * MIB
    assert settled == ([body] if kept else [])


async def test_the_origin_is_read_at_the_viewers_pace(serve: Serve, clients: OriginClients) -> None:
    written = 0

    async def large(_: Reader, writer: Writer) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (64 * MIB))
        while written < 64 * MIB:
            writer.write(bytes(65536))
            written += 65536
            await writer.drain()

    server = await serve(large)
    response = await clients.fetch(server.origin(), get())
    chunks = aiter(response.body)  # type: ignore[arg-type]
    await anext(chunks)
    before = -1
    while written != before:  # until neither side moves
        before = written
        for _ in range(200):
            await asyncio.sleep(0)
    assert written < 32 * MIB, "no more than the kernel's and our buffers"


async def test_closing_ends_recordings(serve: Serve) -> None:
    async def stalling(reader: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nbegun")
        await reader.read()

    clients = OriginClients()
    server = await serve(stalling)
    response = await clients.fetch(server.origin(), get())
    settled: list[Any] = []
    assert not isinstance(response.body, bytes)
    kept = response.body.kept(settled.append, MIB)
    await clients.close()
    await clients.close()
    assert settled == [None]
    with pytest.raises(OriginError, match="stopping"):
        await whole(kept)


async def test_a_response_has_to_be_complete_in_time(serve: Serve, clients: OriginClients) -> None:
    """CloudFront: "Origin settings", response completion timeout: over attempts and body alike."""
    late = asyncio.Event()

    async def waits(_: Reader, writer: Writer) -> None:
        await late.wait()

    async def drips(_: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"x" * 100_000)
        await writer.drain()
        await late.wait()

    server = await serve(waits, drips)
    origin = server.origin(response_completion_timeout_s=0.05)
    with pytest.raises(OriginTimeout, match=r"did not complete its response within 0\.05 s") as no:
        await clients.fetch(origin, get())
    assert no.value.status == 504
    response = await clients.fetch(origin, get())
    with pytest.raises(OriginTimeout, match="did not complete"):
        await whole(response.body)
    late.set()


@pytest.mark.parametrize("raw", [False, True], ids=["pool", "own connection"])
@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_client_certificate_is_shown(
    serve: Serve,
    clients: OriginClients,
    authority: trustme.CA,
    tmp_path: Path,
    raw: bool,
    newest: ssl.TLSVersion,
) -> None:
    ca_file, client, strange = (str(tmp_path / f"{name}.pem") for name in ("ca", "edge", "other"))
    authority.cert_pem.write_to_path(ca_file)
    authority.issue_cert("edge.example.test").private_key_and_cert_chain_pem.write_to_path(client)
    trustme.CA().issue_cert("x.test").private_key_and_cert_chain_pem.write_to_path(strange)
    context = server_context(authority, "localhost")
    context.maximum_version = newest
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    server = await serve(OK, context=context)
    request = get("/caf\u00e9" if raw else "/")
    origin = server.origin(host="localhost", protocol="https", ca_file=ca_file)
    shown = replace(origin, client_certificate=client)
    assert await whole((await clients.fetch(shown, request)).body) == b"ok"
    for file, hint in (("", 'client_certificate = "…" shows one'), (strange, "the authority of")):
        with pytest.raises(OriginError) as caught:
            await clients.fetch(replace(origin, client_certificate=file), request)
        assert caught.value.status == 502
        assert hint in caught.value.hint
