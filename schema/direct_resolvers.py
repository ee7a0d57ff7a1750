"""Resolvers called as they are written, where Strawberry's own steps around them change nothing.

Strawberry looks for extensions, exception handlers and arguments to convert each time a field is
resolved, in two coroutines around an asynchronous resolver.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# - not everything inside graphql-core and Strawberry has a type

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema
from strawberry import Info
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from providers.kit.started import start
from schema.argument_conversion import Convert, find_conversion

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

MARK = "starts_at_once"


def starts_at_once(resolver: FunctionT) -> FunctionT:
    """Mark a resolver that waits for nothing but loaders: it runs when it is called."""
    setattr(resolver, MARK, True)
    return resolver


class DirectResolver(ABC):
    """A field's resolver, whose call is prepared once for many objects."""

    @abstractmethod
    def prepare(self, info: Any, arguments: Mapping[str, Any]) -> Callable[[Any], Any]:
        """Return the function that resolves the field of an object."""

    def __call__(self, source: Any, info: Any, /, **arguments: Any) -> Any:
        """Resolve the field of one object."""
        return self.prepare(info, arguments)(source)


class AttributeResolver(DirectResolver):
    """Reads an attribute."""

    def __init__(self, name: str) -> None:
        self._read = attrgetter(name)

    def prepare(self, info: Any, arguments: Mapping[str, Any]) -> Callable[[Any], Any]:  # noqa: ARG002 - as all of them
        """Return the function that reads the attribute of an object."""
        return self._read


class MethodResolver(DirectResolver):
    """Calls a method of an object with the converted arguments, by their names in Python."""

    def __init__(
        self, definition: StrawberryField, conversions: Mapping[str, tuple[str, Convert]]
    ) -> None:
        resolver: Any = definition.base_resolver
        self._definition = definition
        self._conversions = conversions
        self._function: Callable[..., Any] = resolver.wrapped_func
        self._info_name = resolver.info_parameter and resolver.info_parameter.name
        self._starts_at_once = getattr(self._function, MARK, False)

    def prepare(self, info: Any, arguments: Mapping[str, Any]) -> Callable[[Any], Any]:
        """Return the function that calls the method of an object."""
        converted: dict[str, Any] = {}
        for name, value in arguments.items():
            python_name, convert = self._conversions[name]
            converted[python_name] = convert(value)
        if self._info_name:
            converted[self._info_name] = Info(_raw_info=info, _field=self._definition)
        call = partial(self._function, **converted)
        return (lambda source: start(call(source))) if self._starts_at_once else call


def use_direct_resolvers(schema: GraphQLSchema) -> None:
    """Replace the resolvers of the fields that Strawberry only passes on."""
    for graphql_type in schema.type_map.values():
        # The fields of a subscription return the event, and call their methods before.
        is_resolved = graphql_type is not schema.subscription_type
        if not is_resolved or not isinstance(graphql_type, GraphQLObjectType):
            continue
        for field in graphql_type.fields.values():
            definition = field.extensions.get("strawberry-definition")
            if isinstance(definition, StrawberryField) and not definition.extensions:
                field.resolve = _build_resolver(definition, field) or field.resolve


def _build_resolver(definition: StrawberryField, field: GraphQLField) -> DirectResolver | None:
    """Build the resolver of a field; None for one whose arguments Strawberry has to convert."""
    resolver: Any = definition.base_resolver
    if resolver is None:
        return AttributeResolver(definition.python_name)
    if resolver.parent_parameter or resolver.root_parameter or not resolver.self_parameter:
        return None
    names = {to_camel_case(each.python_name): each.python_name for each in definition.arguments}
    if names.keys() != field.args.keys():
        return None
    conversions: dict[str, tuple[str, Convert]] = {}
    for name, argument in field.args.items():
        convert = find_conversion(argument.type)
        if convert is None:
            return None
        conversions[name] = names[name], convert
    return MethodResolver(definition, conversions)
