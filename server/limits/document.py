"""Reading a document without letting it cost more than it may."""

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSyntaxError,
    SelectionSetNode,
    parse,
)
from graphql.language import ExecutableDefinitionNode

from server.limits.excess import Excess, hold

MOST_BYTES = 60_000
MOST_TOKENS = 4_000
MOST_COMMENTS = 200
MOST_LEVELS = 200  # the parser's own
# Validation compares every two places that could stand for the same member of an answer.
MOST_REPEATS = 200
MOST_SPREADS = 200

ABORTED = "Parsing aborted."


def parsed(text: str) -> DocumentNode:
    """The document; `Excess` for one over a limit, `GraphQLSyntaxError` for one that is none."""
    hold("Bytes of the document", len(text.encode(errors="surrogatepass")), MOST_BYTES)
    try:
        document = parse(text, max_lexical_tokens=MOST_TOKENS, max_comments=MOST_COMMENTS)
    except GraphQLSyntaxError as error:
        if not error.message.endswith(ABORTED):
            raise
        refused = _aborted(error.message)
    else:
        _hold_repetition(document)
        return document
    raise refused


def _aborted(message: str) -> Excess:
    """What the parser gave up on: it counts no further than its limit."""
    if "comments" in message:
        return Excess("Comments of the document", MOST_COMMENTS + 1, MOST_COMMENTS)
    if "nested" in message:
        return Excess("Levels of the document", MOST_LEVELS + 1, MOST_LEVELS)
    return Excess("Tokens of the document", MOST_TOKENS + 1, MOST_TOKENS)


def _hold_repetition(document: DocumentNode) -> None:
    repeats = spreads = 0
    for selections in _selection_sets(document):
        fields = [node for node in selections.selections if isinstance(node, FieldNode)]
        repeats += len(fields) - len({(node.alias or node.name).value for node in fields})
        spreads += len(selections.selections) - len(fields)
    hold("Repeated fields of the document", repeats, MOST_REPEATS)
    hold("Fragments opened in the document", spreads, MOST_SPREADS)


def _selection_sets(document: DocumentNode) -> Iterator[SelectionSetNode]:
    definitions = document.definitions
    waiting = [
        node.selection_set for node in definitions if isinstance(node, ExecutableDefinitionNode)
    ]
    while waiting:
        found = waiting.pop()
        yield found
        below = (getattr(node, "selection_set", None) for node in found.selections)
        waiting.extend(each for each in below if each is not None)
