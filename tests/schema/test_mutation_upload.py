"""Uploads of pictures: by their bytes, or from a host that the operator has allowed."""

import selectors
import socket
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from providers.psn.sandbox import constants
from providers.psn.sandbox.app import PsnSandbox
from tests.harness import GraphQLResponse, RunningServer, run_server
from tests.schema.psn_queries import JPEG, PNG, encode_base64, list_write_requests, send_mutation

GROUP_ID = constants.DIRECT_GROUP_ID
MEBIBYTE = 1024 * 1024
LISTED_HOSTS = "pictures.example,localhost,127.0.0.1,127.1,0x7f000001"


def upload_resource(server: RunningServer, **given: Any) -> GraphQLResponse:
    """The answer to an upload."""
    return send_mutation(server, "uploadPsnResource", {"groupId": GROUP_ID, **given}, "resourceId")


def is_input_error(answer: GraphQLResponse, argument: str) -> bool:
    """Whether it is the caller's input that was refused."""
    error = answer.error
    return (error["code"], error["argument"]) == ("BAD_USER_INPUT", argument)


@contextmanager
def listen(port: int = 0) -> Generator[socket.socket]:
    """A server on this machine that notices any connection."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.setblocking(False)  # noqa: FBT003 - the standard library's own signature
        yield listener


def has_connection(listener: socket.socket) -> bool:
    """Return whether there was a connection."""
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
def test_the_media_type_of_a_picture_follows_from_its_first_bytes(
    server: RunningServer, content: bytes, content_type: str
) -> None:
    resource_id = upload_resource(server, contentBase64=encode_base64(content)).data[
        "uploadPsnResource"
    ]
    (request,) = list_write_requests(server)
    assert request.headers["content-type"] == content_type
    sandbox: PsnSandbox = server.psn
    stored_resource = sandbox.database.resources[GROUP_ID, resource_id["resourceId"]]
    assert (stored_resource.content, stored_resource.content_type) == (content, content_type)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "====",
        encode_base64(PNG)[:-1],
        encode_base64(PNG) + "\n",
        encode_base64(PNG).replace("/", "_").replace("+", "-") + "ü",
        encode_base64(b"GIF89a picture"),
        encode_base64(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        encode_base64(b"<html>"),
        encode_base64(b"\x89PNG"),
        encode_base64(b"RIFF....WEBP"),
        "data:image/png;base64," + encode_base64(PNG),
        encode_base64(PNG + b"\0" * (MEBIBYTE - len(PNG) + 1)),
        "/etc/passwd",
        "file:///etc/passwd",
    ],
)
def test_content_that_is_not_a_picture_of_at_most_a_mebibyte_is_rejected(
    server: RunningServer, text: str
) -> None:
    assert is_input_error(upload_resource(server, contentBase64=text), "contentBase64")
    assert list_write_requests(server) == []


@pytest.mark.parametrize(
    "given", [{}, {"contentBase64": encode_base64(PNG), "url": "https://pictures.example/a.png"}]
)
def test_exactly_one_of_content_and_url_is_required(
    server: RunningServer, given: dict[str, str]
) -> None:
    assert is_input_error(upload_resource(server, **given), "contentBase64")


def test_no_url_is_fetched_unless_its_host_is_listed(server: RunningServer) -> None:
    answer = upload_resource(server, url="https://pictures.example/a.png")
    assert is_input_error(answer, "url")
    assert list_write_requests(server) == []


# None of these hosts may be resolved or connected to; the tests' network block would raise.
HOSTILE_URLS = [
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


@pytest.mark.parametrize("address", HOSTILE_URLS)
def test_a_hostile_url_is_rejected_without_a_connection(address: str) -> None:
    with run_server(sandbox=False, **_build_settings()) as server, listen() as listener:
        port = listener.getsockname()[1]
        answer = send_mutation(
            server,
            "uploadPsnResource",
            {"groupId": GROUP_ID, "url": address.replace("{port}", str(port))},
            "resourceId",
            _build_credential_headers(),
        )
        assert answer.partial_data == {"uploadPsnResource": None}
        assert is_input_error(answer, "url") or answer.error["code"] == "BAD_USER_INPUT"
        assert not has_connection(listener)
        assert list_write_requests(server) == []


@pytest.mark.slow
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST", "0x7f000001", "127.1"])
def test_a_listed_host_that_is_this_machine_is_not_connected_to(host: str) -> None:
    with (
        _listen_on_the_https_port() as listener,
        run_server(sandbox=False, **_build_settings()) as server,
    ):
        given = {"groupId": GROUP_ID, "url": f"https://{host}/a.png"}
        answer = send_mutation(
            server, "uploadPsnResource", given, "resourceId", _build_credential_headers()
        )
        assert answer.error["code"] in ("BAD_USER_INPUT", "UPSTREAM_UNAVAILABLE")
        assert not has_connection(listener)
        assert list_write_requests(server) == []


@contextmanager
def _listen_on_the_https_port() -> Generator[socket.socket]:
    with ExitStack() as stack:
        try:
            listener = stack.enter_context(listen(443))
        except OSError:
            pytest.skip("the port of https cannot be had on this machine")
        yield listener


def _build_settings() -> dict[str, str]:
    return {"PSN_RESOURCE_HOSTS": LISTED_HOSTS}


def _build_credential_headers() -> dict[str, str]:
    return {
        "x-client-id": constants.CLIENT_ID,
        "x-client-secret": constants.CLIENT_SECRET,
        "x-npsso": constants.SECOND_NPSSO,
    }
