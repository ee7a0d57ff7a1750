"""Decides whether one title of a user is loaded without the list that contains its row."""

from providers.records import Part
from schema.node import Info
from schema.selection import Selection
from schema.title_parts import (
    TITLE_DEFINITION_FIELDS,
    TITLE_EARNED_FIELDS,
    get_standalone_title_parts,
    get_title_parts,
)

USER_FIELDS = ("user", "viewer")
# They read the list anyway, or open titles by its rows.
LIST_FIELDS = frozenset({"trophyTitles", "achievements", "totals"})
# Only the list has them.
ROW_FIELDS = frozenset({"hiddenByOwner"})
# Their responses are the player's own, so they prove that the player has the title.
PROVING_PARTS = Part.EARNED | Part.RARITY | Part.GROUP_PROGRESS
ALL_TROPHIES = Part.DEFINITIONS | Part.EARNED


def find_parts_without_list(info: Info, native_id: str) -> Part | None:
    """Return the parts to load for the title without its row; None if the list is needed.

    The parts are those of all occurrences of the title in the operation, so that they share calls.
    """
    operation = Selection.from_operation(info)
    users = [operation.descend(name) for name in USER_FIELDS]
    if any(user.has_any(LIST_FIELDS) for user in users):
        return None
    parts = Part.NONE
    for user in users:
        selection = user.select("trophyTitle", "nativeId", native_id)
        if selection.fields and not _can_omit_row(selection):
            return None
        parts |= get_standalone_title_parts(selection)
    return parts or None


def _can_omit_row(selection: Selection) -> bool:
    """Return whether the title's own responses have all fields, with no more calls than its row."""
    parts = get_title_parts(selection)
    if selection.has_any(ROW_FIELDS) or not parts & PROVING_PARTS:
        return False
    needs_definition = selection.has_any(TITLE_DEFINITION_FIELDS) and not parts & Part.GROUPS
    needs_progress = selection.has_any(TITLE_EARNED_FIELDS) and not (
        parts & Part.GROUP_PROGRESS or parts & ALL_TROPHIES == ALL_TROPHIES
    )
    return not (needs_definition and needs_progress)
