"""Check of arguments before anything runs, so that a bad one of one field costs no call.

A resolver checks its arguments too, but then other fields have run, and a connection that cannot be
null takes the user with it.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# - what a caller sends has no type

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import DocumentNode, FieldNode, OperationDefinitionNode

from providers.kit.idempotency import check_key
from providers.registry import Source
from resolvers.arguments import AchievementState
from resolvers.comparison.people import check_people
from resolvers.loaders import Loaders
from resolvers.unlock_stream import check_account_count
from resolvers.user import check_accounts, check_period_state, check_sources
from schema.connection import check_page_size
from schema.federated_schema import PreparedDocument
from schema.list_cursors import LISTS_BY_FIELD
from schema.milestone import check_every
from schema.mutation import decode_upload
from schema.selected_fields import iterate_fields
from schema.trophy_so_account import check_periods
from schema.unlock_statistics import check_max_titles
from server.query_reading.arguments import PAGE_SIZE_ARGUMENT, Arguments
from server.query_reading.fragments import index_fragments

Values = Mapping[str, Any]

SOURCES = Source.__members__


def check_arguments(
    prepared: PreparedDocument,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any] | None,
    loaders: Loaders,
) -> None:
    """Raise `BadInput` for an argument of a selected field that its resolver does not accept.

    The ids of `node`, `nodes` and `_entities` are left to these: each of them fails alone.
    """
    arguments = Arguments(operation, variables or {})
    for node in _find_nodes_with_arguments(prepared, operation, arguments):
        _check_field(node.name.value, arguments.read_all(node), loaders)


def _check_field(name: str, values: Values, loaders: Loaders) -> None:
    for argument, check_argument in ARGUMENT_CHECKS:
        if argument in values:
            check_argument(name, values)
    check = CHECKS.get(name)
    if check is not None:
        check(values, loaders)


def _check_page_size(_name: str, values: Values) -> None:
    size = values[PAGE_SIZE_ARGUMENT]
    if isinstance(size, int):
        check_page_size(size)


def _check_cursor(name: str, values: Values) -> None:
    after, select_list = values["after"], LISTS_BY_FIELD.get(name)
    if isinstance(after, str) and select_list is not None:
        cursor_list = select_list(values)
        if cursor_list:
            cursor_list.decode(after)


def _check_sources(_name: str, values: Values) -> None:
    sources = values["sources"]
    if isinstance(sources, list):
        check_sources(sources)


def _check_idempotency_key(_name: str, values: Values) -> None:
    key = _get_input(values).get("idempotencyKey")
    if isinstance(key, str):
        check_key(key)


def _find_nodes_with_arguments(
    prepared: PreparedDocument, operation: OperationDefinitionNode, arguments: Arguments
) -> tuple[FieldNode, ...]:
    name = operation.name.value if operation.name else None
    found = prepared.nodes_with_arguments.get(name)
    if found is None and prepared.document is not None:
        nodes = _iterate_nodes(prepared.document, operation, arguments)
        found = tuple(node for node in nodes if node.arguments)
        if not prepared.directive_variables:
            prepared.nodes_with_arguments[name] = found
    return found or ()


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


def _check_user(values: Values, loaders: Loaders) -> None:
    given = values.get("accounts")
    if given is None:
        return
    given_accounts = _to_list(given)
    accounts = _find_accounts(given_accounts)
    # Others are invalid by their type, which the execution says.
    if len(accounts) == len(given_accounts):
        check_accounts(loaders, accounts)


def _check_people(values: Values, loaders: Loaders) -> None:
    people = [_to_list(each) for each in _to_list(values.get("accounts"))]
    accounts = [_find_accounts(each) for each in people]
    # Others are invalid by their type, which the execution says.
    if list(map(len, accounts)) == list(map(len, people)):
        check_people(loaders, accounts)
    if values.get("nativeId") is not None and values.get("source") is not None:
        _check_title(values, loaders)


def _check_opened(values: Values, _loaders: Loaders) -> None:
    max_titles, every = values.get("maxTitles"), values.get("every")
    if isinstance(max_titles, int):
        check_max_titles(max_titles)
    if isinstance(every, int):
        check_every(every)


def _check_watched(values: Values, loaders: Loaders) -> None:
    if values.get("accounts") is not None:
        accounts = _to_list(values.get("accounts"))
        check_account_count(len(accounts))
        for source, handle in _find_accounts(accounts):
            loaders.check_handle(source, handle)


def _find_accounts(accounts: list[Any]) -> list[tuple[Source, str]]:
    """Return the accounts that are valid by their type."""
    return [
        (source, handle)
        for each in accounts
        if isinstance(each, dict)
        and (source := _find_source(each.get("source")))
        and isinstance(handle := each.get("handle"), str)
    ]


def _check_title(values: Values, loaders: Loaders) -> None:
    native_id, source = _to_text(values.get("nativeId")), _get_source(values)
    if native_id is not None and source is not None:
        loaders.check_title(source, native_id)


def _check_search(values: Values, loaders: Loaders) -> None:
    term, source = values.get("term"), _get_source(values)
    # A source without a search fails alone, as one that is not configured does.
    if isinstance(term, str) and source is not None and loaders.has_search(source):
        loaders.check_term(source, term)


def _check_group(values: Values, loaders: Loaders) -> None:
    group_id = _to_text(values.get("groupId"))
    if group_id is not None:
        loaders.check_group(group_id, _to_text(values.get("threadId")))


def _check_thread(values: Values, loaders: Loaders) -> None:
    thread_id = _to_text(values.get("threadId"))
    if thread_id is not None:
        loaders.check_thread(thread_id)


def _check_points_key(values: Values, loaders: Loaders) -> None:
    key = values.get("key")
    if isinstance(key, str):
        loaders.check_points_key(key)


def _check_period(values: Values, _loaders: Loaders) -> None:
    name = values.get("state", AchievementState.EARNED.name)
    state = next((each for each in AchievementState if each.name == name), None)
    if state is not None:
        check_period_state(state, values.get("since"), values.get("until"))


def _check_history(values: Values, _loaders: Loaders) -> None:
    periods = values.get("periods")
    if isinstance(periods, int):
        check_periods(periods)


def _check_removal(values: Values, loaders: Loaders) -> None:
    handle = _get_input(values).get("handle")
    if isinstance(handle, str):
        loaders.check_handle(Source.PSN, handle)


def _check_creation(values: Values, loaders: Loaders) -> None:
    invitees = [_to_text(each) for each in _to_list(_get_input(values).get("inviteeIds"))]
    loaders.check_invitees([each for each in dict.fromkeys(invitees) if each is not None])


def _check_sending(values: Values, loaders: Loaders) -> None:
    sent = _get_input(values)
    _check_group(sent, loaders)
    body = sent.get("body")
    text = body if isinstance(body, str) else None
    loaders.check_message(text, _to_text(sent.get("resourceId")))


def _check_upload(values: Values, loaders: Loaders) -> None:
    sent = _get_input(values)
    _check_group(sent, loaders)
    text, url = sent.get("contentBase64"), sent.get("url")
    if isinstance(text, str | None) and isinstance(url, str | None):
        decode_upload(text, url)


def _get_source(values: Values) -> Source | None:
    return _find_source(values.get("source", Source.PSN.name))


def _find_source(name: object) -> Source | None:
    return SOURCES.get(name) if isinstance(name, str) else None


def _get_input(values: Values) -> Values:
    found = values.get("input")
    return found if isinstance(found, dict) else {}


def _to_list(value: Any) -> list[Any]:
    """Return a list as it is, and a single value as GraphQL coerces it."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _to_text(value: Any) -> str | None:
    """Return an `ID` as text; it may be sent as a number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


# By the name of the argument, in the order in which they are checked.
ARGUMENT_CHECKS: tuple[tuple[str, Callable[[str, Values], None]], ...] = (
    (PAGE_SIZE_ARGUMENT, _check_page_size),
    ("after", _check_cursor),
    ("sources", _check_sources),
    ("input", _check_idempotency_key),
)
# By the name of the field. Each check is the one that the field's resolver makes.
CHECKS: Mapping[str, Callable[[Values, Loaders], None]] = {
    "user": _check_user,
    "compare": _check_people,
    "statistics": _check_opened,
    "rarest": _check_opened,
    "milestones": _check_opened,
    "achievementUnlocked": _check_watched,
    "achievements": _check_period,
    "trophyTitle": _check_title,
    "searchAccounts": _check_search,
    "messageGroup": _check_group,
    "messages": _check_thread,
    "points": _check_points_key,
    "leaderboard": _check_points_key,
    "history": _check_history,
    "removePsnFriend": _check_removal,
    "createPsnMessageGroup": _check_creation,
    "sendPsnMessage": _check_sending,
    "sendPsnResource": _check_sending,
    "uploadPsnResource": _check_upload,
}
