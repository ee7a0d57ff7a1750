"""How long lists are taken to be where nothing tells beforehand."""

from collections.abc import Mapping

ACCOUNTS = 3  # of a person: at most one on each source
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
    "Query.psnOperations": 50,
    "__Schema.types": 100,
    "__Schema.directives": 10,
    "__Type.fields": 10,
    "__Type.possibleTypes": 3,
    "__Type.interfaces": 1,
    "__Type.inputFields": 1,
    "__Type.enumValues": 3,
    "__Field.args": 1,
    "__Directive.args": 2,
}

# Entries that share what is asked of them: only one of a person's accounts is PlayStation's.
ASKED_ONCE = frozenset({"User.accounts"})
