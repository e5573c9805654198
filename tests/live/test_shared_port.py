from __future__ import annotations

import socket
from contextlib import ExitStack

import pytest

from edgesim.errors import ConfigError
from edgesim.live.shared_port import held


def shared(port: int) -> socket.socket:
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    one.bind(("127.0.0.1", port))
    return one


def test_several_may_listen_where_it_is_held_and_only_they_are_connected_to() -> None:
    with ExitStack() as holding:
        port = held("127.0.0.1", 0, "--port", holding)
        with shared(port) as one, shared(port) as other:
            one.listen()
            other.listen()
            one.setblocking(False)
            other.setblocking(False)
            for _ in range(32):
                with socket.create_connection(("127.0.0.1", port)):
                    pass
            accepted = sum(accepting(listener) for listener in (one, other))
            assert accepted == 32


def accepting(listener: socket.socket) -> int:
    count = 0
    while True:
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


@pytest.mark.parametrize("shares", [False, True], ids=["alone", "another edgesim's workers"])
def test_a_port_that_is_taken(shares: bool) -> None:
    with socket.socket() as taken, ExitStack() as holding:
        if shares:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} on 127.0.0.1 is in use") as refused:
            held("127.0.0.1", port, "--tls-port", holding)
        assert f"--tls-port {port + 1}" in refused.value.hint


def test_it_is_free_again_afterwards() -> None:
    with ExitStack() as holding:
        port = held("127.0.0.1", 0, "--port", holding)
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_every_address_of_a_name_has_the_same_port() -> None:
    with ExitStack() as holding:
        port = held("localhost", 0, "--port", holding)
        assert port > 0
        with pytest.raises(OSError, match="in use"), socket.socket() as other:
            other.bind(("127.0.0.1", port))
