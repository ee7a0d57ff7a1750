"""Who may read the schema by introspection."""

from graphql import DocumentNode, OperationDefinitionNode

from providers.errors import Forbidden
from schema.selected_fields import iterate_fields
from server.cost.introspection import INTROSPECTION_FIELDS
from server.query_reading.fragments import index_fragments


def reject_introspection(operation: OperationDefinitionNode, document: DocumentNode) -> None:
    """Raise `Forbidden` for an operation that selects `__schema`, `__type` or `_service`."""
    fragments = index_fragments(document)
    fields = iterate_fields("", operation.selection_set, fragments, set(), lambda _node: True)
    if any(node.name.value in INTROSPECTION_FIELDS for _, node in fields):
        message = "The schema is only shown to callers with an API key or an accepted credential."
        raise Forbidden(message)
