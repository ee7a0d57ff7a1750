"""Reading a document without letting it cost more than it may."""

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLSyntaxError,
    ListValueNode,
    SelectionSetNode,
    Visitor,
    parse,
    visit,
)
from graphql.language import ExecutableDefinitionNode

from server.limits.limit_exceeded import Excess, hold
from server.limits.variables import MOST_ITEMS

MOST_BYTES = 60_000
MOST_TOKENS = 4_000
MOST_COMMENTS = 200
MOST_LEVELS = 200  # the parser's own
# Validation compares every two places that could stand for the same member of an answer.
MOST_REPEATS = 200
MOST_SPREADS = 200
# A literal is read anew wherever it is asked with: under each alias, for each of a hundred friends.
MOST_NAMES_IN_A_LIST = 10  # no list takes other names than sources and states, of which are few

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
        visit(document, Lists())
        return document
    raise refused


class Lists(Visitor):
    """Every list that is written in a document, held to the length that some argument takes."""

    def enter_list_value(self, node: ListValueNode, *_: object) -> None:
        """Refuse one that is longer."""
        hold("Items of a list in the document", len(node.values), MOST_ITEMS)
        names = sum(isinstance(each, EnumValueNode) for each in node.values)
        hold("Names in a list of the document", names, MOST_NAMES_IN_A_LIST)


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
