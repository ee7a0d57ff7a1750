"""Whose key a question is asked with: the operator's, or a caller's own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.errors import BadInput, CallerUnauthenticated
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.rate_limiting.settings import read_concurrency, read_rate
from providers.kit.text import hash_credential
from providers.kit.upstream.upstream_client import SharedServices, UpstreamClient
from providers.trophy_so.api import SOURCE, TrophySoApi
from providers.trophy_so.cached_api import CachedApi, check_user_id
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
API_KEY_PATTERN = re.compile(r"[\x21-\x7e]{1,512}")


@dataclass(frozen=True)
class TrophySoService:
    """Trophy.so as configured, as long as the server lives."""

    services: SharedServices = field(repr=False)
    url: str
    rate: Rate
    concurrency: int
    api_key: str = field(repr=False)
    user_id: str

    @classmethod
    def from_settings(
        cls, services: SharedServices, settings: Mapping[str, str]
    ) -> "TrophySoService":
        """Read the settings; `ValueError` names the one that cannot be right."""
        return cls(
            services,
            settings["TROPHY_SO_URL"].rstrip("/"),
            read_rate(settings, "TROPHY_SO_RATE"),
            read_concurrency(settings, "TROPHY_SO_CONCURRENCY"),
            _validate_api_key(settings["TROPHY_SO_API_KEY"]),
            _validate_user_id(settings["TROPHY_SO_USER_ID"]),
        )

    def get_operator_client(self) -> TrophySoClient | None:
        """The client with the configured key; without a user id it has no account of its own."""
        return self._create_client(self.api_key, self.user_id) if self.api_key else None

    def create_caller_client(self, headers: Mapping[str, str]) -> TrophySoClient | None:
        """The client with a caller's own key and user id; both, or neither."""
        if not any(name in headers for name in CREDENTIAL_HEADERS):
            return None
        user_id, api_key = (headers.get(name, "") for name in (USER_ID_HEADER, API_KEY_HEADER))
        _check_credential_headers(user_id, api_key)
        return self._create_client(api_key, user_id, is_caller=True)

    def _create_client(
        self, api_key: str, own_handle: str, *, is_caller: bool = False
    ) -> TrophySoClient:
        # A key sees the same whoever it is said to belong to, and its rate is one.
        scope = hash_credential(api_key)
        upstream = UpstreamClient(self.services, SOURCE, scope, self.rate, self.concurrency)
        cached_api = CachedApi(TrophySoApi(upstream, self.url, api_key), scope, is_caller)
        return TrophySoClient(cached_api, scope, own_handle)


def _check_credential_headers(user_id: str, api_key: str) -> None:
    for name, value in ((USER_ID_HEADER, user_id), (API_KEY_HEADER, api_key)):
        if not value:
            raise CallerUnauthenticated(f"The header {name} is missing.", source=SOURCE)
    if API_KEY_PATTERN.fullmatch(api_key) is None:
        raise _build_malformed_header(API_KEY_HEADER)
    try:
        check_user_id(user_id)
    except BadInput:
        raise _build_malformed_header(USER_ID_HEADER) from None


def _build_malformed_header(name: str) -> CallerUnauthenticated:
    return CallerUnauthenticated(f"The header {name} is malformed.", source=SOURCE)


def _validate_api_key(api_key: str) -> str:
    if api_key and API_KEY_PATTERN.fullmatch(api_key) is None:
        raise ValueError("TROPHY_SO_API_KEY holds characters that no key has.")
    return api_key


def _validate_user_id(user_id: str) -> str:
    try:
        if user_id:
            check_user_id(user_id)
    except BadInput:
        raise ValueError("TROPHY_SO_USER_ID is not a user id.") from None
    return user_id
