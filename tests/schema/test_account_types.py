"""The account type of each source, and the fields that need its profile."""

from providers.registry import Source
from resolvers.context import AccountRef
from schema.account import PlainAccount, list_profile_fields
from schema.account_types import (
    ACCOUNT_TYPES,
    PROFILE_FIELDS,
    build_account,
    get_account_type,
)
from schema.psn_account import PsnAccount
from tests.schema.selection_builder import build_selection

COMMON_FIELDS = {"id", "nativeId", "displayName", "avatar", "profileUrl", "status"}


def test_every_source_has_an_account_type() -> None:
    for source in Source:
        assert get_account_type(source) is ACCOUNT_TYPES.get(source, PlainAccount)
        assert type(build_account(AccountRef(source, "x"))) is get_account_type(source)


def test_the_fields_of_the_profile_are_those_that_are_declared_so() -> None:
    own_fields = {"accountId", "onlineId", "npId", "aboutMe", "isPlus", "country", "languages"}

    fields = list_profile_fields(PsnAccount, full_profile=False)

    assert fields == COMMON_FIELDS | own_fields | {"friendRelation"}
    full_fields = list_profile_fields(PsnAccount, full_profile=True)
    assert full_fields == {"npId", "country", "friendRelation"}
    assert list_profile_fields(PlainAccount, full_profile=False) == COMMON_FIELDS
    assert {"Account.id", "PsnAccount.isPlus", "TrophySoAccount.timeZone"} <= PROFILE_FIELDS


def test_the_selection_decides_which_profile_is_needed() -> None:
    account_ref = AccountRef(Source.PSN, "me")

    def needs_profiles(fields: str) -> tuple[bool, bool]:
        account = build_account(account_ref, build_selection(f"{{ accounts {{ {fields} }} }}"))
        return account.needs_profile, account.needs_full_profile

    assert needs_profiles("source handle user { id }") == (False, False)
    assert needs_profiles("handle displayName") == (True, False)
    assert needs_profiles("handle ... on PsnAccount { country }") == (True, True)
    assert needs_profiles("handle ... on TrophySoAccount { timeZone }") == (False, False)
