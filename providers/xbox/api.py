"""OpenXBL with one key: paced calls, failures raised as errors whichever way they are told."""

import math
from dataclasses import dataclass, field
from typing import TypeVar

from providers.errors import ProviderError, RateLimited
from providers.kit.key_credential import KeyCredential
from providers.kit.upstream.decode import decode
from providers.kit.upstream.upstream_client import UpstreamClient
from providers.xbox.envelope import open_envelope
from providers.xbox.errors import (
    SUCCESS_STATUSES,
    TOO_MANY_REQUESTS,
    UNAUTHORIZED,
    map_status,
)
from providers.xbox.identifiers import SOURCE
from providers.xbox.languages import get_locale
from providers.xbox.models import Accounts
from providers.xbox.routes import OWN_ACCOUNT

T = TypeVar("T")


@dataclass(frozen=True)
class XboxApi:
    """Calls to OpenXBL with one credential, the operator's or a caller's."""

    upstream: UpstreamClient = field(repr=False)
    credential: KeyCredential
    url: str

    async def get(self, path: str, target: type[T], body: object = None) -> T:
        """Return the content of a response, decoded as the declared type.

        A few routes read by POST, with a body that says what.
        """
        # In `Authorization` the key is ignored. A language that is no locale is refused.
        headers = {"X-Authorization": self.credential.key, "Accept-Language": get_locale()}
        method = "GET" if body is None else "POST"
        reply = await self.upstream.read(
            f"{self.url}/{path}", method=method, headers=headers, json=body
        )
        if reply.status not in SUCCESS_STATUSES:
            raise self._map_status(reply.status, is_page=not reply.is_json)
        code, content = open_envelope(reply.json_text)
        if code not in SUCCESS_STATUSES:
            raise self._map_status(code, is_page=False)
        return decode(content, target, SOURCE)

    async def verify_key(self) -> None:
        """Make the cheapest call; raise for a rejected key."""
        await self.load_own_accounts()

    async def load_own_accounts(self) -> Accounts:
        """Load the account of the key's owner, in a list."""
        (path, *_) = OWN_ACCOUNT.build_paths()
        return await self.get(path, Accounts)

    def _map_status(self, status: int, *, is_page: bool) -> ProviderError:
        if status == UNAUTHORIZED:
            return self.credential.build_rejection()
        if status == TOO_MANY_REQUESTS:  # inside a response with 200
            seconds = math.ceil(self.upstream.rate_limiter.pause(None))
            return RateLimited("The source asks to wait.", source=SOURCE, retry_after=seconds)
        return map_status(status, is_page=is_page)
