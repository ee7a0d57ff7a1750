"""The people: six with a story, and enough plain ones for a long friend list."""

from providers.psn.sandbox import world
from providers.psn.sandbox.model import Account

_PLAIN = 130
_FRIENDS = 117
_REQUESTS = (118, 119)
_BLOCKED = 120

_NOTED = (
    Account(
        world.OWNER_ACCOUNT_ID,
        world.OWNER_ONLINE_ID,
        about="Collects lighthouses.",
        languages=("en-US", "de-DE"),
        plus=True,
        shared_name=("Vega", "North"),
        last_online="2026-10-30T21:14:05.120Z",
    ),
    Account(
        world.FRIEND_ACCOUNT_ID,
        world.FRIEND_ONLINE_ID,
        region="gb",
        about="hello",
        languages=("en-GB",),
        plus=True,
        shared_name=("Sam", "Friend"),
        playing="PPSA00001_00",
    ),
    Account(
        world.STRANGER_ACCOUNT_ID,
        world.STRANGER_ONLINE_ID,
        region="fr",
        private=True,
        searchable=False,
        last_online="2026-05-04T18:19:05.288Z",
    ),
    Account(
        world.RENAMED_ACCOUNT_ID,
        world.RENAMED_ONLINE_ID,
        former_id=world.RENAMED_FORMER_ID,
        region="de",
        languages=("de-DE",),
        last_online="2026-09-12T07:45:10.004Z",
    ),
    Account(
        world.FRESH_ACCOUNT_ID,
        world.FRESH_ONLINE_ID,
        last_online="2026-10-31T23:59:59.999Z",
    ),
    Account(
        world.SECOND_ACCOUNT_ID,
        world.SECOND_ONLINE_ID,
        region="jp",
        about="Zwei",
        playing="PPSA00003_00",
    ),
)


def _plain(number: int) -> Account:
    # One of them sounds like the friend and is ranked above him in a search.
    name = "sample_friend_tv" if number == 130 else f"extra_{number:03}"
    return Account(
        world.extra_account_id(number),
        name,
        region=("us", "gb", "de", "jp")[number % 4],
        plus=number % 3 == 0,
        verified=number == 130,
        playing="CUSA00004_00" if number % 10 == 0 else None,
        last_online=None if number % 5 == 0 else f"2026-10-{number % 28 + 1:02}T12:00:00.500Z",
    )


ACCOUNTS = (*_NOTED, *(_plain(number) for number in range(1, _PLAIN + 1)))


def friends() -> dict[str, list[str]]:
    """Friendship goes both ways; the owner has 120."""
    extra = [world.extra_account_id(number) for number in range(1, _FRIENDS + 1)]
    lists = {account: [world.OWNER_ACCOUNT_ID] for account in extra}
    lists[world.OWNER_ACCOUNT_ID] = [
        world.FRIEND_ACCOUNT_ID,
        world.RENAMED_ACCOUNT_ID,
        world.SECOND_ACCOUNT_ID,
        *extra,
    ]
    lists[world.FRIEND_ACCOUNT_ID] = [world.OWNER_ACCOUNT_ID, world.SECOND_ACCOUNT_ID]
    lists[world.RENAMED_ACCOUNT_ID] = [world.OWNER_ACCOUNT_ID]
    lists[world.SECOND_ACCOUNT_ID] = [world.OWNER_ACCOUNT_ID, world.FRIEND_ACCOUNT_ID]
    return lists


def requests() -> dict[str, list[str]]:
    """Who waits for whose answer."""
    return {world.OWNER_ACCOUNT_ID: [world.extra_account_id(number) for number in _REQUESTS]}


def blocks() -> dict[str, list[str]]:
    return {world.OWNER_ACCOUNT_ID: [world.extra_account_id(_BLOCKED)]}
