"""What a refused sign-in means, and what its owner can do about it."""

from providers.errors import CallerUnauthenticated, Unauthenticated
from providers.psn.auth.token_endpoint import SignInRejected
from providers.psn.urls import SOURCE

INVALID_REQUEST, BAD_LOGIN, CAPTCHA, MISSING_PARAMETER = 1, 20, 4097, 4098
BAD_CLIENT, EXPIRED_REFRESH_TOKEN, EXPIRED_NPSSO = 4151, 4159, 4165
MISSING_NPSSO, INTERACTION_REQUIRED = "missing_npsso", "interaction_required"

NPSSO_REJECTED_MESSAGE = "PSN does not accept the NPSSO: sign in on its website and get a new one."
INTERACTION_MESSAGE = "PSN wants to see a person: sign in on its website once."
MESSAGES_BY_CODE = {
    EXPIRED_NPSSO: NPSSO_REJECTED_MESSAGE,
    BAD_LOGIN: NPSSO_REJECTED_MESSAGE,
    CAPTCHA: INTERACTION_MESSAGE,
    BAD_CLIENT: "PSN does not accept the client id or its secret.",
}
MESSAGES_BY_ERROR = {
    "login_required": NPSSO_REJECTED_MESSAGE,
    INTERACTION_REQUIRED: INTERACTION_MESSAGE,
    MISSING_NPSSO: "PSN_NPSSO is missing: nobody has signed in yet.",
}


def map_rejection(rejection: SignInRejected, *, is_caller: bool) -> Unauthenticated:
    """The error of a credential that is not accepted: a caller's own, or this server's."""
    default_message = MESSAGES_BY_ERROR.get(rejection.error or "", "PSN refused the sign-in.")
    message = MESSAGES_BY_CODE.get(rejection.code or 0, default_message)
    error_class = CallerUnauthenticated if is_caller else Unauthenticated
    return error_class(message, source=SOURCE)


def is_grant_unsupported(rejection: SignInRejected) -> bool:
    """Whether it is the way of asking that was refused: another way may do."""
    is_named_unsupported = rejection.error in ("unsupported_grant_type", "invalid_request")
    return is_named_unsupported or rejection.code in (MISSING_PARAMETER, INVALID_REQUEST)


def is_refresh_token_rejected(rejection: SignInRejected) -> bool:
    """Whether it is the refresh token that was refused: a full sign-in may do."""
    return rejection.code == EXPIRED_REFRESH_TOKEN or rejection.error == "invalid_grant"
