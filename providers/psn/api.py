"""PSN's HTTP APIs with one credential: signed and paced calls, error responses raised as errors."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from providers.kit.language import negotiate_language
from providers.kit.request_context import get_current
from providers.kit.upstream.upstream_client import UpstreamClient, UpstreamResponse
from providers.psn import errors
from providers.psn.languages import LANGUAGES
from providers.psn.urls import BaseUrls


@dataclass(frozen=True)
class PsnApi:
    """Calls to PSN with one credential, the operator's or a caller's."""

    upstream: UpstreamClient
    urls: BaseUrls
    is_caller: bool

    async def get(
        self, url: str, rules: errors.ErrorRules, params: Mapping[str, str] | None = None
    ) -> UpstreamResponse:
        """Send a GET request and return the response; raise the error that a refusal means."""
        reply = await self.upstream.read(url, params=params, headers=build_language_header())
        return self.check(reply, rules)

    async def get_sized(
        self, url: str, rules: errors.ErrorRules, params: Mapping[str, str]
    ) -> UpstreamResponse:
        """Request a page or a batch; raise `LimitRefused` if PSN allows no such size."""
        reply = await self.get_unchecked(url, params)
        errors.check_limit(reply)
        return self.check(reply, rules)

    async def get_unchecked(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> UpstreamResponse:
        """Send a GET request and return the response, a refusal too."""
        all_headers = {**build_language_header(), **(headers or {})}
        return await self.upstream.read(url, params=params, headers=all_headers)

    async def post_query_unchecked(self, url: str, query: object) -> UpstreamResponse:
        """Send a query that only reads as a JSON body; return the response, a refusal too."""
        return await self.upstream.read(
            url, method="POST", headers=build_language_header(), json=query
        )

    def check(self, reply: UpstreamResponse, rules: errors.ErrorRules) -> UpstreamResponse:
        """Return the response; raise the error that a refusal means."""
        if reply.status >= errors.BAD_REQUEST:
            error = errors.map_error(reply, rules, is_caller=self.is_caller)
            if error is not None:
                raise error
        return reply

    async def check_caller_signed_in(self) -> None:
        """Sign a caller in before a result that does not depend on their account.

        Without this, a caller with an invalid credential could read public cached values.
        """
        self.upstream.check_not_rejected()
        if self.is_caller and self.upstream.authenticator is not None:
            await self.upstream.authenticator.build_headers()

    def without_credential(self) -> "PsnApi":
        """Return an API that sends no `Authorization` header, with the same rate limiter."""
        upstream = replace(self.upstream, authenticator=None, is_caller=False)
        return replace(self, upstream=upstream)


def build_language_header() -> dict[str, str]:
    """Build the `Accept-Language` header from the languages of the current request."""
    return {"Accept-Language": negotiate_language(get_current().languages, LANGUAGES)}
