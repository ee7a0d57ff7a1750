"""What could never be answered within the rates is refused, and nobody is called for it."""

import pytest

from tests.asking import PSN_VEGA, RETRO_VEGA, serving

PAGE = """query ($n: Int!) {
  viewer { trophyTitles(first: $n, sources: [PSN]) { edges { node { achievements { name } } } } }
}"""


@pytest.mark.parametrize("setting", ["PSN_RATE", "TROPHYCASE_CALLER_RATE"])
def test_an_operation_that_fits_no_budget_is_refused_before_any_call(setting: str) -> None:
    given = {setting: "5/900"}
    with serving(sandbox=True, **given) as server:
        refused = server.ask(PAGE, {"n": 9})

        (code, estimate, limit) = ("OPERATION_TOO_COSTLY", 1 + 1 + 2 * 9, 5)
        (error,) = refused.errors
        assert error["extensions"] == {"code": code, "estimate": estimate, "limit": limit}
        assert "data" not in refused.body
        assert server.asked() == {}

        assert server.ask(PAGE, {"n": 1}).errors == []


def test_what_no_source_was_asked_is_not_taken_from_a_callers_own_share() -> None:
    query = "query ($who: [AccountInput!]!) { user(accounts: $who) { displayName } }"
    with serving(TROPHYCASE_CALLER_RATE="2/900", TROPHY_SO_RATE="1/900") as server:
        answers = [
            server.ask(query, {"who": [{"source": "TROPHY_SO", "handle": handle}]})
            for handle in ("vega", "nora", "nobody", "nobody else")
        ]

        assert [answer.calls for answer in answers] == [{"TROPHY_SO": 1}, {}, {}, {}]
        assert {answer.error["source"] for answer in answers[1:]} == {"TROPHY_SO"}
        assert server.data(query, {"who": RETRO_VEGA}) == {"user": {"displayName": "VegaNorth"}}
        refused = server.ask(query, {"who": PSN_VEGA}).error
        assert (refused["code"], refused["source"]) == ("UPSTREAM_RATE_LIMITED", "PSN")
