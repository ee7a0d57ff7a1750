"""The variables on which it depends what a document selects."""

from typing import Any

from graphql import DirectiveNode, DocumentNode, VariableNode, Visitor, visit


class _DirectiveVisitor(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.names[argument.value.name.value] = None


def list_directive_variables(document: DocumentNode) -> tuple[str, ...]:
    """List the variables that arguments of directives have as values."""
    visitor = _DirectiveVisitor()
    visit(document, visitor)
    return tuple(visitor.names)
