"""A socket with data, or whose other end was closed, is readable."""

import select
import socket

import pytest

from providers.kit.upstream.transport.readability import Readability


@pytest.mark.parametrize("has_poll", [True, False])
def test_data_and_an_end_make_a_socket_readable(
    monkeypatch: pytest.MonkeyPatch, *, has_poll: bool
) -> None:
    if not has_poll:
        monkeypatch.delattr(select, "poll")
    near, far = socket.socketpair()
    with near:
        readability = Readability(near.fileno())
        assert not readability.is_readable()
        far.send(b"news")
        assert readability.is_readable()
        near.recv(4)
        assert not readability.is_readable()
        far.close()
        assert readability.is_readable()
