"""List sizes: how many entries a field is estimated to have."""

from collections.abc import Mapping

from graphql import FieldNode

from providers.registry import Source
from resolvers.comparison.people import MAX_PEOPLE
from schema.trophy_so_account import MAX_PERIODS
from server.query_reading.arguments import Arguments
from server.query_reading.schema_field import FieldRef

ACCOUNTS_PER_USER = len(Source)  # at most one on each source
EDGES_FIELD = "edges"  # as long as the page of its connection
LIST_ARGUMENTS = ("ids", "representations")  # the result has one entry for each of theirs

DEFAULT_LIST_SIZE = 5
PEOPLE = 4  # of a comparison; for their calls, as many as there are
LIST_SIZES: Mapping[str, int] = {
    "User.accounts": ACCOUNTS_PER_USER,
    "User.totals": ACCOUNTS_PER_USER,
    "User.campaigns": 20,
    "Campaign.tasks": 3,
    "TrophyTitle.groups": 3,
    "TrophyTitle.achievements": 40,
    "TrophyGroup.achievements": 15,
    "TrophyTitle.rarestAchievements": 3,
    "UnlockStatistics.buckets": 400,
    "ComparisonConnection.people": MAX_PEOPLE,
    "ComparedTitle.people": PEOPLE,
    "ComparedTitle.achievements": 40,
    "ComparedAchievement.unlocks": PEOPLE,
    "ComparedAchievement.first": 1,
    "PsnPlayedGame.trophyTitles": 2,
    "TrophySoStreak.history": MAX_PERIODS,
    "Query.sources": ACCOUNTS_PER_USER,
    "Query.psnOperations": 100,
}

# Lists whose entries need a call only once: of a user's accounts only one is on each source.
FIELDS_WITH_SHARED_CALLS = frozenset({"User.accounts"})


def estimate_list_size(
    field_ref: FieldRef, node: FieldNode, page_size: int, arguments: Arguments
) -> int:
    """Return the estimated number of entries of a field; 1 for a field that is no list.

    `page_size` is that of the connection which has the field, or 0.
    """
    if not field_ref.is_list:
        return 1
    list_argument = next((name for name in LIST_ARGUMENTS if name in field_ref.field.args), None)
    if list_argument is not None:
        return arguments.count_list_items(node, list_argument)
    if page_size and node.name.value == EDGES_FIELD:
        return page_size
    return field_ref.look_up(LIST_SIZES, DEFAULT_LIST_SIZE)
