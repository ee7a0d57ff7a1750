"""Every object with an id is found by it, with the state of the same player."""

from typing import Any, cast

import pytest
from strawberry.federation.schema import FederationAny

from providers.errors import BadInput
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID, SECOND_NPSSO
from schema.global_id import encode
from schema.graph import build_schema
from tests.harness import NO_CALLS, PSN_VEGA, RETRO_VEGA, TROPHY_VEGA, VEGA, RunningServer

NODE_QUERY = "query ($id: ID!) { node(id: $id) { __typename id %s } }"
NODES_QUERY = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
ENTITIES_QUERY = "query ($these: [_Any!]!) { _entities(representations: $these) { %s } }"
USER_QUERY = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { %s } }"
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
TITLE_QUERY = f"""
query ($source: Source!, $id: ID!) {{ trophyTitle(source: $source, nativeId: $id) {{ {TITLE} }} }}
"""
PLAYER_FIELDS = "hiddenByOwner earnedCounts { total } earnedCount progress lastUpdatedAt"
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
VEGA_ULID, NO_ULID = "01HVEGAN0RTH7Q2M4X6Z8B0C1D", "01HN0B0DYHER7Q2M4X6Z8B0C9Z"
INVALID_IDS = [
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
UNKNOWN_IDS = [
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


def fetch_first(
    server: RunningServer, path: str, fields: str, accounts: list[dict[str, str]]
) -> Any:
    """Return the fields at the end of a path, through the first item of every list."""
    names = path.split(".")
    query = USER_QUERY % (" { ".join([*names, fields]) + " }" * len(names))
    found: Any = server.fetch_data(query, {"accounts": accounts})["user"]
    for name in names:
        inner: Any = found[name.partition("(")[0]]
        found = next(iter(cast("list[Any]", inner))) if isinstance(inner, list) else inner
    return found


def fetch_node(server: RunningServer, node_id: str, kind: str, fields: str) -> Any:
    found = server.fetch_data(NODE_QUERY % f"... on {kind} {{ {fields} }}", {"id": node_id})["node"]
    assert found.pop("__typename") == kind
    return found


def test_a_user_is_found_by_id(server: RunningServer) -> None:
    fields = "id displayName accounts { nativeId source }"
    user = server.fetch_data(USER_QUERY % fields, {"accounts": VEGA})["user"]

    assert fetch_node(server, user["id"], "User", fields) == user


def test_the_id_of_a_user_does_not_depend_on_the_order_of_accounts(server: RunningServer) -> None:
    ids = {
        server.fetch_data(USER_QUERY % "id", {"accounts": accounts})["user"]["id"]
        for accounts in (VEGA, VEGA[::-1], [VEGA[1], VEGA[0], VEGA[2]])
    }

    assert len(ids) == 1


def test_the_viewer_is_found_by_account_id(server: RunningServer) -> None:
    viewer = server.fetch_data("{ viewer { id } }")["viewer"]
    fields = "accounts { ... on PsnAccount { accountId } handle }"

    found = fetch_node(server, viewer["id"], "User", fields)

    assert found["accounts"][0]["accountId"] == OWNER_ACCOUNT_ID


@pytest.mark.parametrize(
    ("accounts", "kind"),
    [
        (PSN_VEGA, "PsnAccount"),
        (RETRO_VEGA, "RetroAchievementsAccount"),
        (TROPHY_VEGA, "TrophySoAccount"),
    ],
)
def test_an_account_is_found_by_id(
    server: RunningServer, accounts: list[dict[str, str]], kind: str
) -> None:
    fields = "id source handle nativeId displayName avatar { url } profileUrl status { state }"
    account = fetch_first(server, "accounts", fields, accounts)

    assert fetch_node(server, account["id"], kind, fields) == account
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
def test_an_account_has_one_id_under_all_handles(
    server: RunningServer, handles: list[tuple[str, str]]
) -> None:
    ids = {
        fetch_first(server, "accounts", "id", [{"source": source, "handle": handle}])["id"]
        for source, handle in handles
    }

    assert len(ids) == 1


def test_the_id_of_an_account_is_made_from_its_handle_when_the_source_is_down(
    server: RunningServer,
) -> None:
    server.inject_fault("retroachievements", status=503)

    account = fetch_first(server, "accounts", "id handle", RETRO_VEGA)

    assert account["id"] == encode("RetroAchievementsAccount", "RETRO_ACHIEVEMENTS", "VegaNorth")
    assert account["handle"] == "VegaNorth"


@pytest.mark.parametrize(
    "parts",
    [
        ("User", "PSN", OWNER_ACCOUNT_ID, "RETRO_ACHIEVEMENTS", "VegaNorth"),
        ("User", "PSN", "me"),
        ("PsnAccount", "PSN", "me"),
        ("RetroAchievementsAccount", "RETRO_ACHIEVEMENTS", "VegaNorth"),
        ("TrophyTitle", "RETRO_ACHIEVEMENTS", "VegaNorth", "101"),
        ("TrophyGroup", "RETRO_ACHIEVEMENTS", "VegaNorth", "101", "core"),
        ("Achievement", "RETRO_ACHIEVEMENTS", "VegaNorth", "101", "10108"),
        ("Award", "RETRO_ACHIEVEMENTS", "VegaNorth", "nothing"),
    ],
    ids=".".join,
)
def test_an_id_made_from_a_name_that_can_change_hands_is_not_resolved(
    server: RunningServer, parts: tuple[str, ...]
) -> None:
    node_id = encode(*parts)

    node = server.execute(NODE_QUERY % "", {"id": node_id})
    reference = {"__typename": parts[0], "id": node_id}
    entity = server.execute(ENTITIES_QUERY % "__typename", {"these": [reference]})

    assert node.partial_data == {"node": None}
    assert entity.partial_data == {"_entities": [None]}
    assert node.error_codes == entity.error_codes == {"NOT_FOUND"}
    assert "made from a name" in node.errors[0]["message"]
    assert server.count_upstream_calls() == {}


@pytest.mark.parametrize("handle", ["sample_friend", "new_name"])
def test_an_id_made_from_an_online_id_is_resolved_because_no_other_account_gets_it(
    server: RunningServer, handle: str
) -> None:
    node_id = encode("PsnAccount", "PSN", handle)

    assert fetch_node(server, node_id, "PsnAccount", "status { state }") == {
        "id": fetch_first(server, "accounts", "id", [{"source": "PSN", "handle": handle}])["id"],
        "status": {"state": "OK"},
    }


@pytest.mark.slow
@pytest.mark.parametrize("accounts", [PSN_VEGA, RETRO_VEGA], ids=["psn", "retro"])
def test_a_title_of_a_player_is_found_by_id(
    server: RunningServer, accounts: list[dict[str, str]]
) -> None:
    fields = f"{TITLE} {PLAYER_FIELDS}"
    title = fetch_first(server, "trophyTitles.edges.node", fields, accounts)

    assert fetch_node(server, title["id"], "TrophyTitle", fields) == title
    assert title["earnedCount"] > 0


@pytest.mark.parametrize(
    ("source", "native_id"), [("PSN", "NPWR00003_00"), ("RETRO_ACHIEVEMENTS", "305")]
)
def test_a_title_without_a_player_is_found_by_id(
    server: RunningServer, source: str, native_id: str
) -> None:
    title = server.fetch_data(TITLE_QUERY, {"source": source, "id": native_id})["trophyTitle"]

    assert fetch_node(server, title["id"], "TrophyTitle", TITLE) == title
    assert title["nativeId"] == native_id


@pytest.mark.slow
@pytest.mark.parametrize("accounts", [PSN_VEGA, RETRO_VEGA], ids=["psn", "retro"])
def test_a_group_is_found_by_id(server: RunningServer, accounts: list[dict[str, str]]) -> None:
    group = fetch_first(server, "trophyTitles.edges.node.groups", GROUP, accounts)

    assert fetch_node(server, group["id"], "TrophyGroup", GROUP) == group


@pytest.mark.slow
@pytest.mark.parametrize(
    "accounts", [PSN_VEGA, RETRO_VEGA, TROPHY_VEGA], ids=["psn", "retro", "trophy"]
)
@pytest.mark.parametrize("state", ["EARNED", "LOCKED"])
def test_an_achievement_is_found_by_id(
    server: RunningServer, accounts: list[dict[str, str]], state: str
) -> None:
    path = f"achievements(state: {state}).edges.node"
    achievement = fetch_first(server, path, ACHIEVEMENT, accounts)

    assert fetch_node(server, achievement["id"], "Achievement", ACHIEVEMENT) == achievement
    assert achievement["earned"] is (state == "EARNED")


@pytest.mark.parametrize(
    "accounts", [PSN_VEGA, RETRO_VEGA, TROPHY_VEGA], ids=["psn", "retro", "trophy"]
)
def test_a_definition_is_found_by_its_own_id_without_any_player(
    server: RunningServer, accounts: list[dict[str, str]]
) -> None:
    fields = (
        "id definitionId nativeId name description trigger earned earnedAt progress { current }"
    )
    achievement = fetch_first(server, "achievements.edges.node", fields, accounts)

    definition = fetch_node(server, achievement["definitionId"], "Achievement", fields)

    assert definition["id"] == definition["definitionId"] == achievement["definitionId"]
    assert definition["earned"] is None
    assert definition["earnedAt"] is None
    assert definition["progress"] is None
    for same in ("nativeId", "name", "description", "trigger"):
        assert definition[same] == achievement[same]


def test_a_definition_has_one_id_for_every_player(server: RunningServer) -> None:
    query = (
        USER_QUERY % 'trophyTitle(nativeId: "NPWR00001_00") { achievements { id definitionId } }'
    )
    players = [
        server.fetch_data(query, {"accounts": [{"source": "PSN", "handle": handle}]})["user"]
        for handle in (OWNER_ACCOUNT_ID, "sample_friend")
    ]
    bare = server.fetch_data(
        '{ trophyTitle(nativeId: "NPWR00001_00") { achievements { id definitionId } } }'
    )

    lists = [found["trophyTitle"]["achievements"] for found in (*players, bare)]
    assert len({str([each["definitionId"] for each in found]) for found in lists}) == 1
    ids = [each["id"] for found in lists for each in found]
    assert len(set(ids)) == len(ids)


def test_the_ids_of_two_players_are_different_at_every_level(server: RunningServer) -> None:
    query = (
        USER_QUERY
        % """trophyTitle(nativeId: "NPWR00001_00") {
        id groups { id achievements { id } }
    }"""
    )
    found = [
        str(server.fetch_data(query, {"accounts": [{"source": "PSN", "handle": handle}]}))
        for handle in (OWNER_ACCOUNT_ID, "sample_friend")
    ]
    ids = [{part for part in text.split("'") if len(part) > 30} for text in found]

    assert len(ids[0]) == len(ids[1]) == 1 + 2 + 8
    assert not ids[0] & ids[1]


def test_an_award_is_found_by_id(server: RunningServer) -> None:
    awards = server.fetch_data(
        USER_QUERY % f"awards(first: 100) {{ edges {{ node {{ {AWARD} }} }} }}",
        {"accounts": RETRO_VEGA},
    )["user"]["awards"]["edges"]

    for edge in awards:
        assert fetch_node(server, edge["node"]["id"], "Award", AWARD) == edge["node"]
    assert len(awards) == 16


def test_a_campaign_is_found_by_id(server: RunningServer) -> None:
    campaigns = server.fetch_data(f"{{ viewer {{ campaigns {{ {CAMPAIGN} }} }} }}")["viewer"][
        "campaigns"
    ]

    for campaign in campaigns:
        assert fetch_node(server, campaign["id"], "Campaign", CAMPAIGN) == campaign
    assert len(campaigns) == 4


def test_the_campaign_of_another_viewer_is_forbidden(server: RunningServer) -> None:
    campaign = server.fetch_data("{ viewer { campaigns { id } } }")["viewer"]["campaigns"][0]

    answer = server.execute(NODE_QUERY % "", {"id": campaign["id"]}, SECOND)

    assert answer.partial_data == {"node": None}
    assert answer.error["code"] == "FORBIDDEN"


def test_a_title_hidden_by_its_owner_is_not_found_by_another_viewer(server: RunningServer) -> None:
    own = server.fetch_data(
        USER_QUERY % 'trophyTitle(nativeId: "NPWR00010_00") { id hiddenByOwner }',
        {"accounts": PSN_VEGA},
    )["user"]["trophyTitle"]
    assert own["hiddenByOwner"] is True

    assert server.fetch_data(NODE_QUERY % "", {"id": own["id"]}, SECOND) == {"node": None}


@pytest.mark.parametrize("text", INVALID_IDS)
def test_an_invalid_id_is_rejected(server: RunningServer, text: str) -> None:
    answer = server.execute(NODE_QUERY % "", {"id": text})

    assert answer.partial_data == {"node": None}
    assert answer.error == {"code": "BAD_USER_INPUT", "argument": "id"}
    assert answer.upstream_calls == NO_CALLS == server.count_upstream_calls()


@pytest.mark.parametrize("parts", UNKNOWN_IDS, ids=repr)
def test_an_id_with_unknown_parts_is_rejected(
    server: RunningServer, parts: tuple[Any, ...]
) -> None:
    answer = server.execute(NODE_QUERY % "", {"id": encode(*parts)})

    assert answer.partial_data == {"node": None}
    assert answer.error["code"] == "BAD_USER_INPUT"
    assert answer.error["argument"] == "id"
    assert answer.upstream_calls == NO_CALLS == server.count_upstream_calls()


@pytest.mark.parametrize(
    "parts",
    [
        ("TrophyTitle", "PSN", "", "NPWR99999_00"),
        ("TrophyTitle", "PSN", OWNER_ACCOUNT_ID, "NPWR99999_00"),
        ("TrophyTitle", "PSN", "9999999999999999999", "NPWR00001_00"),
        ("TrophyTitle", "RETRO_ACHIEVEMENTS", NO_ULID, "101"),
        ("TrophyTitle", "RETRO_ACHIEVEMENTS", "", "999999"),
        ("TrophyGroup", "PSN", OWNER_ACCOUNT_ID, "NPWR00001_00", "077"),
        ("TrophyGroup", "PSN", "", "NPWR99999_00", "default"),
        ("Achievement", "PSN", OWNER_ACCOUNT_ID, "NPWR00001_00", "99"),
        ("Achievement", "PSN", "", "NPWR00001_00", "99"),
        ("Achievement", "PSN", "", "NPWR99999_00", "0"),
        ("Achievement", "TROPHY_SO", "vega", "", "nothing"),
        ("Achievement", "TROPHY_SO", "nobody", "", "nothing"),
        ("Achievement", "TROPHY_SO", "", "", "nothing"),
        ("Award", "RETRO_ACHIEVEMENTS", VEGA_ULID, "nothing"),
        ("Award", "RETRO_ACHIEVEMENTS", NO_ULID, "nothing"),
        ("Award", "PSN", OWNER_ACCOUNT_ID, "nothing"),
        ("Campaign", "PSN", OWNER_ACCOUNT_ID, "00000000-0000-0000-0000-000000000000"),
    ],
    ids=".".join,
)
def test_a_missing_object_is_null(server: RunningServer, parts: tuple[str, ...]) -> None:
    assert server.fetch_data(NODE_QUERY % "", {"id": encode(*parts)}) == {"node": None}


def test_several_nodes_are_in_order_and_fail_alone(
    server: RunningServer,
) -> None:
    ids = [
        encode("TrophyTitle", "PSN", "", "NPWR00001_00"),
        "nonsense",
        encode("TrophyTitle", "PSN", "", "NPWR99999_00"),
        encode("TrophyTitle", "RETRO_ACHIEVEMENTS", "", "101"),
    ]

    answer = server.execute(NODES_QUERY, {"ids": ids})

    assert answer.partial_data["nodes"] == [
        {"__typename": "TrophyTitle", "id": ids[0]},
        None,
        None,
        {"__typename": "TrophyTitle", "id": ids[3]},
    ]
    assert answer.codes == {"nodes.1": "BAD_USER_INPUT"}
    assert answer.error["argument"] == "ids"


def test_more_than_a_hundred_ids_are_rejected(server: RunningServer) -> None:
    answer = server.execute(NODES_QUERY, {"ids": [encode("User", "PSN", "me")] * 101})

    assert answer.error == {"code": "BAD_USER_INPUT", "argument": "ids"}
    assert answer.upstream_calls == NO_CALLS == server.count_upstream_calls()


def test_more_than_a_thousand_references_are_rejected() -> None:
    graph, things = build_schema(), [FederationAny({"__typename": "PsnAccount"})]

    with pytest.raises(BadInput) as refused:
        graph.entities_resolver(cast("Any", None), things * 1001)

    assert refused.value.argument == "representations"


@pytest.mark.slow
def test_three_hundred_references_cost_one_list(server: RunningServer) -> None:
    titles = "trophyTitles(first: 5) { edges { node { __typename id } } }"
    edges = server.fetch_data(USER_QUERY % titles, {"accounts": PSN_VEGA})["user"]["trophyTitles"][
        "edges"
    ]
    references = [edge["node"] for edge in edges] * 60
    named = ENTITIES_QUERY % "... on TrophyTitle { id name }"
    found = server.execute(named, {"these": references}, {"Cache-Control": "no-cache"})

    assert [each["id"] for each in found.data["_entities"]] == [each["id"] for each in references]
    assert found.upstream_calls == {"PSN": 1}


def test_an_overlong_id_is_rejected_before_it_is_decoded(server: RunningServer) -> None:
    known = encode("Award", "RETRO_ACHIEVEMENTS", VEGA_ULID, "x" * 2000)
    longer = encode("Award", "RETRO_ACHIEVEMENTS", VEGA_ULID, "x" * 3000)

    assert server.fetch_data(NODES_QUERY, {"ids": [known]})["nodes"] == [None]
    answer = server.execute(NODES_QUERY, {"ids": [longer]})

    assert len(longer) > 4000
    assert answer.partial_data["nodes"] == [None]
    assert answer.error == {"code": "BAD_USER_INPUT", "argument": "ids"}


def test_only_the_requested_object_is_fetched(server: RunningServer) -> None:
    bare = encode("Achievement", "PSN", "", "NPWR00001_00", "3")
    own = encode("Achievement", "PSN", OWNER_ACCOUNT_ID, "NPWR00001_00", "3")

    fields = "... on Achievement { name }"
    definition = server.execute(NODE_QUERY % fields, {"id": bare})
    achievement = server.execute(NODE_QUERY % fields, {"id": own})

    assert definition.data["node"]["name"] == achievement.data["node"]["name"] == "First Step"
    # The definitions, then only the player's list and earned trophies.
    assert (definition.upstream_calls, achievement.upstream_calls) == ({"PSN": 1}, {"PSN": 2})
