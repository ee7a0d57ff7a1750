"""Facts of a title that its row may lack, such as points or the time of play."""

from providers.capabilities import ContentsKey, HasTitleFacts, has_capability
from providers.errors import NotFound
from providers.records import FACT_PARTS, Part, Title
from resolvers.context import Owner, ResolverContext

# Those that a title has without a player.
DEFINITION_FACTS = Part.TITLE_POINTS | Part.TITLE_DETAILS


async def load_title_facts(
    context: ResolverContext, owner: Owner, title: Title, parts: Part, needed: Part
) -> Title | None:
    """Return a record with the facts of a title; None if the source does not tell `needed`.

    `parts` are those that the selected fields need: they are loaded together, except for the time
    at which it was last played, which a list of its own may have.
    """
    client = context.loaders.get_client(owner.source)
    if not has_capability(client, HasTitleFacts):
        return None
    together = needed if needed is Part.LAST_PLAYED else (parts | needed) & ~Part.LAST_PLAYED
    parts = client.select_fact_parts(together & FACT_PARTS)
    if owner.handle is None:
        parts &= DEFINITION_FACTS
    if not parts & needed:
        return None
    key = ContentsKey(owner.request_handle or None, title, parts)
    try:
        return (await context.loaders.load_title_facts(owner.source, key)).value
    except NotFound:
        return None
