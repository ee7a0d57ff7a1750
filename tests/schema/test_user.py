"""Users over all sources: their accounts, totals, names and pictures."""

from providers.psn.sandbox import trophy_scoring
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from providers.registry import Source
from tests.harness import VEGA, RunningServer

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


def test_totals_can_be_filtered_by_source(server: RunningServer) -> None:
    query = USER_QUERY % "totals(sources: [TROPHY_SO, PSN]) { source earned }"

    totals = server.fetch_data(query, {"accounts": VEGA})["user"]["totals"]

    assert [each["source"] for each in totals] == ["PSN", "TROPHY_SO"]
    assert set(server.count_upstream_calls()) == {"PSN", "TROPHY_SO"}


def test_the_viewer_has_the_configured_accounts(server: RunningServer) -> None:
    viewer = server.fetch_data("{ viewer { accounts { source handle displayName } } }")["viewer"]

    assert len(viewer["accounts"]) == len(Source)
    assert viewer["accounts"][:3] == [
        {"source": "PSN", "handle": "vega_north", "displayName": "vega_north"},
        {"source": "RETRO_ACHIEVEMENTS", "handle": "VegaNorth", "displayName": "VegaNorth"},
        {"source": "TROPHY_SO", "handle": "vega", "displayName": "Vega"},
    ]
