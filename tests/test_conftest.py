"""No test reaches beyond this machine."""

import socket

import pytest


@pytest.mark.parametrize("address", ["192.0.2.1", "8.8.8.8", "2001:db8::1"])
def test_nobody_out_there_is_reached(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as reaching, pytest.raises(PermissionError):
        reaching.connect((address, 443))


def test_no_name_is_looked_up() -> None:
    with pytest.raises(PermissionError):
        socket.getaddrinfo("example.org", 443)


def test_loopback_is_reached() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as here,
        socket.create_connection(here.getsockname()) as there,
    ):
        assert there.getpeername() == here.getsockname()
