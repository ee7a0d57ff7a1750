"""The routes about people: profiles, search, friends, presence."""

from typing import Any

from providers.xbox.sandbox.request_handling import ApiRequest, Endpoint
from providers.xbox.sandbox.serializers import (
    serialize_person,
    serialize_presence,
    serialize_user,
)


def get_own_account(request: ApiRequest) -> Any:
    """Return the profile of the key's owner."""
    return {"profileUsers": [serialize_user(request.database, request.owner)]}


def get_accounts(request: ApiRequest) -> Any:
    """Return the profiles of many accounts, without the unknown ones."""
    users = [serialize_user(request.database, each) for each in request.list_players()]
    return {"profileUsers": users}


def get_summary(request: ApiRequest) -> Any:
    """Return a profile in the form of a list of people."""
    return {"people": [serialize_person(request.database, request.find_player())]}


def search(request: ApiRequest) -> Any:
    """Return the accounts whose gamertag contains a term."""
    parameters, query = request.request.parameters, request.request.query
    term = parameters.get("gamertag") or query.get("gt", "")
    found = request.database.search(term)
    return {"people": [serialize_person(request.database, each) for each in found]}


def get_friends(request: ApiRequest) -> Any:
    """Return the friends of a player; refused where they are hidden."""
    player = request.find_player()
    friends = player.friends if request.can_see(player) else []
    players = [request.database.players[xuid] for xuid in friends]
    return {"people": [serialize_person(request.database, each) for each in players]}


def get_presences(request: ApiRequest) -> Any:
    """Return whether accounts are online, without the unknown ones."""
    return [serialize_presence(request.database, each) for each in request.list_players()]


ENDPOINTS: dict[str, Endpoint] = {
    "account": get_own_account,
    "account/{xuids}": get_accounts,
    "player/summary": get_summary,
    "player/summary/{xuid}": get_summary,
    "search/{gamertag}": search,
    "friends/search/{gamertag}": search,
    "friends/search": search,
    "friends": get_friends,
    "friends/{xuid}": get_friends,
    "{xuids}/presence": get_presences,
}
