"""One validation rule in place of many, which at each node calls only those that concern it.

graphql-core looks up the methods of all rules anew for each document, and goes through all rules at
each node, although most of them concern one kind of node.
"""

from collections.abc import Callable, Iterable
from typing import Any

from graphql import ASTValidationRule, Node
from graphql.language.visitor import BREAK, SKIP, EnterLeaveVisitor, Visitor, VisitorAction
from graphql.validation import ASTValidationContext

RuleType = type[ASTValidationRule]
Method = Callable[..., VisitorAction | None]
NumberedMethods = list[tuple[int, Method | None]]


def combine_rules(rule_types: Iterable[RuleType]) -> RuleType:
    """Return a rule that reports the same errors as all of these, in the same order."""
    types = tuple(rule_types)
    numbers_by_kind: dict[str, tuple[int, ...]] = {}

    class BoundCombinedRule(CombinedRule):
        def __init__(self, context: ASTValidationContext) -> None:
            super().__init__(context, types, numbers_by_kind)

    return BoundCombinedRule


class CombinedRule(ASTValidationRule):
    """Rules of one document, with the numbers of those that have methods for a kind of node."""

    def __init__(
        self,
        context: ASTValidationContext,
        rule_types: tuple[RuleType, ...],
        numbers_by_kind: dict[str, tuple[int, ...]],
    ) -> None:
        super().__init__(context)
        self._rules: list[Visitor] = [rule_type(context) for rule_type in rule_types]
        self._numbers_by_kind = numbers_by_kind
        # By number of the rule: the node below which it is skipped, or BREAK once it has ended.
        self._skipping: list[object] = [None] * len(self._rules)

    def get_enter_leave_for_kind(self, kind: str) -> EnterLeaveVisitor:
        """Return the methods that call those of the rules."""
        if kind not in self.enter_leave_map:
            numbers = self._numbers_by_kind.get(kind)
            if numbers is None:
                numbers = self._numbers_by_kind[kind] = self._find_numbers(kind)
            self.enter_leave_map[kind] = self._combine_methods(kind, numbers)
        return self.enter_leave_map[kind]

    def _find_numbers(self, kind: str) -> tuple[int, ...]:
        methods = (rule.get_enter_leave_for_kind(kind) for rule in self._rules)
        return tuple(number for number, each in enumerate(methods) if each.enter or each.leave)

    def _combine_methods(self, kind: str, numbers: tuple[int, ...]) -> EnterLeaveVisitor:
        if not numbers:
            return EnterLeaveVisitor(None, None)
        methods = [(each, self._rules[each].get_enter_leave_for_kind(kind)) for each in numbers]
        enter_methods = [(number, each.enter) for number, each in methods if each.enter]
        leave_methods = [(number, each.leave) for number, each in methods]
        return EnterLeaveVisitor(self._make_enter(enter_methods), self._make_leave(leave_methods))

    def _make_enter(self, methods: list[tuple[int, Method]]) -> Method | None:
        skipping = self._skipping

        def enter(node: Node, *position: Any) -> None:
            for number, method in methods:
                if skipping[number] is None:
                    action = method(node, *position)
                    if action is not None:
                        skipping[number] = node if action is SKIP else BREAK

        return enter if methods else None

    def _make_leave(self, methods: NumberedMethods) -> Method:
        skipping = self._skipping

        def leave(node: Node, *position: Any) -> None:
            for number, method in methods:
                if skipping[number] is node:
                    skipping[number] = None
                elif skipping[number] is None and method and method(node, *position) is BREAK:
                    skipping[number] = BREAK

        return leave
