"""Whose key a question is asked with: the operator's, or a caller's own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.errors import BadInput, CallerUnauthenticated
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.rate_limiting.settings import concurrency, rate
from providers.kit.text import fingerprint
from providers.kit.upstream.upstream_client import Kit, Upstream
from providers.trophy_so.api import SOURCE, Api
from providers.trophy_so.cached_api import Facts, check_user_id
from providers.trophy_so.client import TrophySoClient

USER_ID_HEADER = "x-trophy-so-user-id"
API_KEY_HEADER = "x-trophy-so-api-key"
CREDENTIAL_HEADERS = frozenset({USER_ID_HEADER, API_KEY_HEADER})
SETTINGS: Mapping[str, str] = {
    "TROPHY_SO_API_KEY": "",
    "TROPHY_SO_USER_ID": "",
    "TROPHY_SO_URL": "https://api.trophy.so/v1",
    "TROPHY_SO_RATE": "40/1",
    "TROPHY_SO_CONCURRENCY": "8",
}
# Whatever else a key may be, it has to fit into a header.
API_KEY = re.compile(r"[\x21-\x7e]{1,512}")


@dataclass(frozen=True)
class TrophySoService:
    """Trophy.so as configured, as long as the server lives."""

    kit: Kit = field(repr=False)
    url: str
    rate: Rate
    concurrency: int
    api_key: str = field(repr=False)
    user_id: str

    @classmethod
    def of(cls, kit: Kit, settings: Mapping[str, str]) -> "TrophySoService":
        """Read the settings; `ValueError` names the one that cannot be right."""
        return cls(
            kit,
            settings["TROPHY_SO_URL"].rstrip("/"),
            rate(settings, "TROPHY_SO_RATE"),
            concurrency(settings, "TROPHY_SO_CONCURRENCY"),
            _api_key(settings["TROPHY_SO_API_KEY"]),
            _user_id(settings["TROPHY_SO_USER_ID"]),
        )

    def operator(self) -> TrophySoClient | None:
        """The client with the configured key; without a user id it has no account of its own."""
        return self._client(self.api_key, self.user_id) if self.api_key else None

    def caller(self, headers: Mapping[str, str]) -> TrophySoClient | None:
        """The client with a caller's own key and user id; both, or neither."""
        if not any(name in headers for name in CREDENTIAL_HEADERS):
            return None
        user_id, api_key = (headers.get(name, "") for name in (USER_ID_HEADER, API_KEY_HEADER))
        _complete(user_id, api_key)
        return self._client(api_key, user_id, is_caller=True)

    def _client(self, api_key: str, own_handle: str, *, is_caller: bool = False) -> TrophySoClient:
        # A key sees the same whoever it is said to belong to, and its rate is one.
        scope = fingerprint(api_key)
        upstream = Upstream(self.kit, SOURCE, scope, self.rate, self.concurrency)
        facts = Facts(Api(upstream, self.url, api_key), scope, is_caller)
        return TrophySoClient(facts, scope, own_handle)


def _complete(user_id: str, api_key: str) -> None:
    for name, value in ((USER_ID_HEADER, user_id), (API_KEY_HEADER, api_key)):
        if not value:
            raise CallerUnauthenticated(f"The header {name} is missing.", source=SOURCE)
    if API_KEY.fullmatch(api_key) is None:
        raise _malformed(API_KEY_HEADER)
    try:
        check_user_id(user_id)
    except BadInput:
        raise _malformed(USER_ID_HEADER) from None


def _malformed(name: str) -> CallerUnauthenticated:
    return CallerUnauthenticated(f"The header {name} is malformed.", source=SOURCE)


def _api_key(text: str) -> str:
    if text and API_KEY.fullmatch(text) is None:
        raise ValueError("TROPHY_SO_API_KEY holds characters that no key has.")
    return text


def _user_id(text: str) -> str:
    try:
        if text:
            check_user_id(text)
    except BadInput:
        raise ValueError("TROPHY_SO_USER_ID is not a user id.") from None
    return text
