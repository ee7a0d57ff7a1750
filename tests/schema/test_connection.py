"""Pages of every list: where they start."""

import pytest

from tests.harness import RunningServer

USER_LISTS = ["trophyTitles", "achievements", "awards"]
PSN_LISTS = ["friends", "messageGroups", "playedGames"]
PAGE_FIELDS = "{ edges { cursor } pageInfo { hasPreviousPage endCursor } }"


def build_query(field: str) -> str:
    if field in USER_LISTS:
        selection = f"{field}(first: 2, after: $after) {PAGE_FIELDS}"
    elif field in PSN_LISTS:
        selection = (
            f"accounts {{ ... on PsnAccount {{ {field}(first: 2, after: $after) {PAGE_FIELDS} }} }}"
        )
    else:
        return (
            "query ($after: String) "
            f'{{ searchAccounts(term: "sample", first: 2, after: $after) {PAGE_FIELDS} }}'
        )
    return f"query ($after: String) {{ viewer {{ {selection} }} }}"


@pytest.mark.parametrize("field", [*USER_LISTS, *PSN_LISTS, "searchAccounts"])
def test_an_empty_cursor_is_none(server: RunningServer, field: str) -> None:
    query = build_query(field)
    first_page = server.fetch_data(query)

    assert "'hasPreviousPage': False" in str(first_page)
    for after in ("", None):
        assert server.fetch_data(query, {"after": after}) == first_page
