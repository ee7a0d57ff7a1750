"""Middleware that compresses responses, except events, which must arrive one by one.

Lengths of compressed responses reveal no secret (BREACH): a response contains no credential, and
no other site's page can make a browser send a request that is answered.
"""

from dataclasses import dataclass

from starlette.middleware.gzip import GZipResponder
from starlette.types import ASGIApp, Receive, Scope, Send

from server.content_encoding import LEVEL, MIN_BYTES, accepts_gzip


@dataclass(frozen=True)
class ResponseCompression:
    """Middleware that compresses what is larger than 1 kB and not compressed yet.

    Unlike Starlette's own it reads weights, and leaves the responses of other clients alone.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.app
        if scope["type"] == "http" and accepts_gzip(scope):
            app = GZipResponder(app, MIN_BYTES, LEVEL)
        await app(scope, receive, send)
