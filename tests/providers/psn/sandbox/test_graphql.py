"""Persisted GraphQL operations of the sandbox."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers.psn.sandbox import graphql_routes
from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.constants import (
    FRIEND_ACCOUNT_ID,
    OWNER_ACCOUNT_ID,
    SECOND_ACCOUNT_ID,
    STRANGER_ACCOUNT_ID,
)
from providers.psn.sandbox.graphql_routes import OPERATIONS
from tests.providers.psn.sandbox.signed_in_caller import MOBILE, Caller, send_request

WEB = "https://web.np.playstation.com"
PATH = "/api/graphql/v1/op"
JSON_TYPE = {"Content-Type": "application/json"}
CAMPAIGN = "e9546664-aa7f-50b7-ab52-c70eda2e403d"
PRODUCT = "UP0000-PPSA00001_00-SAMPLEGAME000001"


def find_hash(operation: str, host: str = "mobile", index: int = 0) -> str:
    known = [row for row in OPERATIONS.values() if row.operation == operation]
    return [row.hash for row in known if host in row.hosts][index]


def build_query(operation: str, variables: dict[str, Any], digest: str) -> dict[str, str]:
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    return {
        "operationName": operation,
        "variables": json.dumps(variables),
        "extensions": json.dumps(persisted),
    }


def run_operation(
    caller: Caller, operation: str, variables: dict[str, Any] | None = None, index: int = 0
) -> Any:
    params = build_query(operation, variables or {}, find_hash(operation, index=index))
    answer = caller.request("GET", MOBILE + PATH, JSON_TYPE, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def run_anonymously(
    sandbox: PsnSandbox, operation: str, variables: dict[str, Any]
) -> httpx.Response:
    params = build_query(operation, variables, find_hash(operation, "web"))
    return send_request(sandbox, "GET", WEB + PATH, params=params, headers=JSON_TYPE)


def get_first_message(answer: httpx.Response) -> str:
    return answer.json()["errors"][0]["message"]


def read_sample(name: str) -> Any:
    folder = Path(graphql_routes.__file__).parent
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("index", [0, 1])
def test_the_campaigns_answer_under_both_hashes(owner: Caller, index: int) -> None:
    body = run_operation(owner, "metGetCampaignGroup", index=index)
    assert body == read_sample("campaign_group")
    group = body["data"]["loyaltyCampaignGroupRetrieve"][0]
    assert [row["status"] for row in group["campaigns"]] == [
        "AUTO_REGISTERED",
        "NOT_REGISTERED",
        "REGISTERED",
        "COMPLETED",
    ]


def test_campaigns_are_only_for_members(second: Caller) -> None:
    body = run_operation(second, "metGetCampaignGroup")
    assert body == read_sample("campaign_group_not_enrolled")
    detail = run_operation(second, "metLoyaltyCampaignByIdRetrieve", {"campaignId": CAMPAIGN})
    assert detail["errors"][0]["statusCode"] == 400
    assert detail["errors"][0]["apiName"] == "getCampaignById"


def test_a_campaign_has_tasks_that_lead_to_games(owner: Caller) -> None:
    body = run_operation(owner, "metLoyaltyCampaignByIdRetrieve", {"campaignId": CAMPAIGN})
    campaign = body["data"]["loyaltyCampaignByIdRetrieve"]
    assert campaign["name"] == "PlayStation & You: PS4"
    assert campaign["estimatedTime"] is None
    assert campaign["isRegistrationRequired"] is True
    assert [task["conceptId"] for task in campaign["tasks"]] == ["10000004", "10000013"]
    assert {task["type"] for task in campaign["tasks"]} == {"CONCEPT"}
    assert {task["name"] for task in campaign["tasks"]} == {None}


def test_every_campaign_of_the_group_has_tasks(owner: Caller) -> None:
    group = run_operation(owner, "metGetCampaignGroup")["data"]["loyaltyCampaignGroupRetrieve"][0]
    for row in group["campaigns"]:
        body = run_operation(
            owner, "metLoyaltyCampaignByIdRetrieve", {"campaignId": row["id"]}, index=1
        )
        detail = body["data"]["loyaltyCampaignByIdRetrieve"]
        assert detail["tasks"]
        assert row.items() <= detail.items()


def test_other_campaigns_fail_inside_the_answer(owner: Caller) -> None:
    variables = {"campaignId": "00000000-0000-5000-8000-000000000500"}
    body = run_operation(owner, "metLoyaltyCampaignByIdRetrieve", variables)
    assert body["errors"][0]["error"]["reason"] == "InternalError"
    assert body["data"] == {"loyaltyCampaignByIdRetrieve": None}
    body = run_operation(owner, "metLoyaltyCampaignByIdRetrieve", {"campaignId": "none"})
    assert body["errors"][0]["statusCode"] == 404


def test_the_programme_account_hides_the_balance_of_others(owner: Caller) -> None:
    own = run_operation(owner, "metGetAccount", {"accountId": "me"})["data"][
        "loyaltyAccountRetrieve"
    ]
    assert own["pointsBalance"]["totalPointsBalance"] == 300
    assert (
        own
        == run_operation(owner, "metGetAccount", {"accountId": OWNER_ACCOUNT_ID})["data"].popitem()[
            1
        ]
    )
    other = run_operation(owner, "metGetAccount", {"accountId": FRIEND_ACCOUNT_ID}, index=1)
    assert other["data"]["loyaltyAccountRetrieve"]["pointsBalance"] is None
    stranger = run_operation(owner, "metGetAccount", {"accountId": SECOND_ACCOUNT_ID})
    assert stranger["errors"][0]["message"] == "User not found"
    assert stranger["errors"][0]["statusCode"] == 404


def test_points_collectibles_and_levels_answer(owner: Caller, second: Caller) -> None:
    history = run_operation(owner, "metGetPointsHistory")["data"]["loyaltyPointHistoryRetrieve"]
    assert sum(row["points"] for row in history) == 300
    assert history[0]["displayPoints"] == "-1,250"
    assert run_operation(second, "metGetPointsHistory")["data"]["loyaltyPointHistoryRetrieve"] == []
    wanted = {"includeDisplayItems": True}
    mine = run_operation(owner, "metGetUserCollectibles", wanted)["data"][
        "loyaltyUserCollectiblesRetrieve"
    ]
    assert {row["rarity"] for row in mine} == {"HEROIC", "COMMON", "LEGENDARY"}
    levels = run_operation(second, "metGetStatusLevels")["data"][
        "loyaltyStatusLevelsMetaDataRetrieve"
    ]
    assert sorted(row["statusLevelNumber"] for row in levels) == [1, 2, 3, 4, 5]


def test_the_display_case_has_twelve_places(owner: Caller) -> None:
    body = run_operation(owner, "metGetCollectibleDisplay", {"accountId": "me"})
    places = body["data"]["loyaltyCollectibleDisplayRetrieve"]["collectibles"]
    assert len(places) == 12
    assert places[-1] == {"id": "empty-slot-12", "isEmpty": True, "assets": None}
    body = run_operation(owner, "metGetCollectibleDisplay", {"accountId": SECOND_ACCOUNT_ID})
    assert body["errors"][0]["message"] == "User not found"
    scenes = run_operation(owner, "metGetCollectibleScenes")["data"][
        "loyaltyCollectibleScenesRetrieve"
    ]
    assert len(scenes) == 1


def test_rewards_are_only_for_members(owner: Caller, second: Caller) -> None:
    group = run_operation(owner, "metGetRewardGroup")["data"]["loyaltyRewardGroupRetrieve"][0]
    reward = {"id": group["rewards"][0]["id"]}
    detail = run_operation(owner, "metLoyaltyRewardbyId", reward)["data"][
        "loyaltyRewardbyIdRetrieve"
    ]
    assert detail["points"] == 1250
    assert (
        run_operation(owner, "metLoyaltyRewardbyId", {"id": "x"})["errors"][0]["statusCode"] == 404
    )
    for operation, variables in (("metGetRewardGroup", {}), ("metLoyaltyRewardbyId", reward)):
        assert run_operation(second, operation, variables)["errors"][0]["statusCode"] == 400


def test_the_programme_can_close_in_three_ways(sandbox: PsnSandbox, owner: Caller) -> None:
    sandbox.settings["stars"] = "closed_empty"
    assert run_operation(owner, "metGetCampaignGroup") == {
        "data": {"loyaltyCampaignGroupRetrieve": []}
    }
    body = run_operation(owner, "metGetAccount", {"accountId": "me"})
    assert body == {"data": {"loyaltyAccountRetrieve": None}}
    sandbox.settings["stars"] = "closed_error"
    body = run_operation(owner, "metGetCampaignGroup")
    assert body["data"] == {"loyaltyCampaignGroupRetrieve": None}
    assert body["errors"][0]["type"] == "NimbusNormalizedError"
    assert body["errors"][0]["apiName"] == "getCampaignGroups"
    sandbox.settings["stars"] = "closed_not_found"
    body = run_operation(owner, "metGetCampaignGroup")
    assert body["errors"][0]["message"] == "PersistedQueryNotFound"
    variables = {"categories": "ps4_game", "limit": 1}
    assert "data" in run_operation(owner, "getUserGameList", variables)


def test_a_hash_can_retire(sandbox: PsnSandbox, owner: Caller) -> None:
    sandbox.settings["retired_hashes"] = [find_hash("metGetCampaignGroup")]
    body = run_operation(owner, "metGetCampaignGroup")
    assert body == {
        "errors": [
            {
                "message": "PersistedQueryNotFound",
                "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
            }
        ]
    }
    assert "data" in run_operation(owner, "metGetCampaignGroup", index=1)


def test_an_unknown_hash_is_not_found(owner: Caller) -> None:
    for digest in ("0" * 64, find_hash("metGetProductById", "web")):
        params = build_query("metGetCampaignGroup", {}, digest)
        answer = owner.request("GET", MOBILE + PATH, JSON_TYPE, params=params)
        assert answer.status_code == 200
        assert get_first_message(answer) == "PersistedQueryNotFound"


def test_without_any_of_three_headers_a_call_is_blocked(owner: Caller) -> None:
    params = build_query("metGetCampaignGroup", {}, find_hash("metGetCampaignGroup"))
    for headers in ({}, {"Content-Type": "text/plain"}):
        answer = owner.request("GET", MOBILE + PATH, headers, params=params)
        assert answer.status_code == 400
        assert answer.text.startswith(
            "This operation has been blocked as a potential Cross-Site Request Forgery (CSRF)"
        )
    for headers in (
        JSON_TYPE,
        {"x-apollo-operation-name": "metGetCampaignGroup"},
        {"apollo-require-preflight": "true"},
    ):
        assert owner.request("GET", MOBILE + PATH, headers, params=params).status_code == 200


def test_an_anonymous_call_on_an_account_is_denied(sandbox: PsnSandbox) -> None:
    params = build_query("metGetCampaignGroup", {}, find_hash("metGetCampaignGroup"))
    answer = send_request(sandbox, "GET", MOBILE + PATH, params=params, headers=JSON_TYPE)
    assert answer.status_code == 200
    assert get_first_message(answer) == (
        "Access denied! You need to be authorized to perform this action!"
    )


def test_an_expired_token_is_unauthorized(sandbox: PsnSandbox, owner: Caller) -> None:
    sandbox.expire_access_tokens()
    params = build_query("metGetCampaignGroup", {}, find_hash("metGetCampaignGroup"))
    assert owner.request("GET", MOBILE + PATH, JSON_TYPE, params=params).status_code == 401


def test_answers_are_never_stored(owner: Caller) -> None:
    params = build_query("metGetCampaignGroup", {}, find_hash("metGetCampaignGroup"))
    answer = owner.request("GET", MOBILE + PATH, JSON_TYPE, params=params)
    assert answer.headers["cache-control"] == "max-age=0, no-cache, no-store"
    assert answer.headers["etag"].startswith('W/"')


def test_variables_are_checked(owner: Caller) -> None:
    def message(operation: str, variables: dict[str, Any]) -> str:
        params = build_query(operation, variables, find_hash(operation))
        answer = owner.request("GET", MOBILE + PATH, JSON_TYPE, params=params)
        assert answer.status_code == 400
        return get_first_message(answer)

    detail = "metLoyaltyCampaignByIdRetrieve"
    assert message(detail, {}).startswith('Variable "$campaignId" of required type "String!"')
    assert message(detail, {"campaignId": 7}).startswith('Variable "$campaignId" got invalid')
    library = run_operation(owner, "getUserGameList", {"categories": "ps4_game", "limit": 101})
    assert library["errors"][0]["message"] == "Argument Validation Error"


@pytest.mark.parametrize(
    "changed", [{"variables": None}, {"variables": "{"}, {"extensions": None}, {"extensions": "1"}]
)
def test_a_malformed_call_is_refused(owner: Caller, changed: dict[str, str | None]) -> None:
    params = build_query("metGetCampaignGroup", {}, find_hash("metGetCampaignGroup")) | changed
    given = {name: value for name, value in params.items() if value is not None}
    answer = owner.request("GET", MOBILE + PATH, JSON_TYPE, params=given)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_a_name_must_fit_its_hash(owner: Caller) -> None:
    params = build_query("other", {}, find_hash("metGetCampaignGroup"))
    answer = owner.request("GET", MOBILE + PATH, JSON_TYPE, params=params)
    assert answer.status_code == 400
    assert get_first_message(answer) == 'Unknown operation named "other".'


def test_the_library_lists_games_with_explicit_nulls(owner: Caller) -> None:
    variables = {"categories": "ps4_game,ps5_native_game", "limit": 100}
    games = run_operation(owner, "getUserGameList", variables)["data"]["gameLibraryTitlesRetrieve"][
        "games"
    ]
    assert len(games) == 12
    assert games[0]["titleId"] == "PPSA00008_00"
    assert games[0]["entitlementId"] is None
    assert games[0]["conceptId"] == "10000008"


def test_purchases_end_with_a_short_page(owner: Caller) -> None:
    variables: dict[str, Any] = {"isActive": True, "platform": ["ps4", "ps5"], "size": 8}
    sizes = [
        len(
            run_operation(owner, "getPurchasedGameList", {**variables, "start": start})["data"][
                "purchasedTitlesRetrieve"
            ]["games"]
        )
        for start in (0, 8, 16)
    ]
    assert sizes == [8, 5, 0]
    plus = {**variables, "start": 0, "membership": "PS_PLUS"}
    games = run_operation(owner, "getPurchasedGameList", plus)["data"]["purchasedTitlesRetrieve"][
        "games"
    ]
    assert {row["membership"] for row in games} == {"PS_PLUS"}


def test_recently_played_titles_are_for_anyone_who_is_not_private(owner: Caller) -> None:
    def load_recent(account_id: str) -> Any:
        variables = {"accountId": account_id, "count": 3, "categories": "ps4_game"}
        return run_operation(owner, "metGetRecentPlayedTitles", variables)

    rows = load_recent(FRIEND_ACCOUNT_ID)["data"]["recentPlayedTitlesRetrieve"]
    assert [row["playTimeHours"] for row in rows] == [8, 7, 60]
    assert len(load_recent("me")["data"]["recentPlayedTitlesRetrieve"]) == 3
    assert load_recent(STRANGER_ACCOUNT_ID)["errors"][0]["statusCode"] == 403


def test_friends_who_play_have_no_account_id(owner: Caller) -> None:
    operation = "friendsWhoPlayRetrieveByConceptId"
    params = build_query(operation, {"conceptId": "10000001"}, find_hash(operation, "web"))
    answer = owner.request("GET", WEB + PATH, JSON_TYPE, params=params)
    friends = answer.json()["data"]["gameListFriendsOwningGame"]
    assert friends["pageInfo"]["totalCount"] == 2
    assert [row["onlineId"] for row in friends["profiles"]] == ["sample_friend", "second_player"]
    assert "accountId" not in friends["profiles"][0]


def test_hints_are_only_for_the_newer_sets(owner: Caller) -> None:
    variables = {"npCommId": "NPWR00001_00", "trophyIds": ["1"]}
    body = run_operation(owner, "metGetHintAvailability", variables)
    assert body["data"]["hintAvailabilityRetrieve"]["trophies"][0]["trophyId"] == "1"
    body = run_operation(
        owner, "metGetHintAvailability", {"npCommId": "NPWR00002_00", "trophyIds": []}
    )
    assert body["data"] == {"hintAvailabilityRetrieve": None}


def test_people_are_searched_in_pages(owner: Caller) -> None:
    variables = {
        "searchTerm": "extra_",
        "searchContext": "MobileUniversalSearchSocial",
        "displayTitleLocale": "en-US",
    }
    body = run_operation(owner, "metGetContextSearchResults", variables)
    block = body["data"]["universalContextSearch"]["results"][0]
    assert (len(block["searchResults"]), block["totalResultCount"]) == (15, 128)
    further = {
        "searchTerm": "extra_",
        "searchDomain": "SocialAllAccounts",
        "nextCursor": block["next"],
        "pageSize": 120,
        "pageOffset": 15,
    }
    last = run_operation(owner, "metGetDomainSearchResults", further)["data"][
        "universalDomainSearch"
    ]
    assert (len(last["searchResults"]), last["next"]) == (113, "")
    assert last["searchResults"][0]["result"]["__typename"] == "Player"


def test_games_are_searched_in_two_blocks(owner: Caller) -> None:
    variables = {"searchTerm": "sample", "searchContext": "MobileUniversalSearchGame"}
    body = run_operation(owner, "metGetContextSearchResults", variables, index=1)
    games, extras = body["data"]["universalContextSearch"]["results"]
    assert [row["result"]["id"] for row in games["searchResults"]] == ["10000001", "10000090"]
    assert games["searchResults"][0]["result"]["price"] is None
    assert (extras["domain"], extras["zeroState"]) == ("MobileAddOns", True)


def test_the_store_answers_anyone(sandbox: PsnSandbox) -> None:
    product = run_anonymously(sandbox, "metGetProductById", {"productId": PRODUCT}).json()
    assert product["data"]["productRetrieve"]["concept"]["id"] == "10000001"
    variables = {"conceptId": "10000001", "productId": ""}
    concept = run_anonymously(sandbox, "metGetConceptById", variables).json()
    assert concept["data"]["conceptRetrieve"]["name"] == "Sample Quest"
    price = run_anonymously(
        sandbox, "metGetPricingDataByConceptId", {"conceptId": "10000001"}
    ).json()
    assert price["data"]["conceptRetrieve"]["defaultProduct"]["price"]["discountedValue"] == 2999
    unsold = run_anonymously(
        sandbox, "metGetPricingDataByConceptId", {"conceptId": "10000090"}
    ).json()
    assert unsold["data"]["conceptRetrieve"]["defaultProduct"] is None
    missing = run_anonymously(sandbox, "metGetProductById", {"productId": "none"}).json()
    assert missing["errors"][0]["statusCode"] == 404
    rating = run_anonymously(
        sandbox, "wcaConceptStarRatingRetrive", {"conceptId": "10000001"}
    ).json()
    assert rating["data"]["conceptRetrieve"]["starRating"]["averageRating"] == 4.5


def test_a_write_goes_by_post_and_is_recorded(owner: Caller) -> None:
    operation = "wcaAddItemToStoreWishlist"
    variables = {"input": {"itemId": "10000003"}}
    params = build_query(operation, variables, find_hash(operation, "web"))
    assert owner.request("GET", WEB + PATH, JSON_TYPE, params=params).status_code == 405
    persisted = {"version": 1, "sha256Hash": find_hash(operation, "web")}
    body = {
        "operationName": operation,
        "variables": variables,
        "extensions": {"persistedQuery": persisted},
    }
    assert owner.request("POST", WEB + PATH, json=body).status_code == 200
    wishlist = run_operation(owner, "metGetStoreWishlist")["data"]["storeWishlist"]
    assert [row["npTitleId"] for row in wishlist] == ["CUSA00016_00", "PPSA00003_00"]
    body["operationName"] = "wcaRemoveItemFromStoreWishlist"
    persisted["sha256Hash"] = find_hash("wcaRemoveItemFromStoreWishlist", "web")
    assert owner.request("POST", WEB + PATH, json=body).status_code == 200
    assert owner.sandbox.database.wishlists[OWNER_ACCOUNT_ID] == ["10000016"]


def test_a_post_must_be_an_object(owner: Caller) -> None:
    assert owner.request("POST", MOBILE + PATH, json=[]).status_code == 400
    headers = {"Content-Type": "application/json"}
    assert owner.request("POST", MOBILE + PATH, headers, content=b"{").status_code == 400


def test_website_operations_require_its_client_name(owner: Caller) -> None:
    params = build_query("getProfileOracle", {}, find_hash("getProfileOracle", "web"))
    answer = owner.request("GET", WEB + PATH, JSON_TYPE, params=params)
    assert answer.status_code == 400
    assert get_first_message(answer).startswith("Cannot query field")
    headers = {**JSON_TYPE, "apollographql-client-name": "oracle"}
    answer = owner.request("GET", WEB + PATH, headers, params=params)
    assert answer.json() == {"data": {"getProfileOracle": None}}


def test_a_retired_operation_lacks_its_field(owner: Caller) -> None:
    params = build_query("getCartItemCount", {}, find_hash("getCartItemCount", "web"))
    answer = owner.request("GET", WEB + PATH, JSON_TYPE, params=params)
    assert answer.status_code == 400
    assert get_first_message(answer).startswith("Cannot query field")


VARIABLES = {
    "campaignId": CAMPAIGN,
    "accountId": "me",
    "id": "x",
    "collectibleId": "x",
    "limit": 1,
    "size": 1,
    "start": 0,
    "platform": ["ps4"],
    "count": 1,
    "npCommId": "NPWR00001_00",
    "trophyIds": ["1"],
    "searchTerm": "sample",
    "searchContext": "MobileUniversalSearchGame",
    "searchDomain": "MobileGames",
    "nextCursor": "",
    "productId": PRODUCT,
    "conceptId": "10000001",
    "input": {"itemId": "1"},
}


@pytest.mark.parametrize("digest", [row.hash for row in OPERATIONS.values() if not row.dead])
def test_every_registered_operation_answers_its_root(owner: Caller, digest: str) -> None:
    known = OPERATIONS[digest]
    for host in known.hosts:
        body = {
            "operationName": known.operation,
            "variables": VARIABLES,
            "extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}},
        }
        headers = {"apollographql-client-name": "oracle"}
        base = MOBILE if host == "mobile" else WEB
        answer = owner.request("POST", base + PATH, headers, json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"].keys() == {known.root or known.operation}
