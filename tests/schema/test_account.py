"""Users and their accounts, with the fields of each source."""

from typing import Any

import pytest

from providers.psn.sandbox import trophy_scoring
from providers.psn.sandbox.constants import FRIEND_ACCOUNT_ID, OWNER_ACCOUNT_ID
from providers.registry import Source
from tests.harness import NO_CALLS, VEGA, RunningServer

USER_QUERY = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { %s } }"
USER_FIELDS = """
    displayName
    avatar { url lockedUrl }
    accounts {
      __typename source handle nativeId displayName avatar { url } profileUrl status { state }
      ... on PsnAccount {
        accountId onlineId npId aboutMe isPlus country languages friendRelation
        trophySummary {
          level levelProgress tier points
          earnedCounts { bronze silver gold platinum total }
        }
      }
      ... on RetroAchievementsAccount {
        ulid hardcore: points softcorePoints truePoints memberSince motto richPresence
      }
      ... on TrophySoAccount {
        timeZone createdAt streak { length frequency } metrics { id key name current }
      }
    }
    totals { source titles earned earnedCounts { total } points awards }
"""


def fetch_account(server: RunningServer, source: str, handle: str, fields: str) -> Any:
    (found,) = server.fetch_data(
        USER_QUERY % f"accounts {{ {fields} }}",
        {"accounts": [{"source": source, "handle": handle}]},
    )["user"]["accounts"]
    return found


def test_a_user_merges_all_sources(server: RunningServer) -> None:
    user = server.fetch_data(USER_QUERY % USER_FIELDS, {"accounts": VEGA})["user"]

    held = server.psn.database.list_progress(OWNER_ACCOUNT_ID)
    summary = trophy_scoring.build_summary(OWNER_ACCOUNT_ID, held)
    earned = summary["earnedTrophies"]
    avatar = f"https://image.invalid/avatar/{OWNER_ACCOUNT_ID}_xl.png"
    retro_member = server.retro.database.find_member("VegaNorth")
    assert retro_member is not None
    hardcore, softcore, weighted = server.retro.database.compute_points(retro_member)
    assert user == {
        "displayName": "vega_north",
        "avatar": {"url": avatar, "lockedUrl": None},
        "accounts": [
            {
                "__typename": "PsnAccount",
                "source": "PSN",
                "handle": "vega_north",
                "nativeId": OWNER_ACCOUNT_ID,
                "displayName": "vega_north",
                "avatar": {"url": avatar},
                "profileUrl": "https://my.playstation.com/profile/vega_north",
                "status": {"state": "OK"},
                "accountId": OWNER_ACCOUNT_ID,
                "onlineId": "vega_north",
                "npId": user["accounts"][0]["npId"],
                "aboutMe": "Collects lighthouses.",
                "isPlus": True,
                "country": user["accounts"][0]["country"],
                "languages": ["en-US", "de-DE"],
                "friendRelation": user["accounts"][0]["friendRelation"],
                "trophySummary": {
                    "level": int(summary["trophyLevel"]),
                    "levelProgress": summary["progress"],
                    "tier": summary["tier"],
                    "points": summary["trophyPoint"],
                    "earnedCounts": {**earned, "total": sum(earned.values())},
                },
            },
            {
                "__typename": "RetroAchievementsAccount",
                "source": "RETRO_ACHIEVEMENTS",
                "handle": "VegaNorth",
                "nativeId": "01HVEGAN0RTH7Q2M4X6Z8B0C1D",
                "displayName": "VegaNorth",
                "avatar": {"url": "https://media.retroachievements.org/UserPic/VegaNorth.png"},
                "profileUrl": "https://retroachievements.org/user/VegaNorth",
                "status": {"state": "OK"},
                "ulid": "01HVEGAN0RTH7Q2M4X6Z8B0C1D",
                "hardcore": hardcore,
                "softcorePoints": softcore,
                "truePoints": weighted,
                "memberSince": "2023-11-04T08:15:30Z",
                "motto": "One more try",
                "richPresence": "Resting by the hollow hill",
            },
            {
                "__typename": "TrophySoAccount",
                "source": "TROPHY_SO",
                "handle": "vega",
                "nativeId": "vega",
                "displayName": "Vega",
                "avatar": None,
                "profileUrl": None,
                "status": {"state": "OK"},
                "timeZone": "Europe/Berlin",
                "createdAt": "2024-01-10T08:00:00Z",
                "streak": {"length": 12, "frequency": "daily"},
                "metrics": [
                    {
                        "id": "00000001-3e72-4000-8000-000000000001",
                        "key": "notes",
                        "name": "notes played",
                        "current": 4200,
                    },
                    {
                        "id": "00000002-3e72-4000-8000-000000000002",
                        "key": "minutes",
                        "name": "minutes practised",
                        "current": 450.5,
                    },
                    {
                        "id": "d01dcbcb-d51e-4c12-b054-dc811dcdc619",
                        "key": "words-written",
                        "name": "words written",
                        "current": 0,
                    },
                ],
            },
        ],
        "totals": [
            {
                "source": "PSN",
                "titles": len(held),
                "earned": sum(earned.values()),
                "earnedCounts": {"total": sum(earned.values())},
                "points": summary["trophyPoint"],
                "awards": None,
            },
            {
                "source": "RETRO_ACHIEVEMENTS",
                "titles": 9,
                "earned": None,
                "earnedCounts": None,
                "points": hardcore,
                "awards": 18,
            },
            {
                "source": "TROPHY_SO",
                "titles": None,
                "earned": 8,
                "earnedCounts": None,
                "points": None,
                "awards": None,
            },
        ],
    }


def test_accounts_and_totals_are_in_the_requested_order(server: RunningServer) -> None:
    found = server.fetch_data(
        USER_QUERY % "accounts { source } totals { source }", {"accounts": VEGA[::-1]}
    )["user"]

    order = ["TROPHY_SO", "RETRO_ACHIEVEMENTS", "PSN"]
    assert [each["source"] for each in found["accounts"]] == order
    assert [each["source"] for each in found["totals"]] == order


def test_the_name_is_that_of_the_first_account_that_has_one(server: RunningServer) -> None:
    fresh = {"source": "TROPHY_SO", "handle": "fresh"}  # without a name
    unknown = {"source": "PSN", "handle": "nobody_here"}

    found = server.fetch_data(
        USER_QUERY % "displayName avatar { url }", {"accounts": [fresh, unknown, VEGA[1]]}
    )

    assert found["user"]["displayName"] == "VegaNorth"
    assert found["user"]["avatar"]["url"].endswith("/VegaNorth.png")


def test_a_former_name_still_leads_to_the_account(server: RunningServer) -> None:
    fields = "handle nativeId ... on PsnAccount { onlineId }"
    former, current = (
        fetch_account(server, "PSN", name, fields) for name in ("old_name", "new_name")
    )

    assert former == current
    assert former["onlineId"] == former["handle"] == "new_name"


def test_a_handle_is_that_of_the_query_until_the_profile_is_loaded(server: RunningServer) -> None:
    as_given = server.execute(
        USER_QUERY % "accounts { handle }",
        {"accounts": [{"source": "PSN", "handle": "SAMPLE_friend"}]},
    )

    assert as_given.data["user"]["accounts"] == [{"handle": "SAMPLE_friend"}]
    assert as_given.upstream_calls == NO_CALLS
    known = fetch_account(server, "PSN", "SAMPLE_friend", "handle nativeId")
    assert known == {"handle": "sample_friend", "nativeId": FRIEND_ACCOUNT_ID}


@pytest.mark.parametrize(
    ("source", "handle", "found"),
    [
        ("RETRO_ACHIEVEMENTS", "veganorth", "VegaNorth"),
        ("RETRO_ACHIEVEMENTS", "01hvegan0rth7q2m4x6z8b0c1d", "VegaNorth"),
        ("RETRO_ACHIEVEMENTS", "SamuelOne", "SecondSam"),
        ("TROPHY_SO", "team/blue", "team/blue"),
        ("TROPHY_SO", "second user", "second user"),
    ],
)
def test_a_handle_has_the_case_in_which_its_owner_writes_it(
    server: RunningServer, source: str, handle: str, found: str
) -> None:
    assert fetch_account(server, source, handle, "handle status { state }") == {
        "handle": found,
        "status": {"state": "OK"},
    }


def test_the_user_of_an_account_has_that_account_only(server: RunningServer) -> None:
    query = USER_QUERY % "accounts { user { accounts { source nativeId } displayName } }"

    accounts = server.fetch_data(query, {"accounts": VEGA})["user"]["accounts"]

    assert [each["user"]["accounts"] for each in accounts] == [
        [{"source": "PSN", "nativeId": OWNER_ACCOUNT_ID}],
        [{"source": "RETRO_ACHIEVEMENTS", "nativeId": "01HVEGAN0RTH7Q2M4X6Z8B0C1D"}],
        [{"source": "TROPHY_SO", "nativeId": "vega"}],
    ]
    assert [each["user"]["displayName"] for each in accounts] == ["vega_north", "VegaNorth", "Vega"]


def test_the_viewer_has_the_configured_accounts(server: RunningServer) -> None:
    viewer = server.fetch_data("{ viewer { accounts { source handle displayName } } }")["viewer"]

    assert len(viewer["accounts"]) == len(Source)
    assert viewer["accounts"][:3] == [
        {"source": "PSN", "handle": "vega_north", "displayName": "vega_north"},
        {"source": "RETRO_ACHIEVEMENTS", "handle": "VegaNorth", "displayName": "VegaNorth"},
        {"source": "TROPHY_SO", "handle": "vega", "displayName": "Vega"},
    ]


def test_totals_can_be_filtered_by_source(server: RunningServer) -> None:
    query = USER_QUERY % "totals(sources: [TROPHY_SO, PSN]) { source earned }"

    totals = server.fetch_data(query, {"accounts": VEGA})["user"]["totals"]

    assert [each["source"] for each in totals] == ["PSN", "TROPHY_SO"]
    assert set(server.count_upstream_calls()) == {"PSN", "TROPHY_SO"}


@pytest.mark.parametrize("name", ["sample_friend", FRIEND_ACCOUNT_ID])
def test_fields_that_need_a_name_are_loaded_for_an_account_id_as_well(
    server: RunningServer, name: str
) -> None:
    fields = "... on PsnAccount { npId country friendRelation avatar { url } }"

    found = fetch_account(server, "PSN", name, fields)

    assert found["country"] == "GB"
    assert found["friendRelation"] == "friend"
    assert found["npId"]


def test_fields_that_need_a_name_are_null_while_names_cannot_be_loaded(
    server: RunningServer,
) -> None:
    server.inject_fault("profile2", status=503)
    fields = "... on PsnAccount { npId country onlineId }"

    found = fetch_account(server, "PSN", FRIEND_ACCOUNT_ID, fields)

    assert found == {"npId": None, "country": None, "onlineId": "sample_friend"}


def test_friends_of_the_viewer_are_friends_without_a_call(server: RunningServer) -> None:
    fields = "... on PsnAccount { friends(first: 3) { edges { node { friendRelation } } } }"

    answer = server.execute(
        USER_QUERY % f"accounts {{ {fields} }}", {"accounts": [{"source": "PSN", "handle": "me"}]}
    )

    (found,) = answer.data["user"]["accounts"]
    assert [edge["node"] for edge in found["friends"]["edges"]] == 3 * [
        {"friendRelation": "friend"}
    ]
    assert answer.upstream_calls == {"PSN": 1}
