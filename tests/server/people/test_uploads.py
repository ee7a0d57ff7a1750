"""Pictures to be sent: by their bytes, or from a host that the operator has listed."""

import selectors
import socket
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from providers.psn.sandbox import world
from providers.psn.sandbox.app import PsnSandbox
from tests.asking import Answer, Server, serving
from tests.server.people.psn import JPEG, PNG, changed, changes, encoded

GROUP = world.DIRECT_GROUP_ID
MEBIBYTE = 1024 * 1024
LISTED = "pictures.example,localhost,127.0.0.1,127.1,0x7f000001"


def uploaded(server: Server, **given: Any) -> Answer:
    """The answer to an upload."""
    return changed(server, "uploadPsnResource", {"groupId": GROUP, **given}, "resourceId")


def refused(answer: Answer, argument: str) -> bool:
    """Whether it is the caller's input that was refused."""
    error = answer.error
    return (error["code"], error["argument"]) == ("BAD_USER_INPUT", argument)


@contextmanager
def listening(port: int = 0) -> Generator[socket.socket]:
    """A service of this machine that would see whoever connects to it."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.setblocking(False)  # noqa: FBT003 - the standard library's own signature
        yield listener


def seen(listener: socket.socket) -> bool:
    """Whether somebody has connected."""
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        return bool(selector.select(0))


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (JPEG + b"\0" * (MEBIBYTE - len(JPEG)), "image/jpeg"),
    ],
)
def test_a_picture_is_sent_as_what_its_first_bytes_say(
    server: Server, content: bytes, content_type: str
) -> None:
    resource_id = uploaded(server, contentBase64=encoded(content)).data["uploadPsnResource"]
    (request,) = changes(server)
    assert request.headers["content-type"] == content_type
    sandbox: PsnSandbox = server.psn
    kept = sandbox.world.resources[GROUP, resource_id["resourceId"]]
    assert (kept.content, kept.content_type) == (content, content_type)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "====",
        encoded(PNG)[:-1],
        encoded(PNG) + "\n",
        encoded(PNG).replace("/", "_").replace("+", "-") + "ü",
        encoded(b"GIF89a picture"),
        encoded(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        encoded(b"<html>"),
        encoded(b"\x89PNG"),
        encoded(b"RIFF....WEBP"),
        "data:image/png;base64," + encoded(PNG),
        encoded(PNG + b"\0" * (MEBIBYTE - len(PNG) + 1)),
        "/etc/passwd",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_picture_of_at_most_a_mebibyte_is_refused(server: Server, text: str) -> None:
    assert refused(uploaded(server, contentBase64=text), "contentBase64")
    assert changes(server) == []


@pytest.mark.parametrize(
    "given", [{}, {"contentBase64": encoded(PNG), "url": "https://pictures.example/a.png"}]
)
def test_exactly_one_way_has_to_be_named(server: Server, given: dict[str, str]) -> None:
    assert refused(uploaded(server, **given), "contentBase64")


def test_no_address_is_fetched_unless_its_host_is_listed(server: Server) -> None:
    answer = uploaded(server, url="https://pictures.example/a.png")
    assert refused(answer, "url")
    assert changes(server) == []


# Nothing here may be looked up or connected to: a test that tried would be refused the network.
ADDRESSES = [
    "/etc/passwd",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "./picture.png",
    "C:\\picture.png",
    "\\\\host\\share\\picture.png",
    "//pictures.example/a.png",
    "http://pictures.example/a.png",
    "ftp://pictures.example/a.png",
    "data:image/png;base64,iVBORw0KGgo=",
    "gopher://pictures.example/a",
    "https://elsewhere.example/a.png",
    "https://pictures.example.elsewhere.example/a.png",
    "https://pictures.example@127.0.0.1:{port}/a.png",
    "https://127.0.0.1:{port}@pictures.example/a.png",
    "https://pictures.example:{port}/a.png",
    "https://pictures.example\\@127.0.0.1:{port}/a.png",
    "https://pictures.example#@127.0.0.1:{port}/",
    "https://pictures.example/\r\nHost: 127.0.0.1",
    "https://pictures.example/a b.png",
    "https://pictures.example%2f@127.0.0.1:{port}/",
    "https://p\u0131ctures.example/a.png",
    "https://pictures.example\u3002elsewhere.example/",
    "https://[::1]:{port}/a.png",
    "https://[::ffff:127.0.0.1]:{port}/a.png",
    "https://127.1:{port}/a.png",
    "https://169.254.169.254/latest/meta-data/",
    "",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_hostile_address_is_refused_and_nothing_is_connected_to(address: str) -> None:
    with serving(sandbox=False, **_settings()) as server, listening() as listener:
        port = listener.getsockname()[1]
        answer = changed(
            server,
            "uploadPsnResource",
            {"groupId": GROUP, "url": address.replace("{port}", str(port))},
            "resourceId",
            _signed(),
        )
        assert answer.partial == {"uploadPsnResource": None}
        assert refused(answer, "url") or answer.error["code"] == "BAD_USER_INPUT"
        assert not seen(listener)
        assert changes(server) == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST", "0x7f000001", "127.1"])
def test_a_listed_host_that_is_this_machine_is_not_connected_to(host: str) -> None:
    with _on_the_port_of_https() as listener, serving(sandbox=False, **_settings()) as server:
        given = {"groupId": GROUP, "url": f"https://{host}/a.png"}
        answer = changed(server, "uploadPsnResource", given, "resourceId", _signed())
        assert answer.error["code"] in ("BAD_USER_INPUT", "UPSTREAM_UNAVAILABLE")
        assert not seen(listener)
        assert changes(server) == []


@contextmanager
def _on_the_port_of_https() -> Generator[socket.socket]:
    with ExitStack() as held:
        try:
            listener = held.enter_context(listening(443))
        except OSError:
            pytest.skip("the port of https cannot be had on this machine")
        yield listener


def _settings() -> dict[str, str]:
    return {"PSN_RESOURCE_HOSTS": LISTED}


def _signed() -> dict[str, str]:
    return {
        "x-client-id": world.CLIENT_ID,
        "x-client-secret": world.CLIENT_SECRET,
        "x-npsso": world.SECOND_NPSSO,
    }
