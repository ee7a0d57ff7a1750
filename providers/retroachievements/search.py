"""Finding an account: the site has no search, but a name is either somebody's or nobody's."""

from datetime import UTC, datetime

from providers.capabilities import SearchKey
from providers.errors import BadInput, NotFound
from providers.kit.caching.cached import Answer
from providers.kit.text import CONTROL
from providers.records import PersonPage
from providers.retroachievements.cached_api import View, restated
from providers.retroachievements.identifiers import SOURCE, check_handle
from providers.retroachievements.people import person

LONGEST = 100


def check_term(term: str) -> None:
    """Refuse what is no text to search for."""
    if not 1 <= len(term) <= LONGEST or CONTROL.search(term):
        message = f"term: 1 to {LONGEST} characters."
        raise BadInput(message, argument="term", source=SOURCE)


async def search(view: View, key: SearchKey) -> Answer[PersonPage]:
    """The account of exactly that name, if there is one."""
    check_term(key.term)
    try:
        check_handle(key.term)
        found = await person(view, key.term)
    except (BadInput, NotFound):
        return Answer(PersonPage(people=(), total=0), datetime.now(UTC))
    return restated(found, PersonPage(people=(found.value,), total=1))
