"""A real server and a real receiver: from one webhook to the other."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from tests.server.runtime.server_process import build_environment, start_process, wait_until
from tests.server.webhooks.messages import SECRET
from tests.server.webhooks.receiver import Received
from tests.server.webhooks.test_trophy_so import SHARED_SONG, build_event, sign

pytestmark = pytest.mark.slow

TROPHY_SO_SECRET = "example-secret"


@contextmanager
def run_receiver() -> Generator[tuple[str, list[Received]]]:
    """Listen on loopback; yield the address and the requests as they arrive."""
    requests: list[Received] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            requests.append(Received(self.path, headers, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook", requests
        finally:
            server.shutdown()
            thread.join()


def test_an_event_that_comes_by_a_webhook_goes_out_by_one() -> None:
    with run_receiver() as (address, requests):
        environment = build_environment(
            TROPHYCASE_WEBHOOKS=f"house={address}|{SECRET}",
            TROPHYCASE_WEBHOOK_HOSTS="127.0.0.1",
            TROPHY_SO_WEBHOOK_SECRET=TROPHY_SO_SECRET,
        )
        with start_process("serve", "--sandbox", env=environment) as process:
            body = json.dumps(build_event()).encode()
            headers = {"X-Trophy-Signature": sign(body, TROPHY_SO_SECRET)}
            url = f"{process.address}/webhooks/trophy-so"
            assert httpx.post(url, content=body, headers=headers).status_code == 204
            assert httpx.post(url, content=body, headers=headers).status_code == 204
            assert httpx.post(url, content=body, headers={}).status_code == 401
            wait_until(lambda: requests)

            (received,) = requests
            assert received.url == "/hook"
            assert received.is_signed_with(SECRET)
            assert received.json["data"]["achievement"]["id"] == SHARED_SONG
            assert address not in process.errors.read_text()
