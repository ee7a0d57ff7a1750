"""Check of arguments before anything runs, so that a bad one of one field costs no call.

A resolver checks its arguments too, but then other fields have run, and a connection that cannot be
null takes the user with it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import DocumentNode, FieldNode, OperationDefinitionNode

from providers.errors import BadInput
from providers.registry import Source
from schema.connection import MAX_PAGE_SIZE
from schema.global_id import decode
from schema.selected_fields import iterate_fields
from server.query_reading.arguments import PAGE_SIZE_ARGUMENT, Arguments
from server.query_reading.fragments import index_fragments

CheckTitle = Callable[[Source, str], None]


def check_arguments(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any] | None,
    check_title: CheckTitle,
) -> None:
    """Raise `BadInput` for an argument of a selected field that no resolver accepts.

    `check_title` raises it for an id that no title of a source can have.
    """
    arguments = Arguments(operation, variables or {})
    for node in _iterate_nodes(document, operation, arguments):
        if not node.arguments:
            continue
        values = arguments.read_all(node)
        _check_page(values)
        if values.get("sources") == []:
            raise BadInput("sources: must not be empty.", argument="sources")
        if node.name.value == "trophyTitle":
            _check_title_id(values, check_title)


def _iterate_nodes(
    document: DocumentNode, operation: OperationDefinitionNode, arguments: Arguments
) -> Iterator[FieldNode]:
    fragments, opened = index_fragments(document), set[str]()
    pending = [operation.selection_set]
    while pending:
        for _, node in iterate_fields(
            "",
            pending.pop(),
            fragments,
            opened,
            lambda each: not arguments.should_skip(each.directives),
        ):
            yield node
            if node.selection_set is not None:
                pending.append(node.selection_set)


def _check_page(values: Mapping[str, Any]) -> None:
    size, after = values.get(PAGE_SIZE_ARGUMENT), values.get("after")
    if isinstance(size, int) and not 1 <= size <= MAX_PAGE_SIZE:
        message = f"first: must be from 1 to {MAX_PAGE_SIZE}."
        raise BadInput(message, argument=PAGE_SIZE_ARGUMENT)
    if isinstance(after, str) and after:
        decode(after, "after")


def _check_title_id(values: Mapping[str, Any], check_title: CheckTitle) -> None:
    native_id, source = values.get("nativeId"), values.get("source", Source.PSN.name)
    if isinstance(native_id, str) and source in Source.__members__:
        check_title(Source[source], native_id)
