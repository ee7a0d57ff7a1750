"""PlayStation Network's sandbox behind prepared responses, in a process of its own.

    python -m tests.benchmarks.speed.prepared_upstream

It prints its URL. Each resource is requested from the sandbox once, for the first account of a
size; all copies of the account get the same bytes with their own titles in the list. Nothing else
is done for a request, so that the upstream takes little of the processor that is measured.
"""

import asyncio
import json
import re
import sys
from dataclasses import dataclass, field
from typing import cast

import httptools
import httpx
import uvloop

from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from providers.psn.sandbox.models import Account
from providers.psn.sandbox.state import Grant
from providers.registry import Source
from server.sandbox.upstreams import SandboxTransport, create_sandbox_app
from tests.benchmarks.sandbox_data import add_complete_titles
from tests.benchmarks.speed.workload import SIZES

TOKEN = "benchmark-token"  # valid without sign-in, for the servers that are compared
CONTROL_PREFIX = b"/_benchmark/"
NEVER = float("inf")
ACCOUNT_PATTERN = re.compile(rb"(77\d{3})(\d{14})")
TITLE_PATTERN = re.compile(rb"NPWR(\d{5})_00")
LIST_PATTERN = re.compile(rb"/users/77\d{17}/trophyTitles\?")
OPERATION_PATTERN = re.compile(rb"/api/graphql/v1/op\?")
KILOBYTE = json.dumps({"data": {"text": "x" * 990}}).encode()


@dataclass(frozen=True)
class Call:
    """A request, with the copy of the account that it is for."""

    method: str
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def template(self) -> bytes:
        """The target for the first account of this size."""
        target = ACCOUNT_PATTERN.sub(rb"\g<1>00000000000000", self.target)
        return TITLE_PATTERN.sub(_replace_title, target)

    @property
    def copy(self) -> int:
        found = ACCOUNT_PATTERN.search(self.target)
        return int(found[2]) if found else 0


@dataclass
class PreparedUpstream:
    """The sandbox, the responses that it gave, and the calls since they were last read."""

    sandbox: httpx.AsyncClient
    delay: float = 0
    calls: int = 0
    responses: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def respond(self, call: Call, transport: asyncio.WriteTransport) -> None:
        """Write the response, delayed by as much as is set."""
        if call.target.startswith(CONTROL_PREFIX):
            transport.write(self._control(call.target.removeprefix(CONTROL_PREFIX)))
            return
        self.calls += b"/oauth/" not in call.target
        prepared = self.responses.get(call.template)
        if prepared is None:
            task = asyncio.create_task(self._respond_first(call, transport))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        else:
            self._write(call, prepared, transport)

    async def _respond_first(self, call: Call, transport: asyncio.WriteTransport) -> None:
        if OPERATION_PATTERN.search(call.target):
            prepared = _build_response(KILOBYTE)
        else:
            response = await self.sandbox.request(
                call.method, call.template.decode(), headers=call.headers, content=call.body
            )
            prepared = _build_response(response.content, response.status_code, response.headers)
        if call.method == "GET" and b"/oauth/" not in call.target:
            self.responses[call.template] = prepared
        self._write(call, prepared, transport)

    def _write(self, call: Call, prepared: bytes, transport: asyncio.WriteTransport) -> None:
        if call.copy and LIST_PATTERN.search(call.target):
            prepared = TITLE_PATTERN.sub(lambda found: _copy_title(found, call.copy), prepared)
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, transport.write, prepared)
        else:
            transport.write(prepared)

    def _control(self, words: bytes) -> bytes:
        """Set the delay (`delay/SECONDS`), or return and forget the number of calls (`calls`)."""
        name, _, value = words.partition(b"/")
        if name == b"delay":
            self.delay = float(value)
        calls, self.calls = self.calls, 0
        return _build_response(json.dumps(calls).encode())


class Connection(asyncio.Protocol):
    """Parses requests of one connection; a client sends the next one after the response."""

    def __init__(self, upstream: PreparedUpstream) -> None:
        self._upstream = upstream
        self._parser = httptools.HttpRequestParser(self)
        self._target = self._body = b""
        self._headers: list[tuple[bytes, bytes]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._target = self._body = b""
        self._headers = []

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode()
        call = Call(method, self._target, self._headers, self._body)
        self._upstream.respond(call, self._transport)


def _find_size_of_title(number: int) -> tuple[int, int]:
    """Return the first number and the count of titles of the size with this title."""
    size = max(
        (each for each in SIZES.values() if each.first_title <= number),
        key=lambda each: each.first_title,
    )
    return size.first_title, size.titles


def _replace_title(found: re.Match[bytes]) -> bytes:
    """Replace the title of a copy by that of the first account."""
    first, count = _find_size_of_title(int(found[1]))
    return b"NPWR%05d_00" % (first + (int(found[1]) - first) % count)


def _copy_title(found: re.Match[bytes], copy: int) -> bytes:
    _, count = _find_size_of_title(int(found[1]))
    return b"NPWR%05d_00" % (int(found[1]) + copy * count)


def _build_response(body: bytes, status: int = 200, headers: httpx.Headers | None = None) -> bytes:
    named = {"content-type": "application/json", **(headers or {}), "content-length": len(body)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Prepared\r\n{lines}\r\n".encode() + body


def create_upstream() -> PreparedUpstream:
    """Create the sandbox with an account of every size."""
    app = create_sandbox_app()
    upstreams = cast("SandboxTransport", app.state.upstreams)
    psn = cast("PsnSandbox", upstreams.sandboxes[Source.PSN])
    for name, size in SIZES.items():
        account_id = size.get_account_id()
        psn.database.accounts[account_id] = Account(account_id, f"benchmark_{name}")
        add_complete_titles(psn, account_id, size.titles, size.trophies, first=size.first_title)
    psn.state.access_tokens[TOKEN] = Grant(OWNER_ACCOUNT_ID, NEVER)
    transport = httpx.ASGITransport(app)
    return PreparedUpstream(httpx.AsyncClient(transport=transport, base_url="http://upstream"))


async def serve() -> None:
    """Serve until stopped."""
    upstream = create_upstream()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(upstream), "127.0.0.1", 0
    )
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
