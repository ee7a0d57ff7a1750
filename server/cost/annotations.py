"""The subgraph's SDL with directives by which gateways estimate and filter operations.

`@cost` has the upstream calls that a field makes by itself, `@listSize` the entries of a list. They
are estimates of the gateway's own: this server makes a call that several fields share only once,
and still checks each operation itself. `@tag` tells apart what writes and what one source has, for
contracts. `@cacheControl` has how long, and for whom, a gateway may store what a field returns.
"""

from collections.abc import Iterator

from graphql import (
    FieldDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    TypeNode,
    parse,
    print_ast,
)

from server.cost import cache_hints
from server.cost.cost_map import (
    COST_MAP,
    COUNTS,
    FACT_CALLS,
    FREE,
    PROFILE,
    SOURCE_BY_TYPE,
    TITLE_DETAILS,
    TITLE_PROGRESS,
)
from server.cost.list_sizes import DEFAULT_LIST_SIZE, EDGES_FIELD, LIST_ARGUMENTS, LIST_SIZES
from server.cost.pending_calls import CALLS_BY_FIELD

VERSION, NEEDED_VERSION = "federation/v2.3", "federation/v2.9"
IMPORTS, NEEDED_IMPORTS = '"@key"', '"@composeDirective", "@cost", "@key", "@listSize"'
TAG_IMPORT, NEEDED_TAG_IMPORT = '"@shareable"', '"@shareable", "@tag"'
PAGE_SIZE_ARGUMENT = "first"
SHAREABLE = "shareable"
SCHEMA_END = " {"
WRITE_TAG = ' @tag(name: "write")'

# A gateway adds up what each field costs, so a shared call counts at the lists and objects that it
# is for, and not again at each field of theirs.
TYPES_WITHOUT_HINTS = frozenset({"Query", "Mutation", "Subscription"})
TYPES_WITH_CALLS = frozenset({"User", "TrophyTitle", *SOURCE_BY_TYPE})
CALLS_OF_LEAVES = frozenset({PROFILE, COUNTS, TITLE_DETAILS, TITLE_PROGRESS, *FACT_CALLS})

Insertion = tuple[int, str]
ObjectNode = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode


def annotate_subgraph(sdl: str) -> str:
    """Return the SDL with `@cacheControl`, and with `@cost`, `@listSize` and `@tag` of 2.9."""
    for before, after in (
        (VERSION, NEEDED_VERSION),
        (IMPORTS, NEEDED_IMPORTS),
        (TAG_IMPORT, NEEDED_TAG_IMPORT),
        (SCHEMA_END, cache_hints.LINK + SCHEMA_END),
    ):
        sdl = sdl.replace(before, after, 1)
    insertions = sorted(_list_insertions(sdl), reverse=True)
    for position, text in insertions:
        sdl = sdl[:position] + text + sdl[position:]
    return sdl.rstrip() + "\n" + cache_hints.DEFINITIONS


def _list_insertions(sdl: str) -> Iterator[Insertion]:
    for node in parse(sdl).definitions:
        if not isinstance(node, ObjectNode):
            continue
        yield _get_end(node), _describe_type(node)
        leaves = not isinstance(node, InterfaceTypeDefinitionNode)
        for field in node.fields or ():
            text = _describe(node.name.value, field) if leaves else ""
            if text and field.type.loc is not None:
                yield field.type.loc.end, text


def _describe_type(node: ObjectNode) -> str:
    name = node.name.value
    source = SOURCE_BY_TYPE.get(name)
    tag = "" if source is None else f' @tag(name: "{source.lower()}")'
    if name in TYPES_WITHOUT_HINTS:
        return tag
    shared = any(each.name.value == SHAREABLE for each in node.directives or ())
    return cache_hints.describe_type(name, shared=shared) + tag


def _get_end(node: ObjectNode) -> int:
    """Return where the head of a type ends, to which a directive can be added."""
    parts = (node.name, *(node.interfaces or ()), *(node.directives or ()))
    return max(part.loc.end for part in parts if part.loc is not None)


def _describe(type_name: str, field: FieldDefinitionNode) -> str:
    name = f"{type_name}.{field.name.value}"
    calls = COST_MAP.get(name, FREE).calls
    if type_name in TYPES_WITH_CALLS:
        calls += len(CALLS_BY_FIELD.get(name, frozenset()) - CALLS_OF_LEAVES)
    cost = f" @cost(weight: {calls})" if calls else ""
    tag = WRITE_TAG if type_name == "Mutation" else ""
    hint = cache_hints.describe_field(name, print_ast(field.type).strip("[]!"))
    return hint + cost + _describe_size(name, field) + tag


def _describe_size(name: str, field: FieldDefinitionNode) -> str:
    arguments = {argument.name.value for argument in field.arguments or ()}
    if PAGE_SIZE_ARGUMENT in arguments and not _is_list(field.type):
        sized = f'slicingArguments: ["{PAGE_SIZE_ARGUMENT}"], sizedFields: ["{EDGES_FIELD}"]'
        return f" @listSize({sized}, requireOneSlicingArgument: false)"
    is_sized_elsewhere = field.name.value == EDGES_FIELD or arguments.intersection(LIST_ARGUMENTS)
    if not _is_list(field.type) or is_sized_elsewhere:
        return ""
    return f" @listSize(assumedSize: {LIST_SIZES.get(name, DEFAULT_LIST_SIZE)})"


def _is_list(node: TypeNode) -> bool:
    return isinstance(node.type if isinstance(node, NonNullTypeNode) else node, ListTypeNode)
