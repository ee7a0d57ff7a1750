"""Maps OAuth errors of the authorization server to our errors, and says what to do about them."""

from providers.errors import CallerUnauthenticated, Unauthenticated
from providers.psn.auth.token_endpoint import SignInRejected
from providers.psn.urls import SOURCE

# Values of `error_code`.
INVALID_REQUEST, BAD_LOGIN, CAPTCHA, MISSING_PARAMETER = 1, 20, 4097, 4098
BAD_CLIENT, EXPIRED_REFRESH_TOKEN, EXPIRED_NPSSO = 4151, 4159, 4165
# Values of `error`; the first one is ours.
MISSING_NPSSO, INTERACTION_REQUIRED = "missing_npsso", "interaction_required"

NPSSO_REJECTED_MESSAGE = "PSN rejects the NPSSO: sign in on PSN's website and get a new one."
INTERACTION_MESSAGE = "PSN requires a sign-in on its website once: sign in there, then try again."
MESSAGES_BY_CODE = {
    EXPIRED_NPSSO: NPSSO_REJECTED_MESSAGE,
    BAD_LOGIN: NPSSO_REJECTED_MESSAGE,
    CAPTCHA: INTERACTION_MESSAGE,
    BAD_CLIENT: "PSN rejects the client id or its secret: check both.",
}
MESSAGES_BY_ERROR = {
    "login_required": NPSSO_REJECTED_MESSAGE,
    INTERACTION_REQUIRED: INTERACTION_MESSAGE,
    MISSING_NPSSO: "PSN_NPSSO is not set and no sign-in is stored: sign in first.",
}
DEFAULT_MESSAGE = "PSN rejects the sign-in: get a new NPSSO and check the client id."


def map_rejection(rejection: SignInRejected, *, is_caller: bool) -> Unauthenticated:
    """Return the error for a rejected credential: a caller's own, or the operator's."""
    default_message = MESSAGES_BY_ERROR.get(rejection.error or "", DEFAULT_MESSAGE)
    message = MESSAGES_BY_CODE.get(rejection.code or 0, default_message)
    error_class = CallerUnauthenticated if is_caller else Unauthenticated
    return error_class(message, source=SOURCE)


def is_grant_unsupported(rejection: SignInRejected) -> bool:
    """Return whether the grant type was rejected, so that another grant may succeed."""
    is_named_unsupported = rejection.error in ("unsupported_grant_type", "invalid_request")
    return is_named_unsupported or rejection.code in (MISSING_PARAMETER, INVALID_REQUEST)


def is_refresh_token_rejected(rejection: SignInRejected) -> bool:
    """Return whether the refresh token was rejected, so that the NPSSO may succeed."""
    return rejection.code == EXPIRED_REFRESH_TOKEN or rejection.error == "invalid_grant"
