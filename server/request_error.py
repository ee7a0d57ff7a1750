"""The error of a request that is refused before anything runs."""

from typing import Any

UNAUTHORIZED = 401


class RequestRejected(Exception):
    """A request that is answered without running anything of it."""

    def __init__(
        self, status: int, message: str, code: str = "BAD_USER_INPUT", **extensions: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.extensions = {"code": code, **extensions}
        self.headers = {"WWW-Authenticate": "Bearer"} if status == UNAUTHORIZED else {}
