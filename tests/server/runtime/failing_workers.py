"""The serve command, with workers whose application fails to start."""

import sys
from typing import Any

from server.__main__ import main
from server.runtime import run


async def fail_on_startup(_scope: Any, _receive: Any, _send: Any) -> None:
    """Fail in the lifespan's startup."""
    raise RuntimeError


if __name__ == "__mp_main__":  # in a worker
    run.create_worker_app = lambda: fail_on_startup  # pyright: ignore[reportAttributeAccessIssue]

if __name__ == "__main__":
    sys.exit(main(["serve", "--sandbox", "--workers", "2", "--port", "0"]))
