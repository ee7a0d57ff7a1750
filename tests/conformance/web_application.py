"""A web application on an origin of its own, and the browser that opens it."""

import shutil
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.conformance.processes import REPOSITORY, find_node

PLAYWRIGHT = REPOSITORY / "server" / "explorer" / "node_modules" / "playwright-core"
EMPTY_PAGE = "<!doctype html><title>An application</title>"


def find_chromium() -> str:
    """Return the path of Chromium; skip without it, Node or playwright-core."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if find_node() is None:
        pytest.skip("needs Node 20 or newer")
    if found is None:
        pytest.skip("needs Chromium")
    if not PLAYWRIGHT.is_dir():
        pytest.skip("needs playwright-core (`npm ci` in server/explorer)")
    return found


@contextmanager
def serve_web_application(page: Sequence[str]) -> Generator[str]:
    """Serve the last of these pages on an origin of its own, and return the origin."""

    class PageHandler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = page[-1].encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the name is inherited
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), PageHandler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
