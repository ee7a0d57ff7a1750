"""Everything with an id is found again by it, as the same player's."""

from typing import Any, cast

import pytest
from strawberry.federation.schema import FederationAny

from providers.errors import BadInput
from providers.psn.sandbox.world import OWNER_ACCOUNT_ID, SECOND_NPSSO
from schema.global_id import packed
from schema.graph import build
from tests.asking import NOTHING, PSN_VEGA, RETRO_VEGA, TROPHY_VEGA, VEGA, Server

NODE = "query ($id: ID!) { node(id: $id) { __typename id %s } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
REFERENCES = "query ($these: [_Any!]!) { _entities(representations: $these) { %s } }"
OF = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { %s } }"
ACHIEVEMENT = """
    id definitionId source nativeId key name description icon { url lockedUrl } hidden earned
    earnedAt unlockMode earnedAtSoftcore grade points { value unit weighted }
    rarity { percent band earners population hardcorePercent hardcoreEarners }
    progress { current target percent updatedAt } trigger rawTrigger kind
    triggerDetail { metricId metricName metricValue streakLength prerequisiteIds }
    reward { name image { url } }
    userAttributes { key value } eventAttributes { key value }
    group { id nativeId name } title { id name }
"""
GROUP = """
    id nativeId name detail icon { url } definedCounts { total } earnedCounts { total } progress
    lastUpdatedAt title { id name } achievements { id name earned }
"""
TITLE = """
    id source nativeId name detail icon { url } platforms serviceName setVersion hasGroups
    definedCounts { total } achievementCount
    groups { id name } achievements { id name }
"""
BARE = f"""
query ($source: Source!, $id: ID!) {{ trophyTitle(source: $source, nativeId: $id) {{ {TITLE} }} }}
"""
OF_PLAYER = "hiddenByOwner earnedCounts { total } earnedCount progress lastUpdatedAt"
AWARD = """
    id source kind rawType name awardedAt icon { url } mode platformId platformName displayOrder
    flags nativeData nativeDataExtra title { id name }
"""
CAMPAIGN = """
    id nativeId name description rewardType points displayPoints productId startsAt endsAt progress
    status rawStatus isNew isRegistrable tasks { nativeId status }
"""
SECOND = {
    "x-client-id": "sandbox-client",
    "x-client-secret": "sandbox-secret",
    "x-npsso": SECOND_NPSSO,
}
NONSENSE = [
    "",
    "nonsense",
    "42",
    "=",
    "WyJVc2VyIl0",
    "ÄÖÜ",
    "\u0000",
    "😀" * 40,
    "W" * 5000,
    "../../etc/passwd",
]
WELL_FORMED = [
    ("User",),
    ("User", "PSN"),
    ("User", "NOBODYS", "me"),
    ("User", "PSN", "me", "PSN", "vega_north"),
    ("User", "PSN", "not/a/handle"),
    ("User", "PSN", 1),
    ("PsnAccount", "PSN", ""),
    ("PsnAccount", "TROPHY_SO", "vega"),
    ("RetroAchievementsAccount", "RETRO_ACHIEVEMENTS", "a"),
    ("TrophyTitle", "PSN"),
    ("TrophyTitle", "PSN", "", "NPWR00001_00", "more"),
    ("TrophyTitle", "PSN", "", "101"),
    ("TrophyTitle", "PSN", "no handle", "NPWR00001_00"),
    ("TrophyTitle", "RETRO_ACHIEVEMENTS", "", "-1"),
    ("TrophyTitle", "TROPHY_SO", "vega", "1"),
    ("TrophyGroup", "PSN", "", "x", "default"),
    ("Achievement", "PSN", "1", "x", "0"),
    ("Achievement", "TROPHY_SO", "\n", "", "1"),
    ("Award", "RETRO_ACHIEVEMENTS", "?", "x"),
    ("Campaign", "PSN", "../..", "a8faa377-f08b-5d1d-a27c-68cc32930105"),
    ("Query",),
    ("Node", "x"),
    ({"User": 1},),
    (None,),
    (),
]


def first_of(server: Server, path: str, fields: str, accounts: list[dict[str, str]]) -> Any:
    """What is selected at the end of a path, the first of every list on the way."""
    names = path.split(".")
    query = OF % (" { ".join([*names, fields]) + " }" * len(names))
    found: Any = server.data(query, {"accounts": accounts})["user"]
    for name in names:
        inner: Any = found[name.partition("(")[0]]
        found = next(iter(cast("list[Any]", inner))) if isinstance(inner, list) else inner
    return found


def again(server: Server, node_id: str, kind: str, fields: str) -> Any:
    found = server.data(NODE % f"... on {kind} {{ {fields} }}", {"id": node_id})["node"]
    assert found.pop("__typename") == kind
    return found


def test_a_person_is_found_again(server: Server) -> None:
    fields = "id displayName accounts { handle source }"
    person = server.data(OF % fields, {"accounts": VEGA})["user"]

    assert again(server, person["id"], "User", fields) == person


def test_a_person_is_the_same_in_whatever_order_the_accounts_are_named(server: Server) -> None:
    ids = {
        server.data(OF % "id", {"accounts": accounts})["user"]["id"]
        for accounts in (VEGA, VEGA[::-1], [VEGA[1], VEGA[0], VEGA[2]])
    }

    assert len(ids) == 1


def test_the_viewer_is_found_again_by_the_number_of_his_account(server: Server) -> None:
    viewer = server.data("{ viewer { id } }")["viewer"]
    fields = "accounts { ... on PsnAccount { accountId } handle }"

    found = again(server, viewer["id"], "User", fields)

    assert found["accounts"][0]["accountId"] == OWNER_ACCOUNT_ID


@pytest.mark.parametrize(
    ("accounts", "kind"),
    [
        (PSN_VEGA, "PsnAccount"),
        (RETRO_VEGA, "RetroAchievementsAccount"),
        (TROPHY_VEGA, "TrophySoAccount"),
    ],
)
def test_an_account_is_found_again(
    server: Server, accounts: list[dict[str, str]], kind: str
) -> None:
    fields = "id source handle nativeId displayName avatar { url } profileUrl status { state }"
    account = first_of(server, "accounts", fields, accounts)

    assert again(server, account["id"], kind, fields) == account
    assert account["status"] == {"state": "OK"}


@pytest.mark.parametrize(
    "handles",
    [
        [("PSN", "me"), ("PSN", "VEGA_north"), ("PSN", OWNER_ACCOUNT_ID)],
        [("PSN", "new_name"), ("PSN", "old_name"), ("PSN", "1000000000000000004")],
        [
            ("RETRO_ACHIEVEMENTS", "SecondSam"),
            ("RETRO_ACHIEVEMENTS", "SAMUELONE"),
            ("RETRO_ACHIEVEMENTS", "01HSEC0NDSAM7Q2M4X6Z8B0C2E"),
        ],
    ],
    ids=["own", "renamed", "retro"],
)
def test_an_account_has_one_id_under_all_its_names(
    server: Server, handles: list[tuple[str, str]]
) -> None:
    ids = {
        first_of(server, "accounts", "id", [{"source": source, "handle": handle}])["id"]
        for source, handle in handles
    }

    assert len(ids) == 1


def test_the_id_of_an_account_is_made_from_its_handle_when_the_source_is_down(
    server: Server,
) -> None:
    server.fail("retroachievements", status=503)

    account = first_of(server, "accounts", "id handle", RETRO_VEGA)

    server.mend()
    found = again(server, account["id"], "RetroAchievementsAccount", "handle")
    assert found["handle"] == account["handle"] == "VegaNorth"


@pytest.mark.parametrize("accounts", [PSN_VEGA, RETRO_VEGA], ids=["psn", "retro"])
def test_a_title_of_a_player_is_found_again(server: Server, accounts: list[dict[str, str]]) -> None:
    fields = f"{TITLE} {OF_PLAYER}"
    title = first_of(server, "trophyTitles.edges.node", fields, accounts)

    assert again(server, title["id"], "TrophyTitle", fields) == title
    assert title["earnedCount"] > 0


@pytest.mark.parametrize(
    ("source", "native_id"), [("PSN", "NPWR00003_00"), ("RETRO_ACHIEVEMENTS", "305")]
)
def test_a_bare_title_is_found_again(server: Server, source: str, native_id: str) -> None:
    title = server.data(BARE, {"source": source, "id": native_id})["trophyTitle"]

    assert again(server, title["id"], "TrophyTitle", TITLE) == title
    assert title["nativeId"] == native_id


@pytest.mark.parametrize("accounts", [PSN_VEGA, RETRO_VEGA], ids=["psn", "retro"])
def test_a_group_is_found_again(server: Server, accounts: list[dict[str, str]]) -> None:
    group = first_of(server, "trophyTitles.edges.node.groups", GROUP, accounts)

    assert again(server, group["id"], "TrophyGroup", GROUP) == group


@pytest.mark.parametrize(
    "accounts", [PSN_VEGA, RETRO_VEGA, TROPHY_VEGA], ids=["psn", "retro", "trophy"]
)
@pytest.mark.parametrize("state", ["EARNED", "LOCKED"])
def test_an_achievement_is_found_again(
    server: Server, accounts: list[dict[str, str]], state: str
) -> None:
    path = f"achievements(state: {state}).edges.node"
    achievement = first_of(server, path, ACHIEVEMENT, accounts)

    assert again(server, achievement["id"], "Achievement", ACHIEVEMENT) == achievement
    assert achievement["earned"] is (state == "EARNED")


@pytest.mark.parametrize(
    "accounts", [PSN_VEGA, RETRO_VEGA, TROPHY_VEGA], ids=["psn", "retro", "trophy"]
)
def test_a_definition_is_found_by_its_own_id_without_any_player(
    server: Server, accounts: list[dict[str, str]]
) -> None:
    fields = (
        "id definitionId nativeId name description trigger earned earnedAt progress { current }"
    )
    achievement = first_of(server, "achievements.edges.node", fields, accounts)

    definition = again(server, achievement["definitionId"], "Achievement", fields)

    assert definition["id"] == definition["definitionId"] == achievement["definitionId"]
    assert definition["earned"] is None
    assert definition["earnedAt"] is None
    assert definition["progress"] is None
    for same in ("nativeId", "name", "description", "trigger"):
        assert definition[same] == achievement[same]


def test_a_definition_has_one_id_for_every_player(server: Server) -> None:
    query = OF % 'trophyTitle(nativeId: "NPWR00001_00") { achievements { id definitionId } }'
    players = [
        server.data(query, {"accounts": [{"source": "PSN", "handle": handle}]})["user"]
        for handle in (OWNER_ACCOUNT_ID, "sample_friend")
    ]
    bare = server.data(
        '{ trophyTitle(nativeId: "NPWR00001_00") { achievements { id definitionId } } }'
    )

    lists = [found["trophyTitle"]["achievements"] for found in (*players, bare)]
    assert len({str([each["definitionId"] for each in found]) for found in lists}) == 1
    ids = [each["id"] for found in lists for each in found]
    assert len(set(ids)) == len(ids)


def test_the_ids_of_two_players_are_different_all_the_way_down(server: Server) -> None:
    query = (
        OF
        % """trophyTitle(nativeId: "NPWR00001_00") {
        id groups { id achievements { id } }
    }"""
    )
    found = [
        str(server.data(query, {"accounts": [{"source": "PSN", "handle": handle}]}))
        for handle in (OWNER_ACCOUNT_ID, "sample_friend")
    ]
    ids = [{part for part in text.split("'") if len(part) > 30} for text in found]

    assert len(ids[0]) == len(ids[1]) == 1 + 2 + 8
    assert not ids[0] & ids[1]


def test_an_award_is_found_again(server: Server) -> None:
    awards = server.data(
        OF % f"awards(first: 100) {{ edges {{ node {{ {AWARD} }} }} }}", {"accounts": RETRO_VEGA}
    )["user"]["awards"]["edges"]

    for edge in awards:
        assert again(server, edge["node"]["id"], "Award", AWARD) == edge["node"]
    assert len(awards) == 16


def test_a_campaign_is_found_again(server: Server) -> None:
    campaigns = server.data(f"{{ viewer {{ campaigns {{ {CAMPAIGN} }} }} }}")["viewer"]["campaigns"]

    for campaign in campaigns:
        assert again(server, campaign["id"], "Campaign", CAMPAIGN) == campaign
    assert len(campaigns) == 4


def test_the_campaign_of_another_viewer_is_refused(server: Server) -> None:
    campaign = server.data("{ viewer { campaigns { id } } }")["viewer"]["campaigns"][0]

    answer = server.ask(NODE % "", {"id": campaign["id"]}, SECOND)

    assert answer.partial == {"node": None}
    assert answer.error["code"] == "FORBIDDEN"


def test_a_title_hidden_by_its_owner_is_not_found_by_another_viewer(server: Server) -> None:
    own = server.data(
        OF % 'trophyTitle(nativeId: "NPWR00010_00") { id hiddenByOwner }', {"accounts": PSN_VEGA}
    )["user"]["trophyTitle"]
    assert own["hiddenByOwner"] is True

    assert server.data(NODE % "", {"id": own["id"]}, SECOND) == {"node": None}


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_no_id(server: Server, text: str) -> None:
    answer = server.ask(NODE % "", {"id": text})

    assert answer.partial == {"node": None}
    assert answer.error == {"code": "BAD_USER_INPUT", "argument": "id"}
    assert answer.calls == NOTHING == server.asked()


@pytest.mark.parametrize("parts", WELL_FORMED, ids=repr)
def test_what_this_server_never_gave_is_no_id(server: Server, parts: tuple[Any, ...]) -> None:
    answer = server.ask(NODE % "", {"id": packed(*parts)})

    assert answer.partial == {"node": None}
    assert answer.error["code"] == "BAD_USER_INPUT"
    assert answer.error["argument"] == "id"
    assert answer.calls == NOTHING == server.asked()


@pytest.mark.parametrize(
    "parts",
    [
        ("TrophyTitle", "PSN", "", "NPWR99999_00"),
        ("TrophyTitle", "PSN", OWNER_ACCOUNT_ID, "NPWR99999_00"),
        ("TrophyTitle", "PSN", "9999999999999999999", "NPWR00001_00"),
        ("TrophyTitle", "RETRO_ACHIEVEMENTS", "NobodyHere", "101"),
        ("TrophyTitle", "RETRO_ACHIEVEMENTS", "", "999999"),
        ("TrophyGroup", "PSN", OWNER_ACCOUNT_ID, "NPWR00001_00", "077"),
        ("TrophyGroup", "PSN", "", "NPWR99999_00", "default"),
        ("Achievement", "PSN", OWNER_ACCOUNT_ID, "NPWR00001_00", "99"),
        ("Achievement", "PSN", "", "NPWR00001_00", "99"),
        ("Achievement", "PSN", "", "NPWR99999_00", "0"),
        ("Achievement", "TROPHY_SO", "vega", "", "nothing"),
        ("Achievement", "TROPHY_SO", "nobody", "", "nothing"),
        ("Achievement", "TROPHY_SO", "", "", "nothing"),
        ("Award", "RETRO_ACHIEVEMENTS", "VegaNorth", "nothing"),
        ("Award", "RETRO_ACHIEVEMENTS", "NobodyHere", "nothing"),
        ("Award", "PSN", OWNER_ACCOUNT_ID, "nothing"),
        ("Campaign", "PSN", OWNER_ACCOUNT_ID, "00000000-0000-0000-0000-000000000000"),
    ],
    ids=".".join,
)
def test_what_is_there_no_more_is_null(server: Server, parts: tuple[str, ...]) -> None:
    assert server.data(NODE % "", {"id": packed(*parts)}) == {"node": None}


def test_several_are_answered_in_their_order_and_one_that_fails_fails_alone(
    server: Server,
) -> None:
    ids = [
        packed("TrophyTitle", "PSN", "", "NPWR00001_00"),
        "nonsense",
        packed("TrophyTitle", "PSN", "", "NPWR99999_00"),
        packed("TrophyTitle", "RETRO_ACHIEVEMENTS", "", "101"),
    ]

    answer = server.ask(NODES, {"ids": ids})

    assert answer.partial["nodes"] == [
        {"__typename": "TrophyTitle", "id": ids[0]},
        None,
        None,
        {"__typename": "TrophyTitle", "id": ids[3]},
    ]
    assert answer.codes == {"nodes.1": "BAD_USER_INPUT"}
    assert answer.error["argument"] == "ids"


def test_more_than_a_hundred_ids_at_once_are_refused(server: Server) -> None:
    answer = server.ask(NODES, {"ids": [packed("User", "PSN", "me")] * 101})

    assert answer.error == {"code": "BAD_USER_INPUT", "argument": "ids"}
    assert answer.calls == NOTHING == server.asked()


def test_more_than_a_thousand_references_at_once_are_refused() -> None:
    graph, things = build(), [FederationAny({"__typename": "PsnAccount"})]

    with pytest.raises(BadInput) as refused:
        graph.entities_resolver(cast("Any", None), things * 1001)

    assert refused.value.argument == "representations"


def test_three_hundred_references_cost_one_list(server: Server) -> None:
    titles = "trophyTitles(first: 5) { edges { node { __typename id } } }"
    edges = server.data(OF % titles, {"accounts": PSN_VEGA})["user"]["trophyTitles"]["edges"]
    references = [edge["node"] for edge in edges] * 60
    named = REFERENCES % "... on TrophyTitle { id name }"
    found = server.ask(named, {"these": references}, {"Cache-Control": "no-cache"})

    assert [each["id"] for each in found.data["_entities"]] == [each["id"] for each in references]
    assert found.calls == {"PSN": 1}


def test_an_id_that_is_longer_than_any_is_not_read(server: Server) -> None:
    known = packed("Award", "RETRO_ACHIEVEMENTS", "VegaNorth", "x" * 2000)
    longer = packed("Award", "RETRO_ACHIEVEMENTS", "VegaNorth", "x" * 3000)

    assert server.data(NODES, {"ids": [known]})["nodes"] == [None]
    answer = server.ask(NODES, {"ids": [longer]})

    assert len(longer) > 4000
    assert answer.partial["nodes"] == [None]
    assert answer.error == {"code": "BAD_USER_INPUT", "argument": "ids"}


def test_only_the_named_thing_is_fetched(server: Server) -> None:
    bare = packed("Achievement", "PSN", "", "NPWR00001_00", "3")
    own = packed("Achievement", "PSN", OWNER_ACCOUNT_ID, "NPWR00001_00", "3")

    fields = "... on Achievement { name }"
    definition = server.ask(NODE % fields, {"id": bare})
    achievement = server.ask(NODE % fields, {"id": own})

    assert definition.data["node"]["name"] == achievement.data["node"]["name"] == "First Step"
    # Its definitions, then only the player's list and what he earned.
    assert (definition.calls, achievement.calls) == ({"PSN": 1}, {"PSN": 2})
