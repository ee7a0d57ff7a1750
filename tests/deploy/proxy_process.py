"""Starts a proxy with its configuration from `deploy/`, in front of a server of its own."""

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.server.runtime.server_process import (
    REPOSITORY,
    TIMEOUT_SECONDS,
    Process,
    build_environment,
    start_process,
    wait_until,
)

SITE = "trophies.example.org"
LOOPBACK = "127.0.0.1"
# Shorter than the server's own, which are therefore not the ones that end a connection.
TEST_TIMEOUT = "3s"
DEPLOY = REPOSITORY / "deploy"


@dataclass(frozen=True)
class ProxyFiles:
    """What a proxy is started with: its folder, its ports, its certificate."""

    folder: Path
    https_port: int
    http_port: int
    upstream: str

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"


@dataclass(frozen=True)
class ProxiedServer:
    """A server that is running behind a proxy."""

    process: Process
    files: ProxyFiles

    @property
    def tls(self) -> ssl.SSLContext:
        """Trusts the proxy's certificate and no other."""
        return ssl.create_default_context(cafile=self.files.certificate)

    @contextmanager
    def open_client(self, address: str = LOOPBACK) -> Generator[httpx.Client]:
        """Yield a client that comes from an address of this machine."""
        transport = httpx.HTTPTransport(verify=self.tls, local_address=address)
        with httpx.Client(
            transport=transport,
            base_url=f"https://{LOOPBACK}:{self.files.https_port}",
            headers={"Host": SITE},
            timeout=TIMEOUT_SECONDS,
        ) as client:
            yield client

    def request(self, method: str, path: str, **options: object) -> httpx.Response:
        """Send one request by the site's name."""
        with self.open_client() as client:
            request = client.build_request(method, path, **options)  # pyright: ignore[reportArgumentType] - httpx's own
            request.extensions["sni_hostname"] = SITE
            return client.send(request)

    def execute(self, query: str, **headers: str) -> httpx.Response:
        """Send an operation."""
        return self.request("POST", "/graphql", json={"query": query}, headers=headers)

    @contextmanager
    def open_connection(self) -> Generator[ssl.SSLSocket]:
        """Yield a connection on which a test writes bytes of its own."""
        address = (LOOPBACK, self.files.https_port)
        with (
            socket.create_connection(address, TIMEOUT_SECONDS) as plain,
            self.tls.wrap_socket(plain, server_hostname=SITE) as connection,
        ):
            yield connection


@contextmanager
def start_proxied_server(proxy: str, **settings: str) -> Generator[ProxiedServer]:
    """Yield a sandbox server behind a proxy that it trusts."""
    environment = build_environment(TROPHYCASE_TRUSTED_PROXIES=LOOPBACK, **settings)
    with (
        TemporaryDirectory() as folder,
        start_process("serve", "--sandbox", env=environment) as process,
    ):
        upstream = process.address.removeprefix("http://")
        files = ProxyFiles(Path(folder), find_free_port(), find_free_port(), upstream)
        make_certificate(files)
        with run_proxy(START[proxy](files), files):
            yield ProxiedServer(process, files)


@contextmanager
def run_proxy(command: list[str], files: ProxyFiles) -> Generator[None]:
    """Run a proxy until the block ends."""
    log = files.folder / "log"
    environment = {**os.environ, "HOME": str(files.folder), "XDG_DATA_HOME": str(files.folder)}
    with log.open("wb") as output:
        popen = subprocess.Popen(  # noqa: S603
            command, cwd=files.folder, env=environment, stdout=output, stderr=output
        )
    try:
        wait_until(lambda: popen.poll() is not None or is_listening(files.https_port))
        assert popen.poll() is None, log.read_text()
        yield
    finally:
        popen.terminate()
        popen.wait(TIMEOUT_SECONDS)


def build_nginx_command(files: ProxyFiles) -> list[str]:
    """Write nginx's configuration for these files, and return how it is started."""
    temporary = "".join(
        f"{name}_temp_path {files.folder / name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = rewrite(
        "nginx.conf",
        files,
        {
            "http {\n": f"http {{\n{temporary}",
            "client_header_timeout 10s": f"client_header_timeout {TEST_TIMEOUT}",
            "client_body_timeout 10s": f"client_body_timeout {TEST_TIMEOUT}",
            "/etc/ssl/trophycase/certificate.pem": str(files.certificate),
            "/etc/ssl/trophycase/key.pem": str(files.key),
            "listen 80": f"listen {LOOPBACK}:{files.http_port}",
            "listen 443": f"listen {LOOPBACK}:{files.https_port}",
        },
    )
    # A worker without root's rights could not enter the test's folder.
    user = "user root; " if os.geteuid() == 0 else ""
    directives = f"{user}daemon off; pid {files.folder / 'pid'};"
    return [find_program("nginx"), "-e", "stderr", "-c", str(path), "-g", directives]


def build_caddy_command(files: ProxyFiles) -> list[str]:
    """Write Caddy's configuration for these files, and return how it is started."""
    ports = f"http_port {files.http_port}\nhttps_port {files.https_port}\n"
    path = rewrite(
        "Caddyfile",
        files,
        {
            "admin off\n": f"admin off\n{ports}default_bind {LOOPBACK}\n",
            "read_header 10s": f"read_header {TEST_TIMEOUT}",
            "read_body 10s": f"read_body {TEST_TIMEOUT}",
            f"{{$SITE:{SITE}}} {{\n": f"{SITE} {{\ntls {files.certificate} {files.key}\n",
        },
    )
    return [find_program("caddy"), "run", "--config", str(path), "--adapter", "caddyfile"]


START: dict[str, Callable[[ProxyFiles], list[str]]] = {
    "nginx": build_nginx_command,
    "caddy": build_caddy_command,
}


def rewrite(name: str, files: ProxyFiles, replacements: dict[str, str]) -> Path:
    """Write a configuration with other addresses, files and times; each of them has to be in it."""
    text = (DEPLOY / name).read_text()
    for before, after in {"127.0.0.1:8000": files.upstream, **replacements}.items():
        assert before in text
        text = text.replace(before, after)
    (files.folder / name).write_text(text)
    return files.folder / name


def make_certificate(files: ProxyFiles) -> None:
    """Write a certificate for the site, signed by itself."""
    subprocess.run(  # noqa: S603
        [
            find_program("openssl"),
            *("req", "-x509", "-nodes", "-days", "1", "-subj", f"/CN={SITE}"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-addext", f"subjectAltName=DNS:{SITE}"),
            *("-out", str(files.certificate), "-keyout", str(files.key)),
        ],
        capture_output=True,
        check=True,
    )


def find_program(name: str) -> str:
    """Return where a program is, also where only root has it in the path."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert found, f"{name} is not installed"
    return found


def is_installed(*names: str) -> bool:
    """Return whether all of these programs are here."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    return all(shutil.which(name, path=path) for name in names)


def find_free_port() -> int:
    """Return a port of the loopback address that nothing listens on."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        return listener.getsockname()[1]


def is_listening(port: int) -> bool:
    """Return whether a connection to a port is accepted."""
    with socket.socket() as connection:
        return connection.connect_ex((LOOPBACK, port)) == 0
