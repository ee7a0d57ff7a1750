"""The accounts: six with data of their own, and 130 generated ones for a long friend list."""

from providers.psn.sandbox import constants
from providers.psn.sandbox.models import Account

_EXTRA_COUNT = 130
_EXTRA_FRIEND_COUNT = 117
_REQUEST_NUMBERS = (118, 119)
_BLOCKED_NUMBER = 120

_NAMED_ACCOUNTS = (
    Account(
        constants.OWNER_ACCOUNT_ID,
        constants.OWNER_ONLINE_ID,
        about="Collects lighthouses.",
        languages=("en-US", "de-DE"),
        plus=True,
        real_name=("Vega", "North"),
        last_online_at="2026-10-30T21:14:05.120Z",
    ),
    Account(
        constants.FRIEND_ACCOUNT_ID,
        constants.FRIEND_ONLINE_ID,
        region="gb",
        about="hello",
        languages=("en-GB",),
        plus=True,
        real_name=("Sam", "Friend"),
        playing_np_title_id="PPSA00001_00",
    ),
    Account(
        constants.STRANGER_ACCOUNT_ID,
        constants.STRANGER_ONLINE_ID,
        region="fr",
        private=True,
        searchable=False,
        last_online_at="2026-05-04T18:19:05.288Z",
    ),
    Account(
        constants.RENAMED_ACCOUNT_ID,
        constants.RENAMED_ONLINE_ID,
        former_online_id=constants.RENAMED_FORMER_ID,
        region="de",
        languages=("de-DE",),
        last_online_at="2026-09-12T07:45:10.004Z",
    ),
    Account(
        constants.FRESH_ACCOUNT_ID,
        constants.FRESH_ONLINE_ID,
        last_online_at="2026-10-31T23:59:59.999Z",
    ),
    Account(
        constants.SECOND_ACCOUNT_ID,
        constants.SECOND_ONLINE_ID,
        region="jp",
        about="Zwei",
        playing_np_title_id="PPSA00003_00",
    ),
)


def _make_extra_account(number: int) -> Account:
    # The last name contains the friend's, and a search ranks it first because it is verified.
    name = "sample_friend_tv" if number == 130 else f"extra_{number:03}"
    return Account(
        constants.get_extra_account_id(number),
        name,
        region=("us", "gb", "de", "jp")[number % 4],
        plus=number % 3 == 0,
        verified=number == 130,
        playing_np_title_id="CUSA00004_00" if number % 10 == 0 else None,
        last_online_at=None if number % 5 == 0 else f"2026-10-{number % 28 + 1:02}T12:00:00.500Z",
    )


ACCOUNTS = (
    *_NAMED_ACCOUNTS,
    *(_make_extra_account(number) for number in range(1, _EXTRA_COUNT + 1)),
)


def make_friends() -> dict[str, list[str]]:
    """Make the friend lists, which are symmetric; the owner has 120 friends."""
    extra = [constants.get_extra_account_id(number) for number in range(1, _EXTRA_FRIEND_COUNT + 1)]
    lists = {account: [constants.OWNER_ACCOUNT_ID] for account in extra}
    lists[constants.OWNER_ACCOUNT_ID] = [
        constants.FRIEND_ACCOUNT_ID,
        constants.RENAMED_ACCOUNT_ID,
        constants.SECOND_ACCOUNT_ID,
        *extra,
    ]
    lists[constants.FRIEND_ACCOUNT_ID] = [constants.OWNER_ACCOUNT_ID, constants.SECOND_ACCOUNT_ID]
    lists[constants.RENAMED_ACCOUNT_ID] = [constants.OWNER_ACCOUNT_ID]
    lists[constants.SECOND_ACCOUNT_ID] = [constants.OWNER_ACCOUNT_ID, constants.FRIEND_ACCOUNT_ID]
    return lists


def make_friend_requests() -> dict[str, list[str]]:
    """Make the lists of accounts whose requests an account has not answered."""
    return {
        constants.OWNER_ACCOUNT_ID: [
            constants.get_extra_account_id(number) for number in _REQUEST_NUMBERS
        ]
    }


def make_blocks() -> dict[str, list[str]]:
    return {constants.OWNER_ACCOUNT_ID: [constants.get_extra_account_id(_BLOCKED_NUMBER)]}
