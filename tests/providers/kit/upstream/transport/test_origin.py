"""Connections to hosts: TLS with the right name alone, IPv6, and hosts that cannot be reached."""

import inspect
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from providers.kit.upstream.transport.http_transport import HttpTransport
from tests.providers.kit.upstream.scripted_server import (
    ScriptedServer,
    ServerConnection,
    build_response,
    get_tls,
    make_send_step,
    run_with_transport,
)

SEND_OK = make_send_step(build_response(b"{}"))
NOW = datetime.now(UTC)


def create_server_tls(folder: Path, *names: x509.GeneralName) -> ssl.SSLContext:
    """Create a self-signed certificate for these names and the context of a server with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "upstream")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "certificate.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


@pytest.fixture(autouse=True)
def own_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each transport a TLS context of its own; other tests share one."""
    create_context = inspect.unwrap(ssl.create_default_context)
    monkeypatch.setattr(ssl, "create_default_context", create_context)


def create_trusting_transport(folder: Path) -> HttpTransport:
    transport = HttpTransport()
    transport.tls.load_verify_locations(folder / "certificate.pem")
    return transport


LOOPBACK = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


def test_a_verified_host_is_called_over_http_1(tmp_path: Path) -> None:
    server = ScriptedServer([SEND_OK], tls=create_server_tls(tmp_path, LOOPBACK))
    chosen: list[str | None] = []

    async def call(http: httpx.AsyncClient) -> list[bytes]:
        return [(await http.get("/")).content for _ in range(2)]

    async def record_and_respond(connection: ServerConnection) -> None:
        tls: ssl.SSLObject = connection.writer.get_extra_info("ssl_object")
        chosen.append(tls.selected_alpn_protocol())
        await SEND_OK(connection)

    server.script = [record_and_respond]
    assert run_with_transport(server, call, create_trusting_transport(tmp_path)) == [b"{}", b"{}"]
    assert chosen == ["http/1.1"] * 2
    assert server.connections == 1


def test_the_name_in_the_certificate_may_be_given(tmp_path: Path) -> None:
    server = ScriptedServer(
        [SEND_OK], tls=create_server_tls(tmp_path, x509.DNSName("pictures.example"))
    )

    async def call(http: httpx.AsyncClient) -> int:
        extensions = {"sni_hostname": "pictures.example"}
        with pytest.raises(httpx.ConnectError):
            await http.get("/")
        return (await http.get("/", extensions=extensions)).status_code

    assert run_with_transport(server, call, create_trusting_transport(tmp_path)) == 200


@pytest.mark.parametrize("is_trusted", [True, False])
def test_a_host_whose_certificate_is_not_its_own_gets_no_request(
    tmp_path: Path, *, is_trusted: bool
) -> None:
    name = x509.DNSName("other.example") if is_trusted else LOOPBACK
    server = ScriptedServer([SEND_OK], tls=create_server_tls(tmp_path, name))
    transport = create_trusting_transport(tmp_path) if is_trusted else HttpTransport()

    async def call(http: httpx.AsyncClient) -> None:
        with pytest.raises(httpx.ConnectError):
            await http.get("/")

    run_with_transport(server, call, transport)
    assert server.requests == []


def test_a_host_that_does_not_finish_its_handshake_is_a_connect_timeout() -> None:
    server = ScriptedServer([SEND_OK])

    async def call(http: httpx.AsyncClient) -> None:
        with pytest.raises(httpx.ConnectTimeout):
            await http.get(server.build_url().replace("http:", "https:"))

    run_with_transport(server, call, timeout=httpx.Timeout(None, connect=0.05))
    assert server.requests == []


def test_an_ipv6_address_is_called() -> None:
    server = ScriptedServer([SEND_OK], host="::1")

    assert run_with_transport(server, lambda http: http.get("/")).content == b"{}"
    assert f"host: [::1]:{server.port}\r\n".encode() in server.requests[0].lower()


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("ftp://127.0.0.1/", httpx.UnsupportedProtocol),
        ("http:///path", httpx.UnsupportedProtocol),
        ("file:///etc/hostname", httpx.UnsupportedProtocol),
        ("/path", httpx.UnsupportedProtocol),
        ("http://127.0.0.1:1/", httpx.ConnectError),
        (f"http://{'a' * 64}.localhost/", httpx.ConnectError),
        ("https://.localhost/", httpx.ConnectError),
    ],
)
def test_where_no_request_can_go(url: str, error: type[httpx.TransportError]) -> None:
    async def call() -> None:
        with pytest.raises(error):
            await HttpTransport(get_tls()).handle_async_request(httpx.Request("GET", url))

    uvloop.run(call())
