"""Who asks, by the headers he sends."""

from collections.abc import Mapping

from providers.psn.sandbox import world
from providers.retroachievements.sandbox import people
from providers.trophy_so.sandbox import fixture

Headers = Mapping[str, str]

NO_CREDENTIALS: Headers = {}
OWNER_ON_PSN: Headers = {
    "x-client-id": world.CLIENT_ID,
    "x-client-secret": world.CLIENT_SECRET,
    "x-npsso": world.OWNER_NPSSO,
}
SECOND_ON_PSN: Headers = {**OWNER_ON_PSN, "x-npsso": world.SECOND_NPSSO}
SECOND_ON_RETRO: Headers = {
    "x-retroachievements-username": people.SECOND_USERNAME,
    "x-retroachievements-api-key": people.SECOND_KEY,
}
SECOND_ON_TROPHY_SO: Headers = {
    "x-trophy-so-user-id": fixture.SECOND_ID,
    "x-trophy-so-api-key": fixture.APPLICATION_KEY,
}
SECOND: Headers = {**SECOND_ON_PSN, **SECOND_ON_RETRO, **SECOND_ON_TROPHY_SO}

# What only its owner should ever see, whoever he is; tokens all begin alike.
SECRETS = (
    world.OWNER_NPSSO,
    world.SECOND_NPSSO,
    world.CLIENT_SECRET,
    people.OPERATOR_KEY,
    people.SECOND_KEY,
    fixture.ADMIN_KEY,
    fixture.APPLICATION_KEY,
    "sandbox-access",
    "sandbox-refresh",
    "sandbox-id.",
)


def make_bearer_headers(key: str) -> dict[str, str]:
    """The header of an API key."""
    return {"Authorization": f"Bearer {key}"}
