"""The cost map agrees with the schema: it has every costly field, and no unknown one."""

from graphql import GraphQLInterfaceType, GraphQLObjectType

from server.cost.cost_map import COST_MAP, SOURCE_BY_TYPE
from server.cost.list_sizes import FIELDS_WITH_SHARED_CALLS, LIST_SIZES
from server.cost.pending_calls import CALLS_BY_FIELD
from tests.server.operation_checks import SCHEMA

FIELDS = {
    f"{kind.name}.{name}": field
    for kind in SCHEMA.type_map.values()
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    for name, field in kind.fields.items()
}


def test_every_field_in_a_table_is_a_field_of_the_schema() -> None:
    assert {*CALLS_BY_FIELD, *COST_MAP, *LIST_SIZES, *FIELDS_WITH_SHARED_CALLS} <= set(FIELDS)
    assert set(SOURCE_BY_TYPE) <= set(SCHEMA.type_map)


def test_every_paged_field_has_a_cost() -> None:
    paged = {name for name, field in FIELDS.items() if "first" in field.args}
    assert paged
    assert paged <= {*CALLS_BY_FIELD, *COST_MAP}


def test_every_mutation_has_a_cost() -> None:
    assert {name for name in FIELDS if name.startswith("Mutation.")} <= set(COST_MAP)
