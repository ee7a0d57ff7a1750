"""The patterns of user ids."""

import pytest

from providers.errors import BadInput
from providers.trophy_so.identifiers import check_user_id


@pytest.mark.parametrize("user_id", ["x", "x" * 255, "...", ".a", "second user", "team/blue", "ü"])
def test_user_ids_are_accepted(user_id: str) -> None:
    check_user_id(user_id)


@pytest.mark.parametrize(
    "user_id", ["", ".", "..", "a\nb", "a\n", "a\x7f", "\x85", "\ud800", "x" * 256]
)
def test_invalid_user_ids_are_rejected(user_id: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_user_id(user_id)
    assert (caught.value.argument, caught.value.source) == ("handle", "TROPHY_SO")
