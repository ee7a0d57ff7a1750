"""Responses of the authorization server."""

from msgspec import field

from providers.kit.upstream.decode import FiniteFloat, Int32, Model


class TokenResponse(Model, kw_only=True):
    """Tokens and their lifetimes in seconds."""

    access: str = field(name="access_token")
    expires_in: FiniteFloat
    refresh: str | None = field(name="refresh_token", default=None)
    refresh_expires_in: FiniteFloat | None = field(name="refresh_token_expires_in", default=None)


class OAuthErrorResponse(Model, kw_only=True):
    """The reason why there are no tokens; `error` changes its wording, `error_code` does not."""

    error: str | None = None
    code: Int32 | None = field(name="error_code", default=None)


class SessionCookieResponse(Model, kw_only=True):
    """The NPSSO of a browser session."""

    npsso: str | None = None
