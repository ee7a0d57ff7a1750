"""The tables are of this schema: nothing in them is gone, and nothing costly is missing."""

from graphql import GraphQLInterfaceType, GraphQLObjectType

from server.cost.cost_map import OF_TYPE, PRICES
from server.cost.estimate import ASKED
from server.cost.list_sizes import ASKED_ONCE, LENGTHS
from tests.server.limits.asking import SCHEMA

FIELDS = {
    f"{kind.name}.{name}": field
    for kind in SCHEMA.type_map.values()
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    for name, field in kind.fields.items()
}


def test_every_field_in_a_table_is_a_field_of_the_schema() -> None:
    assert {*ASKED, *PRICES, *LENGTHS, *ASKED_ONCE} <= set(FIELDS)
    assert set(OF_TYPE) <= set(SCHEMA.type_map)


def test_every_field_with_pages_has_a_price() -> None:
    paged = {name for name, field in FIELDS.items() if "first" in field.args}
    assert paged
    assert paged <= {*ASKED, *PRICES}


def test_every_write_has_a_price() -> None:
    assert {name for name in FIELDS if name.startswith("Mutation.")} <= set(PRICES)
