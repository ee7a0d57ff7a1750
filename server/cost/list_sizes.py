"""How long lists are taken to be where nothing tells beforehand."""

from collections.abc import Mapping

from graphql import FieldNode

from providers.registry import Source
from server.query_reading.arguments import Arguments
from server.query_reading.schema_field import FieldRef

ACCOUNTS_PER_USER = len(Source)  # of a person: at most one on each
EDGES_FIELD = "edges"  # as long as the page of its connection
LIST_ARGUMENTS = ("ids", "representations")  # arguments with an entry for each entry of the answer

DEFAULT_LIST_SIZE = 5
LIST_SIZES: Mapping[str, int] = {
    "User.accounts": ACCOUNTS_PER_USER,
    "User.totals": ACCOUNTS_PER_USER,
    "User.campaigns": 20,
    "Campaign.tasks": 3,
    "TrophyTitle.groups": 3,
    "TrophyTitle.achievements": 40,
    "TrophyGroup.achievements": 15,
    "TrophyTitle.rarestAchievements": 3,
    "PsnPlayedGame.trophyTitles": 2,
    "Query.sources": ACCOUNTS_PER_USER,
    "Query.psnOperations": 100,
}

# Entries that share what is asked of them: only one of a person's accounts is PlayStation's.
FIELDS_WITH_SHARED_CALLS = frozenset({"User.accounts"})


def estimate_list_size(
    field_ref: FieldRef, node: FieldNode, page_size: int, arguments: Arguments
) -> int:
    """How many entries a field has, on a connection with a page of so many."""
    if not field_ref.is_list:
        return 1
    list_argument = next((name for name in LIST_ARGUMENTS if name in field_ref.field.args), None)
    if list_argument is not None:
        return arguments.count_list_items(node, list_argument)
    if page_size and node.name.value == EDGES_FIELD:
        return page_size
    return field_ref.look_up(LIST_SIZES, DEFAULT_LIST_SIZE)
