"""Headers of the callers of the sandbox, by credential."""

from collections.abc import Mapping

from providers.psn.sandbox import constants
from providers.retroachievements.sandbox import member_data
from providers.steam.sandbox import constants as steam_constants
from providers.trophy_so.sandbox import constants as trophy_so_constants
from providers.xbox.sandbox import constants as xbox_constants

Headers = Mapping[str, str]

NO_CREDENTIALS: Headers = {}
OWNER_ON_PSN: Headers = {
    "x-client-id": constants.CLIENT_ID,
    "x-client-secret": constants.CLIENT_SECRET,
    "x-npsso": constants.OWNER_NPSSO,
}
SECOND_ON_PSN: Headers = {**OWNER_ON_PSN, "x-npsso": constants.SECOND_NPSSO}
SECOND_ON_RETRO: Headers = {
    "x-retroachievements-username": member_data.SECOND_USERNAME,
    "x-retroachievements-api-key": member_data.SECOND_KEY,
}
SECOND_ON_TROPHY_SO: Headers = {
    "x-trophy-so-user-id": trophy_so_constants.SECOND_ID,
    "x-trophy-so-api-key": trophy_so_constants.APPLICATION_KEY,
}
SECOND_ON_STEAM: Headers = {
    "x-steam-id": steam_constants.SECOND_VANITY,
    "x-steam-api-key": steam_constants.SECOND_KEY,
}
SECOND_ON_XBOX: Headers = {"x-xbox-api-key": xbox_constants.SECOND_KEY}
SECOND: Headers = {
    **SECOND_ON_PSN,
    **SECOND_ON_RETRO,
    **SECOND_ON_TROPHY_SO,
    **SECOND_ON_STEAM,
    **SECOND_ON_XBOX,
}

# Secrets that no response, log or command may show; the last three are prefixes of tokens.
SECRETS = (
    constants.OWNER_NPSSO,
    constants.SECOND_NPSSO,
    constants.CLIENT_SECRET,
    member_data.OPERATOR_KEY,
    member_data.SECOND_KEY,
    trophy_so_constants.ADMIN_KEY,
    trophy_so_constants.APPLICATION_KEY,
    steam_constants.OWNER_KEY,
    steam_constants.SECOND_KEY,
    xbox_constants.OWNER_KEY,
    xbox_constants.SECOND_KEY,
    "sandbox-access",
    "sandbox-refresh",
    "sandbox-id.",
)


def make_bearer_headers(key: str) -> dict[str, str]:
    """Return the header with an API key."""
    return {"Authorization": f"Bearer {key}"}
