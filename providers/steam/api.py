"""Steam's web API with one key: paced calls, refusals raised as errors.

Four kinds of refusal look alike. A page in HTML with 401 or 403 means the key, unless the address
of this server is blocked, which a method without a key shows. JSON with 401 or 403 is about the
data: their owner hides them. A 200 can contain the code of a failure in `x-eresult`. An
undocumented method can be gone, or be refused to this key alone.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from providers.errors import ProviderError, RateLimited
from providers.kit.key_credential import KeyCredential
from providers.kit.upstream.upstream_client import UpstreamClient, UpstreamResponse
from providers.steam import errors, methods
from providers.steam.address_block import AddressBlock
from providers.steam.identifiers import ME, SOURCE, is_steam_id, parse_handle
from providers.steam.methods import KeyPlace, Method

SUCCESS_STATUSES = range(200, 300)
# An app that has had players for twenty years; the answer is not read.
CHECKED_APP_ID = "440"
# For a credential without an account of its own; whether it exists does not matter.
CHECKED_VANITY = "valve"


@dataclass(frozen=True)
class SteamApi:
    """Calls to Steam with one credential, the operator's or a caller's.

    `keyless` sends what needs no key. It has a rate of its own, shared by all credentials, and what
    it is answered says nothing about a key.
    """

    upstream: UpstreamClient = field(repr=False)
    keyless: UpstreamClient = field(repr=False)
    address_block: AddressBlock = field(repr=False)
    credential: KeyCredential
    url: str

    async def get(
        self, method: Method, *, expected: frozenset[int] = frozenset(), **parameters: str | int
    ) -> UpstreamResponse:
        """Call a method and return its response of a 2xx or an expected status; raise others.

        A page in HTML is about the key or the address, and is never expected.
        """
        texts = {name: str(value) for name, value in parameters.items()}
        return await self._call(method, texts, "", expected)

    async def get_for_apps(
        self, method: Method, app_ids: Iterable[str], **parameters: str | int
    ) -> UpstreamResponse:
        """Call a method of a service with a list of apps."""
        # Written by hand, because httpx would encode the brackets, and the address would be too
        # long for half as many apps.
        items = "&".join(f"appids[{index}]={app_id}" for index, app_id in enumerate(app_ids))
        texts = {name: str(value) for name, value in parameters.items()}
        return await self._call(method, texts, items, frozenset())

    async def verify_key(self) -> None:
        """Make the cheapest call that needs the key; raise for a rejected one."""
        handle = parse_handle(self.credential.own_handle or CHECKED_VANITY)
        if handle == ME or not is_steam_id(handle):
            await self.get(methods.RESOLVE_VANITY_URL, vanityurl=handle)
        else:
            await self.get(methods.PLAYER_SUMMARIES, steamids=handle)

    async def _call(
        self, method: Method, parameters: Mapping[str, str], items: str, expected: frozenset[int]
    ) -> UpstreamResponse:
        self.address_block.raise_if_blocked()
        reply = await self._send(method, parameters, items)
        if reply.status in SUCCESS_STATUSES:
            return self._check_result(method, reply)
        if errors.is_page(reply) or reply.status not in expected:
            raise await self._map_refusal(method, reply)
        return reply

    async def _send(
        self, method: Method, parameters: Mapping[str, str], items: str
    ) -> UpstreamResponse:
        in_query = {"key": self.credential.key} if method.key_place is KeyPlace.QUERY else {}
        headers = (
            {"x-webapi-key": self.credential.key} if method.key_place is KeyPlace.HEADER else {}
        )
        query = "&".join(filter(None, (urlencode({**parameters, **in_query}), items)))
        client = self.keyless if method.key_place is KeyPlace.NONE else self.upstream
        return await client.read(f"{self.url}/{method.path}/?{query}", headers=headers)

    def _check_result(self, method: Method, reply: UpstreamResponse) -> UpstreamResponse:
        result = errors.read_result(reply)
        if result == errors.OK_RESULT:
            return reply
        if result == errors.RATE_RESULT:
            client = self.keyless if method.key_place is KeyPlace.NONE else self.upstream
            seconds = math.ceil(client.rate_limiter.pause(None))
            raise RateLimited("The source asks to wait.", source=SOURCE, retry_after=seconds)
        if not method.is_documented and result not in errors.FAILURE_RESULTS:
            raise errors.build_method_refused()
        raise errors.map_result(result)

    async def _map_refusal(self, method: Method, reply: UpstreamResponse) -> ProviderError:
        is_key_refused = errors.is_page(reply) and reply.status in errors.KEY_STATUSES
        if is_key_refused and reply.status == errors.FORBIDDEN:
            await self._check_address(method)
        if not method.is_documented and reply.status in (
            errors.MISSING_METHOD_STATUSES | errors.KEY_STATUSES
        ):
            return errors.build_method_refused()
        if is_key_refused and method.key_place is not KeyPlace.NONE:
            return self.credential.build_rejection()
        return errors.map_status(reply)

    async def _check_address(self, method: Method) -> None:
        """Find out whether the address is blocked, for all keys; raise `RateLimited` if it is."""
        if method.key_place is KeyPlace.NONE and method.is_documented:
            self.address_block.record(blocked=True)
        elif not self.address_block.is_known_open:
            checked = methods.CURRENT_PLAYERS
            reply = await self._send(checked, {"appid": CHECKED_APP_ID}, "")
            blocked = reply.status == errors.FORBIDDEN and errors.is_page(reply)
            self.address_block.record(blocked=blocked)
        self.address_block.raise_if_blocked()
