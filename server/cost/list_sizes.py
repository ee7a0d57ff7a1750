"""How long lists are taken to be where nothing tells beforehand."""

from collections.abc import Mapping

from graphql import FieldNode

from providers.registry import Source
from server.query_reading.arguments import Arguments
from server.query_reading.schema_field import Place

ACCOUNTS = len(Source)  # of a person: at most one on each
PAGED_LIST = "edges"  # as long as the page of its connection
LISTS_GIVEN = ("ids", "representations")  # arguments with an entry for each entry of the answer

OTHER_LISTS = 5
LENGTHS: Mapping[str, int] = {
    "User.accounts": ACCOUNTS,
    "User.totals": ACCOUNTS,
    "User.campaigns": 20,
    "Campaign.tasks": 3,
    "TrophyTitle.groups": 3,
    "TrophyTitle.achievements": 40,
    "TrophyGroup.achievements": 15,
    "TrophyTitle.rarestAchievements": 3,
    "PsnPlayedGame.trophyTitles": 2,
    "Query.sources": ACCOUNTS,
    "Query.psnOperations": 100,
}

# Entries that share what is asked of them: only one of a person's accounts is PlayStation's.
ASKED_ONCE = frozenset({"User.accounts"})


def length_of(place: Place, node: FieldNode, page: int, arguments: Arguments) -> int:
    """How many entries a field has, on a connection with a page of so many."""
    if not place.is_list:
        return 1
    given = next((name for name in LISTS_GIVEN if name in place.field.args), None)
    if given is not None:
        return arguments.length(node, given)
    if page and node.name.value == PAGED_LIST:
        return page
    return place.known(LENGTHS, OTHER_LISTS)
