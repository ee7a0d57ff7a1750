"""People and their accounts, each with what its own source has to say."""

from typing import Any

import pytest

from providers.psn.sandbox import rules
from providers.psn.sandbox.world import FRIEND_ACCOUNT_ID, OWNER_ACCOUNT_ID
from providers.registry import Source
from tests.asking import NOTHING, VEGA, Server

OF = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { %s } }"
PERSON = """
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


def account(server: Server, source: str, handle: str, fields: str) -> Any:
    (found,) = server.data(
        OF % f"accounts {{ {fields} }}", {"accounts": [{"source": source, "handle": handle}]}
    )["user"]["accounts"]
    return found


def test_a_person_is_all_that_the_sources_say(server: Server) -> None:
    person = server.data(OF % PERSON, {"accounts": VEGA})["user"]

    held = server.psn.world.held(OWNER_ACCOUNT_ID)
    summary = rules.summary(OWNER_ACCOUNT_ID, held)
    earned = summary["earnedTrophies"]
    avatar = f"https://image.invalid/avatar/{OWNER_ACCOUNT_ID}_xl.png"
    retro_member = server.retro.world.member("VegaNorth")
    assert retro_member is not None
    hardcore, softcore, weighted = server.retro.world.points(retro_member)
    assert person == {
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
                "npId": person["accounts"][0]["npId"],
                "aboutMe": "Collects lighthouses.",
                "isPlus": True,
                "country": person["accounts"][0]["country"],
                "languages": ["en-US", "de-DE"],
                "friendRelation": person["accounts"][0]["friendRelation"],
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


def test_accounts_and_totals_are_in_the_order_named(server: Server) -> None:
    found = server.data(OF % "accounts { source } totals { source }", {"accounts": VEGA[::-1]})[
        "user"
    ]

    order = ["TROPHY_SO", "RETRO_ACHIEVEMENTS", "PSN"]
    assert [each["source"] for each in found["accounts"]] == order
    assert [each["source"] for each in found["totals"]] == order


def test_the_name_is_that_of_the_first_account_that_has_one(server: Server) -> None:
    fresh = {"source": "TROPHY_SO", "handle": "fresh"}  # without a name
    unknown = {"source": "PSN", "handle": "nobody_here"}

    found = server.data(OF % "displayName avatar { url }", {"accounts": [fresh, unknown, VEGA[1]]})

    assert found["user"]["displayName"] == "VegaNorth"
    assert found["user"]["avatar"]["url"].endswith("/VegaNorth.png")


def test_a_former_name_still_leads_to_the_account(server: Server) -> None:
    fields = "handle nativeId ... on PsnAccount { onlineId }"
    former, current = (account(server, "PSN", name, fields) for name in ("old_name", "new_name"))

    assert former == current
    assert former["onlineId"] == former["handle"] == "new_name"


def test_a_handle_is_as_given_until_the_account_is_known(server: Server) -> None:
    as_given = server.ask(
        OF % "accounts { handle }", {"accounts": [{"source": "PSN", "handle": "SAMPLE_friend"}]}
    )

    assert as_given.data["user"]["accounts"] == [{"handle": "SAMPLE_friend"}]
    assert as_given.calls == NOTHING
    known = account(server, "PSN", "SAMPLE_friend", "handle nativeId")
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
def test_an_account_says_its_name_as_its_owner_writes_it(
    server: Server, source: str, handle: str, found: str
) -> None:
    assert account(server, source, handle, "handle status { state }") == {
        "handle": found,
        "status": {"state": "OK"},
    }


def test_the_person_of_an_account_has_that_account_alone(server: Server) -> None:
    query = OF % "accounts { user { accounts { source nativeId } displayName } }"

    accounts = server.data(query, {"accounts": VEGA})["user"]["accounts"]

    assert [each["user"]["accounts"] for each in accounts] == [
        [{"source": "PSN", "nativeId": OWNER_ACCOUNT_ID}],
        [{"source": "RETRO_ACHIEVEMENTS", "nativeId": "01HVEGAN0RTH7Q2M4X6Z8B0C1D"}],
        [{"source": "TROPHY_SO", "nativeId": "vega"}],
    ]
    assert [each["user"]["displayName"] for each in accounts] == ["vega_north", "VegaNorth", "Vega"]


def test_the_viewer_is_the_configured_person(server: Server) -> None:
    viewer = server.data("{ viewer { accounts { source handle displayName } } }")["viewer"]

    assert len(viewer["accounts"]) == len(Source)
    assert viewer["accounts"][:3] == [
        {"source": "PSN", "handle": "vega_north", "displayName": "vega_north"},
        {"source": "RETRO_ACHIEVEMENTS", "handle": "VegaNorth", "displayName": "VegaNorth"},
        {"source": "TROPHY_SO", "handle": "vega", "displayName": "Vega"},
    ]


def test_totals_can_be_narrowed_to_some_sources(server: Server) -> None:
    query = OF % "totals(sources: [TROPHY_SO, PSN]) { source earned }"

    totals = server.data(query, {"accounts": VEGA})["user"]["totals"]

    assert [each["source"] for each in totals] == ["PSN", "TROPHY_SO"]
    assert set(server.asked()) == {"PSN", "TROPHY_SO"}


@pytest.mark.parametrize("name", ["sample_friend", FRIEND_ACCOUNT_ID])
def test_what_only_a_name_leads_to_is_told_of_an_account_by_number_as_well(
    server: Server, name: str
) -> None:
    fields = "... on PsnAccount { npId country friendRelation avatar { url } }"

    found = account(server, "PSN", name, fields)

    assert found["country"] == "GB"
    assert found["friendRelation"] == "friend"
    assert found["npId"]


def test_what_only_a_name_leads_to_is_unknown_while_names_are_not_answered(server: Server) -> None:
    server.fail("profile2", status=503)
    fields = "... on PsnAccount { npId country onlineId }"

    found = account(server, "PSN", FRIEND_ACCOUNT_ID, fields)

    assert found == {"npId": None, "country": None, "onlineId": "sample_friend"}


def test_ones_own_friends_are_friends_without_a_call(server: Server) -> None:
    fields = "... on PsnAccount { friends(first: 3) { edges { node { friendRelation } } } }"

    answer = server.ask(
        OF % f"accounts {{ {fields} }}", {"accounts": [{"source": "PSN", "handle": "me"}]}
    )

    (found,) = answer.data["user"]["accounts"]
    assert [edge["node"] for edge in found["friends"]["edges"]] == 3 * [
        {"friendRelation": "friend"}
    ]
    assert answer.calls == {"PSN": 1}
