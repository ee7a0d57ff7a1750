"""Fragments are opened in one place, for the schema and for the server's limits."""

from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse

from schema.selected_fields import iterate_fields

DOCUMENT = """
{ node { id ...Title ...Title ... on User { name ...Title } ... { type } } }
fragment Title on TrophyTitle { progress ...Loop }
fragment Loop on TrophyTitle { ...Title icon }
"""


def list_fields(opened: set[str]) -> list[tuple[str, str]]:
    definitions = parse(DOCUMENT).definitions
    fragments = {
        node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)
    }
    (operation,) = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
    selections = getattr(operation.selection_set.selections[0], "selection_set", None)
    assert selections is not None
    fields = iterate_fields("Node", selections, fragments, opened, lambda _node: True)
    return [(type_name, field.name.value) for type_name, field in fields]


def test_fields_have_the_type_that_they_are_selected_on() -> None:
    assert list_fields(set()) == [
        ("Node", "id"),
        ("TrophyTitle", "progress"),
        ("TrophyTitle", "icon"),
        ("User", "name"),
        ("Node", "type"),
    ]


def test_an_opened_fragment_is_left_out() -> None:
    opened = {"Title"}

    assert list_fields(opened) == [("Node", "id"), ("User", "name"), ("Node", "type")]
    assert opened == {"Title"}
