"""What Discord does for a bot: it sends signed interactions, and takes messages."""

import json
import queue
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PATIENCE_SECONDS = 60


@dataclass
class Discord:
    """A stand-in for Discord's API that keeps the messages it gets, by method and path."""

    address: str
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    messages: "queue.Queue[tuple[str, str, Any]]" = field(default_factory=queue.Queue[Any])

    @property
    def public_key(self) -> str:
        """Return the key that verifies interactions, in hexadecimal."""
        return self.key.public_key().public_bytes_raw().hex()

    def interact(self, bot: str, interaction: Any, *, is_forged: bool = False) -> httpx.Response:
        """Send an interaction to a bot as Discord does."""
        body, timestamp = json.dumps(interaction).encode(), str(int(time.time()))
        key = Ed25519PrivateKey.generate() if is_forged else self.key
        headers = {
            "x-signature-ed25519": key.sign(timestamp.encode() + body).hex(),
            "x-signature-timestamp": timestamp,
        }
        return httpx.post(f"{bot}/interactions", content=body, headers=headers)

    def wait_for(self, method: str) -> tuple[str, Any]:
        """Return the path and the content of the next message that was sent by this method."""
        while True:
            found, path, content = self.messages.get(timeout=PATIENCE_SECONDS)
            if found == method:
                return path, content


@contextmanager
def start_discord() -> Generator[Discord]:
    """Serve a stand-in for Discord's API on this machine."""

    class MessageHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._take()

        def do_PATCH(self) -> None:
            self._take()

        def _take(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["content-length"])))
            discord.messages.put((self.command, self.path, content))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the name is inherited
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), MessageHandler) as server:
        discord = Discord(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield discord
        finally:
            server.shutdown()
            thread.join()
