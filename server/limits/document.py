"""Limits on a document's text, enforced while it is parsed and before it is validated."""

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLSyntaxError,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    parse,
    visit,
)
from graphql.language import ExecutableDefinitionNode

from server.limits.limit_exceeded import LimitExceeded, enforce
from server.limits.shape import MAX_DEPTH, enforce_shape
from server.limits.variables import MAX_LIST_ITEMS
from server.query_reading.fragments import index_fragments

MAX_BYTES = 60_000
MAX_TOKENS = 4_000
MAX_COMMENTS = 200
MAX_LEVELS = 200  # the parser's own limit
# Validation compares every two fields with the same response name, in quadratic time.
MAX_REPEATED_FIELDS = 60
MAX_SPREADS = 60
MAX_OPERATIONS = 50
# A literal is coerced again for each field that has it: for each alias, for each of 100 friends.
MAX_NAMES_PER_LIST = 10  # lists of enum values hold sources or states, of which there are fewer

ABORT_MESSAGE = "Parsing aborted."  # the end of graphql-core's message when a limit is reached


def parse_document(text: str) -> DocumentNode:
    """Parse a document.

    Raise `LimitExceeded` for one over a limit, and `GraphQLSyntaxError` for invalid syntax.
    """
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
        _enforce_shapes(document)
        return document
    raise limit_exceeded


class ListLimitVisitor(Visitor):
    """Visitor that bounds each list literal, by what the longest list argument accepts."""

    def enter_list_value(self, node: ListValueNode, *_: object) -> None:
        """Raise `LimitExceeded` for a longer list."""
        enforce("Items of a list in the document", len(node.values), MAX_LIST_ITEMS)
        name_count = sum(isinstance(each, EnumValueNode) for each in node.values)
        enforce("Names in a list of the document", name_count, MAX_NAMES_PER_LIST)


def _to_limit_exceeded(message: str) -> LimitExceeded:
    # The parser stops at its limit, so the real number is not known.
    if "comments" in message:
        return LimitExceeded("Comments of the document", MAX_COMMENTS + 1, MAX_COMMENTS)
    if "nested" in message:
        return LimitExceeded("Levels of the document", MAX_LEVELS + 1, MAX_LEVELS)
    return LimitExceeded("Tokens of the document", MAX_TOKENS + 1, MAX_TOKENS)


def _enforce_repetition(document: DocumentNode) -> None:
    repeated = spreads = 0
    for selections in _iterate_selection_sets(document):
        fields = [node for node in selections.selections if isinstance(node, FieldNode)]
        repeated += len(fields) - len({(node.alias or node.name).value for node in fields})
        spreads += len(selections.selections) - len(fields)
    enforce("Repeated fields of the document", repeated, MAX_REPEATED_FIELDS)
    enforce("Fragment spreads of the document", spreads, MAX_SPREADS)


def _enforce_shapes(document: DocumentNode) -> None:
    """Enforce the limits on each operation's shape, which validation would take long to read."""
    fragments = index_fragments(document)
    operations = [
        each for each in document.definitions if isinstance(each, OperationDefinitionNode)
    ]
    enforce("Operations of the document", len(operations), MAX_OPERATIONS)
    try:
        for operation in operations:
            enforce_shape(operation, fragments)
        is_too_deep = False
    except RecursionError:
        is_too_deep = True  # raised below: as its context it would keep all its frames alive
    if is_too_deep:
        raise LimitExceeded("Depth", MAX_DEPTH + 1, MAX_DEPTH)


def _iterate_selection_sets(document: DocumentNode) -> Iterator[SelectionSetNode]:
    definitions = document.definitions
    pending = [
        node.selection_set for node in definitions if isinstance(node, ExecutableDefinitionNode)
    ]
    while pending:
        selection_set = pending.pop()
        yield selection_set
        children = (getattr(node, "selection_set", None) for node in selection_set.selections)
        pending.extend(each for each in children if each is not None)
