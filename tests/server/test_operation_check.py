"""Operations that fit no rate are rejected before any call."""

import pytest

from tests.harness import PSN_VEGA, RETRO_VEGA, run_server

PAGE_QUERY = """query ($n: Int!) {
  viewer { trophyTitles(first: $n, sources: [PSN]) { edges { node { achievements { name } } } } }
}"""


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["PSN_RATE", "TROPHYCASE_CALLER_RATE"])
def test_an_operation_that_fits_no_rate_is_rejected_before_any_call(setting: str) -> None:
    given = {setting: "5/900"}
    with run_server(sandbox=True, **given) as server:
        refused = server.execute(PAGE_QUERY, {"n": 9})

        (code, estimate, limit) = ("OPERATION_TOO_COSTLY", 1 + 1 + 2 * 9, 5)
        (error,) = refused.errors
        assert error["extensions"] == {"code": code, "estimate": estimate, "limit": limit}
        assert "data" not in refused.body
        assert server.count_upstream_calls() == {}

        assert server.execute(PAGE_QUERY, {"n": 1}).errors == []


def test_calls_that_are_not_made_are_not_charged_to_the_caller() -> None:
    query = "query ($who: [AccountInput!]!) { user(accounts: $who) { displayName } }"
    with run_server(TROPHYCASE_CALLER_RATE="2/900", TROPHY_SO_RATE="1/900") as server:
        answers = [
            server.execute(query, {"who": [{"source": "TROPHY_SO", "handle": handle}]})
            for handle in ("vega", "nora", "nobody", "nobody else")
        ]

        assert [answer.upstream_calls for answer in answers] == [{"TROPHY_SO": 1}, {}, {}, {}]
        assert {answer.error["source"] for answer in answers[1:]} == {"TROPHY_SO"}
        assert server.fetch_data(query, {"who": RETRO_VEGA}) == {
            "user": {"displayName": "VegaNorth"}
        }
        refused = server.execute(query, {"who": PSN_VEGA}).error
        assert (refused["code"], refused["source"]) == ("UPSTREAM_RATE_LIMITED", "PSN")
