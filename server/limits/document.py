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

from server.limits.limit_exceeded import LimitExceeded, enforce
from server.limits.variables import MAX_LIST_ITEMS

MAX_BYTES = 60_000
MAX_TOKENS = 4_000
MAX_COMMENTS = 200
MAX_LEVELS = 200  # the parser's own
# Validation compares every two places that could stand for the same member of an answer.
MAX_REPEATED_FIELDS = 200
MAX_SPREADS = 200
# A literal is read anew wherever it is asked with: under each alias, for each of a hundred friends.
MAX_NAMES_PER_LIST = 10  # no list takes other names than sources and states, of which are few

ABORT_MESSAGE = "Parsing aborted."


def parse_document(text: str) -> DocumentNode:
    """The document; `Excess` for one over a limit, `GraphQLSyntaxError` for one that is none."""
    enforce("Bytes of the document", len(text.encode(errors="surrogatepass")), MAX_BYTES)
    try:
        document = parse(text, max_lexical_tokens=MAX_TOKENS, max_comments=MAX_COMMENTS)
    except GraphQLSyntaxError as error:
        if not error.message.endswith(ABORT_MESSAGE):
            raise
        limit_exceeded = _to_limit_exceeded(error.message)
    else:
        _enforce_repetition(document)
        visit(document, ListLimitVisitor())
        return document
    raise limit_exceeded


class ListLimitVisitor(Visitor):
    """Every list that is written in a document, held to the length that some argument takes."""

    def enter_list_value(self, node: ListValueNode, *_: object) -> None:
        """Refuse one that is longer."""
        enforce("Items of a list in the document", len(node.values), MAX_LIST_ITEMS)
        name_count = sum(isinstance(each, EnumValueNode) for each in node.values)
        enforce("Names in a list of the document", name_count, MAX_NAMES_PER_LIST)


def _to_limit_exceeded(message: str) -> LimitExceeded:
    """What the parser gave up on: it counts no further than its limit."""
    if "comments" in message:
        return LimitExceeded("Comments of the document", MAX_COMMENTS + 1, MAX_COMMENTS)
    if "nested" in message:
        return LimitExceeded("Levels of the document", MAX_LEVELS + 1, MAX_LEVELS)
    return LimitExceeded("Tokens of the document", MAX_TOKENS + 1, MAX_TOKENS)


def _enforce_repetition(document: DocumentNode) -> None:
    repeats = spreads = 0
    for selections in _iterate_selection_sets(document):
        fields = [node for node in selections.selections if isinstance(node, FieldNode)]
        repeats += len(fields) - len({(node.alias or node.name).value for node in fields})
        spreads += len(selections.selections) - len(fields)
    enforce("Repeated fields of the document", repeats, MAX_REPEATED_FIELDS)
    enforce("Fragments opened in the document", spreads, MAX_SPREADS)


def _iterate_selection_sets(document: DocumentNode) -> Iterator[SelectionSetNode]:
    definitions = document.definitions
    pending = [
        node.selection_set for node in definitions if isinstance(node, ExecutableDefinitionNode)
    ]
    while pending:
        found = pending.pop()
        yield found
        children = (getattr(node, "selection_set", None) for node in found.selections)
        pending.extend(each for each in children if each is not None)
