"""What could never be answered within the rates is refused, and nobody is called for it."""

import pytest

from tests.asking import serving

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
