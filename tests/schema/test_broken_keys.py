"""Each key of each upstream response is left out or broken in turn: that costs its field alone."""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import httpx
import pytest

from providers.kit.caching.memory_store import MemoryStore
from providers.registry import Source
from tests.harness import (
    NO_CACHE_HEADERS,
    PSN_VEGA,
    RETRO_VEGA,
    TROPHY_VEGA,
    XBOX_VEGA,
    GraphQLResponse,
    RunningServer,
)

pytestmark = pytest.mark.slow

REMOVED = object()
# Of each type that a key may not have, with numbers beyond every range. Each key is left out, null
# and one of these in turn.
BROKEN_VALUES: list[Any] = ["text", {}, 2**63, [], -1, "", True, 10**40, ["x"], 0.5]
USER = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { %s } }"
ACHIEVEMENT = """
  nativeId name description icon { url lockedUrl } hidden earned earnedAt unlockMode grade kind
  earnedAtSoftcore points { value unit weighted } rarity { percent band earners population }
  progress { current target percent updatedAt } trigger rawTrigger reward { name image { url } }
  triggerDetail { metricId metricName metricValue streakLength prerequisiteIds }
  userAttributes { key value } eventAttributes { key value } group { nativeId }
"""
TITLE = """
  nativeId name detail icon { url } platforms serviceName setVersion hasGroups hiddenByOwner
  definedCounts { total } earnedCounts { total } achievementCount earnedCount progress lastUpdatedAt
"""
GROUP = """
  nativeId name detail icon { url } definedCounts { total } earnedCounts { total } progress
  lastUpdatedAt
"""
ACCOUNT = "handle nativeId displayName avatar { url } profileUrl status { state }"
PSN_ACCOUNT = "accountId onlineId npId aboutMe isPlus country languages"


def on_psn(fields: str) -> str:
    return f"accounts {{ handle ... on PsnAccount {{ {fields} }} }}"


def page_of(fields: str) -> str:
    return f"{{ totalCount edges {{ node {{ {fields} }} }} sources {{ state }} }}"


@dataclass(frozen=True)
class Case:
    """An operation, and the responses that are broken for it."""

    source: Source
    endpoint: str
    fields: str
    accounts: list[dict[str, str]] | None = None


PSN, RETRO, TROPHY = Source.PSN, Source.RETRO_ACHIEVEMENTS, Source.TROPHY_SO
XBOX = Source.XBOX
ACCOUNTS = {PSN: PSN_VEGA, RETRO: RETRO_VEGA, TROPHY: TROPHY_VEGA, XBOX: XBOX_VEGA}
NAMED = [{"source": "PSN", "handle": "sample_friend"}]
QUEST = 'trophyTitle(nativeId: "NPWR00001_00")'
LANTERN = 'trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "101")'
SKYLARK = 'trophyTitle(source: XBOX, nativeId: "1700000001")'
FERRY = 'trophyTitle(source: XBOX, nativeId: "1290000001")'
XBOX_ACCOUNT = (
    "xuid gamertag modernGamertag modernGamertagSuffix gamerscore reputation tier tenureLevel bio "
    "location"
)
CASES: dict[str, Case] = {
    "psn profile by id": Case(
        PSN, r"users/\d+/profiles\?", f"displayName {on_psn(ACCOUNT + PSN_ACCOUNT)}"
    ),
    "psn profile by name": Case(
        PSN, "profile2", f"displayName {on_psn(ACCOUNT + PSN_ACCOUNT)}", accounts=NAMED
    ),
    "psn summary": Case(
        PSN,
        r"trophySummary\?",
        on_psn("trophySummary { level levelProgress tier points earnedCounts { total } }")
        + " totals { earned earnedCounts { total } points }",
    ),
    "psn titles": Case(PSN, r"trophyTitles\?", f"trophyTitles(first: 3) {page_of(TITLE)}"),
    "psn groups": Case(
        PSN,
        r"v1/npCommunicationIds/.*/trophyGroups\?",
        f"{QUEST} {{ nativeId groups {{ {GROUP} }} }}",
    ),
    "psn earned groups": Case(
        PSN,
        r"users/.*/trophyGroups\?",
        f"{QUEST} {{ nativeId groups {{ nativeId earnedCounts {{ total }} progress }} }}",
    ),
    "psn definitions": Case(
        PSN,
        "v1/npCommunicationIds/.*/all/trophies",
        f"{QUEST} {{ nativeId achievements(revealHidden: true) {{ {ACHIEVEMENT} }} }}",
    ),
    "psn earned": Case(
        PSN,
        "users/.*/all/trophies",
        f"{QUEST} {{ nativeId groups {{ {GROUP} }} "
        f"achievements(revealHidden: true) {{ {ACHIEVEMENT} }} }}",
    ),
    "psn timeline": Case(
        PSN,
        "users/.*/all/trophies",
        "achievements(first: 20) { edges { node { nativeId earnedAt } } sources { state } }",
    ),
    "psn presence": Case(
        PSN,
        "basicPresences",
        on_psn("presence { onlineStatus platform lastOnlineAt titleName npTitleId }"),
        accounts=NAMED,
    ),
    "psn friends": Case(PSN, r"/friends\?", on_psn(f"friends(first: 3) {page_of('nativeId')}")),
    "psn friend profiles": Case(
        PSN,
        r"users/profiles\?",
        on_psn(
            "friends(first: 3) { edges { node { nativeId displayName avatar { url } isPlus } } }"
        ),
    ),
    "psn games": Case(
        PSN,
        "gamelist",
        on_psn(
            "playedGames(first: 3) "
            + page_of(
                "npTitleId conceptId name image { url } category playCount playDurationSeconds "
                "firstPlayedAt lastPlayedAt"
            )
        ),
    ),
    "psn products": Case(
        PSN,
        "titles/trophyTitles",
        on_psn(
            "playedGames(first: 3) { edges { node { npTitleId "
            f"trophyTitles {{ {TITLE} }} }} }} }}"
        ),
    ),
    "psn own account": Case(
        PSN, "devices/accounts/me", on_psn("nativeId"), accounts=[{"source": "PSN", "handle": "me"}]
    ),
    "psn conversations": Case(
        PSN,
        "gamingLoungeGroups.*members/me/groups",
        on_psn(
            "messageGroups(first: 5) { edges { node { groupId name latestMessage { uid body } "
            "members { accountId onlineId } } } sources { state } }"
        ),
    ),
    "psn messages": Case(
        PSN,
        "gamingLoungeGroups.*messages",
        on_psn(
            "messageGroups(first: 1) { edges { node { groupId messages(first: 5) { edges { node { "
            "uid type rawType body createdAt sender { accountId onlineId } } } } } } }"
        ),
    ),
    "psn campaigns": Case(
        PSN,
        "graphql/v1/op",
        "campaigns { nativeId name description points startsAt endsAt progress status "
        "tasks { nativeId status } }",
    ),
    "retro profile": Case(
        RETRO,
        "GetUserProfile",
        f"displayName totals {{ points }} accounts {{ {ACCOUNT} "
        "... on RetroAchievementsAccount { ulid points softcorePoints truePoints "
        "memberSince motto richPresence } }",
    ),
    "retro rank": Case(
        RETRO,
        "GetUserRankAndScore",
        "accounts { handle ... on RetroAchievementsAccount { "
        "points rank { position population percentile } } }",
    ),
    "retro leaderboards": Case(
        RETRO,
        "GetGameLeaderboards",
        'trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "640") { nativeId leaderboards '
        + page_of(
            "nativeId name description format lowerIsBetter "
            "topEntry { ulid displayName rank score formattedScore }"
        )
        + " }",
    ),
    "retro places": Case(
        RETRO,
        "GetUserGameLeaderboards",
        'trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "640") { nativeId leaderboards '
        + page_of("nativeId name entry { ulid displayName rank score formattedScore submittedAt }")
        + " }",
    ),
    "retro following": Case(
        RETRO,
        "GetUsersIFollow",
        "accounts { handle ... on RetroAchievementsAccount { points following(first: 5) "
        + page_of("ulid displayName points softcorePoints isMutual")
        + " } }",
    ),
    "retro wanted titles": Case(
        RETRO,
        "GetUserWantToPlayList",
        "accounts { handle ... on RetroAchievementsAccount { points wantToPlay(first: 5) "
        + page_of("title { nativeId name icon { url } platforms achievementCount }")
        + " } }",
    ),
    "retro titles": Case(
        RETRO,
        "GetUserCompletionProgress",
        f"trophyTitles(first: 3) {page_of(TITLE)} totals {{ titles }}",
    ),
    "retro game": Case(
        RETRO,
        "GetGameInfoAndUserProgress",
        f"{LANTERN} {{ nativeId groups {{ {GROUP} }} achievements {{ {ACHIEVEMENT} }} }}",
    ),
    "retro awards": Case(
        RETRO,
        "GetUserAwards",
        "awards(first: 50) { summary { total hidden mastery completion beatenHardcore "
        "beatenSoftcore event site } edges { node { kind rawType name awardedAt "
        "icon { url } mode platformId "
        "platformName displayOrder flags nativeData nativeDataExtra } } sources { state } }",
    ),
    "retro unlocks": Case(
        RETRO,
        "GetAchievementsEarnedBetween",
        "achievements(first: 20) { edges { node { nativeId name description icon { url } earnedAt "
        "unlockMode points { value weighted } kind title { nativeId } } } sources { state } }",
    ),
    "trophy user": Case(
        TROPHY,
        r"users/vega\?",
        f"displayName accounts {{ {ACCOUNT} ... on TrophySoAccount {{ timeZone createdAt }} }}",
    ),
    "trophy achievements": Case(
        TROPHY,
        "/achievements",
        f"achievements(first: 50, state: ALL) {{ edges {{ node {{ {ACHIEVEMENT} }} }} }} "
        "totals { earned }",
    ),
    "trophy metrics": Case(
        TROPHY,
        "/metrics",
        "achievements(first: 50, state: ALL) { edges { node { nativeId progress { current } } } } "
        "accounts { handle ... on TrophySoAccount { metrics { id key name current } } }",
    ),
    "trophy streak": Case(
        TROPHY,
        "/streak",
        "achievements(first: 50, state: ALL) { edges { node { nativeId progress { current } } } } "
        "accounts { handle ... on TrophySoAccount { streak { length frequency extendedAt "
        "startedOn expiresOn history { startsOn endsOn length usedFreeze usedPause } } } }",
    ),
    "trophy points": Case(
        TROPHY,
        "/points/",
        'accounts { handle ... on TrophySoAccount { timeZone points(key: "experience") { '
        "id key name total level { id key name points } } } }",
    ),
    "trophy leaderboard": Case(
        TROPHY,
        "/leaderboards/",
        'accounts { handle ... on TrophySoAccount { timeZone leaderboard(key: "most-notes") { '
        "id key name rankBy rank value } } }",
    ),
    "xbox profile": Case(
        XBOX,
        r"account/\d+\?",
        f"displayName accounts {{ {ACCOUNT} ... on XboxAccount {{ {XBOX_ACCOUNT} }} }}",
    ),
    "xbox titles": Case(
        XBOX,
        r"player/\d+\?",
        f"trophyTitles(first: 3) {page_of(TITLE)} totals {{ titles earned }}",
    ),
    "xbox title": Case(
        XBOX,
        r"player/\d+/\d+\?",
        f"{SKYLARK} {{ nativeId achievements(revealHidden: true) {{ {ACHIEVEMENT} }} }}",
    ),
    "xbox 360 set": Case(
        XBOX,
        r"player/\d+/title/\d+\?",
        f"{FERRY} {{ nativeId achievements(revealHidden: true) {{ {ACHIEVEMENT} }} }}",
    ),
    "xbox 360 unlocks": Case(
        XBOX,
        r"x360/\d+/title/\d+\?",
        f"{FERRY} {{ nativeId achievements(revealHidden: true) {{ {ACHIEVEMENT} }} }}",
    ),
    "xbox friends": Case(
        XBOX,
        r"friends/\d+\?",
        "accounts { handle ... on XboxAccount { friends(first: 3) "
        + page_of("nativeId displayName gamertag gamerscore avatar { url }")
        + " } }",
    ),
    "xbox presence": Case(
        XBOX,
        r"presence\?",
        "accounts { handle ... on XboxAccount { presence { onlineStatus titleId titleName text } "
        "} }",
    ),
}

# Keys without which a record cannot exist, and what they cost. An item of a list needs its id, and
# a list needs itself. The level, the streak, a metric and the counts of awards have no field that
# can be null in the graph; their other readers lose nothing.
REQUIRED: dict[str, dict[str, str]] = {
    # The name of an account is in three of its fields.
    "psn profile by id": {"onlineId": r"accounts\[\]{}"},
    "psn summary": {
        "(trophyLevel|progress|tier|earnedTrophies.*)": r"accounts\[\].trophySummary",
    },
    "psn titles": {r"trophyTitles(\.\*(\.npCommunicationId)?)?": r"trophyTitles.edges\[\]"},
    "psn groups": {r"trophyGroups(\.\*(\.trophyGroupId)?)?": r"trophyTitle(.groups\[\]{})?"},
    "psn earned groups": {r"trophyGroups(\.\*(\.trophyGroupId)?)?": r"trophyTitle(.groups\[\])?"},
    "psn definitions": {r"trophies(\.\*(\.trophyId)?)?": r"trophyTitle(.achievements\[\]{})?"},
    "psn earned": {"trophies": "trophyTitle"},
    "psn timeline": {"trophies": r"achievements.edges\[\]"},
    "psn presence": {"basicPresence": r"accounts\[\].presence({})?"},
    "psn profile by name": {"profile": r"accounts\[\]{}"},
    "psn friends": {r"friends(\.\*)?": r"accounts\[\].friends.edges\[\]"},
    "psn games": {r"titles(\.\*(\.titleId)?)?": r"accounts\[\].playedGames.edges\[\]"},
    "psn products": {
        r"titles(\.\*(\.npTitleId|\.trophyTitles(\.\*(\.npCommunicationId)?)?)?)?": (
            r"accounts\[\].playedGames.edges\[\].node.trophyTitles\[\]"
        )
    },
    "psn conversations": {
        r"groups(\.\*(\.groupId)?)?": r"accounts\[\].messageGroups.edges\[\]",
        r"groups\.\*\.mainThread(\.latestMessage(\.messageType|\.messageUid)?)?": (
            r"accounts\[\].messageGroups.edges\[\].node.latestMessage"
        ),
        r"groups\.\*\.members(\.\*(\.accountId)?)?": (
            r"accounts\[\].messageGroups.edges\[\].node.members\[\]"
        ),
    },
    "psn messages": {
        r"messages(\.\*(\.messageType|\.messageUid)?)?": (
            r"accounts\[\].messageGroups.edges\[\].node.messages.edges\[\]"
        )
    },
    "psn campaigns": {
        r"data(\.loyaltyCampaignGroupRetrieve(\.\*(\.campaigns(\.\*(\.id)?)?)?)?)?": (
            r"campaigns\[\]"
        ),
        r"data(\.loyaltyCampaignByIdRetrieve(\.id|\.tasks(\.\*(\.id)?)?)?)?": (
            r"campaigns\[\].tasks\[\]"
        ),
    },
    "retro titles": {r"Results(\.\*(\.GameID)?)?": r"trophyTitles.edges\[\]"},
    "retro game": {r"Achievements(\.\*)?": r"trophyTitle.achievements\[\]"},
    "retro leaderboards": {
        r"Results(\.\*(\.ID)?)?": r"trophyTitle.leaderboards.edges\[\]",
        r"Results\.\*\.TopEntry": r"trophyTitle.leaderboards.edges\[\].node.topEntry",
    },
    "retro places": {
        r"Results(\.\*(\.ID|\.UserEntry)?)?": (r"trophyTitle.leaderboards.edges\[\].node.entry")
    },
    # An account has a name or a ULID; a row is named by both.
    "retro following": {r"Results(\.\*(\.ULID|\.User)?)?": r"accounts\[\].following.edges\[\]"},
    "retro wanted titles": {r"Results(\.\*(\.ID)?)?": r"accounts\[\].wantToPlay.edges\[\]"},
    # A place is nothing without the number of the ranked.
    "retro rank": {"Rank|TotalRanked": r"accounts\[\].rank"},
    # The native id of an award is made from these, as it has none.
    "retro awards": {
        r"VisibleUserAwards(\.\*(\.AwardType|\.AwardData|\.AwardDataExtra|\.ConsoleID)?)?": (
            r"awards.edges\[\]"
        ),
        ".*Count": "awards.summary",
    },
    "trophy achievements": {r"\*(\.id)?": r"achievements.edges\[\]"},
    "trophy metrics": {r"\*(\.id|\.key|\.current)?": r"accounts\[\].metrics\[\]"},
    "trophy streak": {
        "frequency|length": r"accounts\[\].streak",
        # A period is named by its first day.
        r"streakHistory(\.\*(\.length|\.periodStart)?)?": (r"accounts\[\].streak.history(\[\])?"),
    },
    "trophy points": {
        "id|total": r"accounts\[\].points",
        r"level(\..*)?": r"accounts\[\].points.level",
    },
    "trophy leaderboard": {"id|rankBy": r"accounts\[\].leaderboard"},
    # The settings are the profile. The envelope has a status, which is none if it is broken.
    "xbox profile": {
        r"code|content(\.profileUsers(\.\*(\.id|\.settings(\.\*(\.id|\.value)?)?)?)?)?": (
            r"accounts\[\]{}"
        )
    },
    "xbox titles": {
        r"code|content(\.titles(\.\*(\.titleId)?)?)?": r"trophyTitles.edges\[\]",
        r"content\.titles\.\*\.achievement": r"trophyTitles.edges\[\].node{}",
    },
    "xbox title": {
        r"code|content(\.achievements(\.\*(\.id)?)?)?": r"trophyTitle(.achievements\[\])?"
    },
    "xbox 360 set": {
        r"code|content(\.achievements(\.\*(\.id)?)?)?": r"trophyTitle(.achievements\[\])?"
    },
    "xbox 360 unlocks": {r"code|content(\.achievements)?": r"trophyTitle"},
    "xbox friends": {r"code|content(\.people(\.\*(\.xuid)?)?)?": r"accounts\[\].friends.edges\[\]"},
    "xbox presence": {
        r"code|content(\.\*(\.xuid|\.devices(\.\*(\.titles)?)?)?)?": (r"accounts\[\].presence({})?")
    },
}

Path = tuple[str | int, ...]

# Objects and lists that are one value, and what names an item of a list.
VALUES = frozenset(
    {
        "icon",
        "avatar",
        "image",
        "definedCounts",
        "earnedCounts",
        "rarity",
        "points",
        "progress",
        "triggerDetail",
        "reward",
        "group",
        "sender",
        "platforms",
        "languages",
        "userAttributes",
        "eventAttributes",
        "status",
        "sources",
    }
)
IDENTITIES = (
    "nativeId",
    "ulid",
    "npTitleId",
    "uid",
    "groupId",
    "accountId",
    "id",
    "startsOn",
    "source",
    "rawType",
    "nativeData",
    "nativeDataExtra",
    "platformId",
    "state",
)


def iterate_keys(document: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every key; of the items of a list, those of the first one."""
    if isinstance(document, dict):
        members = cast("dict[str, Any]", document)
        is_map = len(members) > 1 and all(name.isdigit() for name in members)
        for name, value in list(members.items())[: 1 if is_map else None]:
            yield (*path, name)
            yield from iterate_keys(value, (*path, name))
    elif isinstance(document, list) and document:
        yield (*path, 0)
        yield from iterate_keys(document[0], (*path, 0))


def break_key(document: Any, path: Path, value: Any) -> Any:
    """Return a copy of a document with another value at a path, or without it."""
    broken = copy.deepcopy(document)
    *parents, last = path
    parent = broken
    for each in parents:
        parent = parent[each]
    if value is REMOVED:
        del parent[last]
    else:
        parent[last] = value
    return broken


def name_path(path: Path) -> str:
    return ".".join("*" if isinstance(each, int) or each.isdigit() else each for each in path)


def list_losses(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Yield what is lost with more than one field of it.

    These are the paths of objects that are null, of items that are gone from their lists, and of
    objects in which more than two values are null, than before.
    """
    if isinstance(before, list):
        items = {identify(each): each for each in cast("list[Any]", after or [])}
        for each in cast("list[Any]", before):
            found = items.get(identify(each))
            yield from [f"{path}[]"] if found is None else list_losses(each, found, f"{path}[]")
    elif isinstance(before, dict):
        yield from [path] if after is None else _list_losses_of_object(before, after, path)


def _list_losses_of_object(before: Any, after: Any, path: str) -> Iterator[str]:
    members = cast("dict[str, Any]", before)
    for name in members.keys() - VALUES:
        yield from list_losses(members[name], after.get(name), f"{path}.{name}".lstrip("."))
    lost = [name for name in members if members[name] is not None and after.get(name) is None]
    if len(lost) > 2:
        yield f"{path}{{}}"


def identify(item: Any) -> str:
    """Return what names an item of a list."""
    if not isinstance(item, dict):
        return str(item)
    members = cast("dict[str, Any]", item)
    if "handle" in members:  # the only account
        return ""
    record = members.get("node", members)
    record = record.get("title", record) if "nativeId" not in record else record
    return str([record[name] for name in IDENTITIES if name in record])


class BrokenResponses:
    """A server of which one response at a time is broken."""

    def __init__(self, server: RunningServer, case: Case) -> None:
        self.server = server
        self.case = case
        self.sandbox = server.upstreams.sandboxes[case.source]
        self.before = self.execute().data["user"]
        self.requests = self._find_requests()

    def execute(self) -> GraphQLResponse:
        # A stale value would be served in place of a response that cannot be read.
        cache: Any = self.server.shared_services.cache
        store: MemoryStore = cache._memory_store  # noqa: SLF001 - nothing else makes it forget
        store.delete_matching(lambda _key: True)
        variables = {"accounts": self.case.accounts or ACCOUNTS[self.case.source]}
        return self.server.execute(USER % self.case.fields, variables, NO_CACHE_HEADERS)

    def iterate_responses(self) -> Iterator[tuple[str, GraphQLResponse]]:
        """Break each key in turn; yield its path and the response to the operation."""
        for target, request in self.requests.items():
            document = self._fetch(request)
            for number, path in enumerate(iterate_keys(document)):
                rotated = BROKEN_VALUES[number % len(BROKEN_VALUES)]
                for value in (REMOVED, None, rotated):
                    self.server.clear_faults()
                    body = break_key(document, path, value)
                    self.server.inject_fault(f"^{re.escape(target)}$", status=200, body=body)
                    yield name_path(path), self.execute()

    def _find_requests(self) -> dict[str, httpx.Request]:
        found: dict[str, httpx.Request] = {}
        for request in self.sandbox.log:
            path, query = (
                request.url.raw_path.decode().partition("?")[0],
                request.url.query.decode(),
            )
            target = f"{request.url.host}{path}?{query}"
            if re.search(self.case.endpoint, target):
                found.setdefault(target, request)
        return dict(list(found.items())[:2])

    def _fetch(self, request: httpx.Request) -> Any:
        again = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.content
        )
        response = self.server.run(self.sandbox.handle_request(again))
        return json.loads(self.server.run(response.aread()))


def is_required(name: str, key: str, loss: str) -> bool:
    """Return whether a key is declared as one whose absence costs this."""
    return any(
        re.fullmatch(keys, key) and re.fullmatch(f"(user.)?{costs}", loss)
        for keys, costs in REQUIRED.get(name, {}).items()
    )


@pytest.mark.parametrize("name", CASES)
def test_a_broken_key_costs_its_field_alone(server: RunningServer, name: str) -> None:
    broken = BrokenResponses(server, CASES[name])
    assert broken.requests

    for key, response in broken.iterate_responses():
        user = response.body["data"]["user"]
        assert "INTERNAL_SERVER_ERROR" not in response.error_codes, (key, response.errors)
        assert user is not None, key
        assert None not in user.get("accounts", []), key
        losses = {loss for loss in list_losses(broken.before, user) if loss}
        assert [each for each in losses if not is_required(name, key, each)] == [], key
