"""A port on which several processes of ours are to listen, and nobody else."""

from __future__ import annotations

import socket
from contextlib import ExitStack

from ..errors import ConfigError
from .server import cannot_listen


def held(host: str, port: int, option: str, holding: ExitStack) -> int:
    """The port, a free one if `port` is 0; nobody else gets it for as long as `holding` is open.

    Whoever shares the port may listen there meanwhile: what holds it does not. Raises
    `ConfigError`, which names the `option` that chooses another port.
    """
    if not hasattr(socket, "SO_REUSEPORT"):
        raise ConfigError("this system has no SO_REUSEPORT", hint="leave out --workers")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in dict.fromkeys(found):
            with socket.socket(family, kind, protocol) as alone:  # others' shared ports are taken
                alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                _bind(alone, address, port)
                port = alone.getsockname()[1]
            shared = holding.enter_context(socket.socket(family, kind, protocol))
            shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            _bind(shared, address, port)
    except OSError as error:
        raise cannot_listen(error, host, port, option) from None
    return port


def _bind(one: socket.socket, address: tuple[object, ...], port: int) -> None:
    if one.family == socket.AF_INET6:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    one.bind((address[0], port, *address[2:]))
