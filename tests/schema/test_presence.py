"""Presence: whether an account is online, and what it plays."""

from providers.psn.sandbox import constants
from tests.harness import RunningServer
from tests.schema.psn_queries import query_account, read_account

PRESENCE_SELECTION = "presence { onlineStatus platform lastOnlineAt titleName npTitleId }"


def test_a_playing_account_is_online_with_platform_and_title(server: RunningServer) -> None:
    assert read_account(server, PRESENCE_SELECTION, constants.FRIEND_ONLINE_ID)["presence"] == {
        "onlineStatus": "online",
        "platform": "PS5",
        "lastOnlineAt": None,
        "titleName": "Sample Quest",
        "npTitleId": "PPSA00001_00",
    }


def test_an_offline_account_has_the_time_it_was_last_online(server: RunningServer) -> None:
    assert read_account(server, PRESENCE_SELECTION)["presence"] == {
        "onlineStatus": "offline",
        "platform": "PS4",
        "lastOnlineAt": "2026-10-30T21:14:05.120000Z",
        "titleName": None,
        "npTitleId": None,
    }


def test_a_hidden_presence_is_null_with_an_error_and_the_rest_is_there(
    server: RunningServer,
) -> None:
    answer = query_account(server, f"onlineId {PRESENCE_SELECTION}", constants.STRANGER_ONLINE_ID)
    found = answer.partial_data["user"]["accounts"][0]
    assert found == {"onlineId": constants.STRANGER_ONLINE_ID, "presence": None}
    assert answer.error_codes == {"PRIVATE"}
