"""What a refused sign-in means, and what its owner can do about it."""

from providers.errors import CallerUnauthenticated, Unauthenticated
from providers.psn.auth.token_endpoint import Refusal
from providers.psn.urls import SOURCE

BAD_REQUEST, BAD_LOGIN, CAPTCHA, MISSING_PARAMETER = 1, 20, 4097, 4098
BAD_CLIENT, DEAD_REFRESH, DEAD_NPSSO = 4151, 4159, 4165
MISSING_NPSSO, INTERACTION = "missing_npsso", "interaction_required"

NEW_NPSSO = "PSN does not accept the NPSSO: sign in on its website and get a new one."
PERSON = "PSN wants to see a person: sign in on its website once."
OF_CODE = {
    DEAD_NPSSO: NEW_NPSSO,
    BAD_LOGIN: NEW_NPSSO,
    CAPTCHA: PERSON,
    BAD_CLIENT: "PSN does not accept the client id or its secret.",
}
OF_ERROR = {
    "login_required": NEW_NPSSO,
    INTERACTION: PERSON,
    MISSING_NPSSO: "PSN_NPSSO is missing: nobody has signed in yet.",
}


def refused(refusal: Refusal, *, caller: bool) -> Unauthenticated:
    """The error of a credential that is not accepted: a caller's own, or this server's."""
    general = OF_ERROR.get(refusal.error or "", "PSN refused the sign-in.")
    message = OF_CODE.get(refusal.code or 0, general)
    kind = CallerUnauthenticated if caller else Unauthenticated
    return kind(message, source=SOURCE)


def unsupported(refusal: Refusal) -> bool:
    """Whether it is the way of asking that was refused: another way may do."""
    named = refusal.error in ("unsupported_grant_type", "invalid_request")
    return named or refusal.code in (MISSING_PARAMETER, BAD_REQUEST)


def outlived(refusal: Refusal) -> bool:
    """Whether it is the refresh token that was refused: a full sign-in may do."""
    return refusal.code == DEAD_REFRESH or refusal.error == "invalid_grant"
