"""An origin of exact bytes in a process of its own: gives and takes a gibibyte.

python origin_process.py     prints its port
"""

from __future__ import annotations

import asyncio

SIZE = 1024 * 1024 * 1024
PIECE = bytes(256 * 1024)


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if head.startswith(b"GET"):
        writer.write(b"HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n" % SIZE)
        for _ in range(0, SIZE, len(PIECE)):
            writer.write(PIECE)
            await writer.drain()
    else:
        received = 0
        while received < SIZE and (data := await reader.read(len(PIECE))):
            received += len(data)
        said = b"%d" % received
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(said), said))
    await writer.drain()
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201  for who started it
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
