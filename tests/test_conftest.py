"""No test reaches beyond this machine."""

import socket

import pytest


@pytest.mark.parametrize("address", ["192.0.2.1", "8.8.8.8", "2001:db8::1"])
def test_external_addresses_are_blocked(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as connection, pytest.raises(PermissionError):
        connection.connect((address, 443))


def test_dns_lookups_are_blocked() -> None:
    with pytest.raises(PermissionError):
        socket.getaddrinfo("example.org", 443)


def test_loopback_is_allowed() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as here,
        socket.create_connection(here.getsockname()) as there,
    ):
        assert there.getpeername() == here.getsockname()
