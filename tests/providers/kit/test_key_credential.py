"""API keys of the operator and of callers."""

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from providers.errors import CallerUnauthenticated, Unauthenticated
from providers.kit.key_credential import KeyCredential, KeyCredentialReader

SECRET = "very-secret-key"
READER = KeyCredentialReader(
    source="PSN",
    handle_setting="HANDLE",
    key_setting="KEY",
    handle_header="x-handle",
    key_header="x-key",
    handle_pattern=re.compile(r"[a-z]+"),
    key_pattern=re.compile(r"[a-z-]+"),
)
OPTIONAL = replace(READER, is_handle_optional=True)
KEY_ALONE = KeyCredentialReader(
    source="PSN", key_setting="KEY", key_header="x-key", key_pattern=re.compile(r"[a-z-]+")
)


def test_the_operators_credential_is_read_from_settings() -> None:
    credential = READER.read_settings({"HANDLE": "vega", "KEY": SECRET, "OTHER": ""})
    assert credential == KeyCredential("PSN", "vega", SECRET)


@pytest.mark.parametrize(
    ("reader", "handle", "key"),
    [(READER, "", ""), (READER, "vega", ""), (READER, "", SECRET), (OPTIONAL, "vega", "")],
)
def test_an_incomplete_setting_is_no_credential(
    reader: KeyCredentialReader, handle: str, key: str
) -> None:
    assert reader.read_settings({"HANDLE": handle, "KEY": key}) is None


def test_a_key_can_be_configured_without_a_handle_where_that_is_optional() -> None:
    credential = OPTIONAL.read_settings({"HANDLE": "", "KEY": SECRET})
    assert credential == KeyCredential("PSN", "", SECRET)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"HANDLE": "VEGA", "KEY": SECRET}, "HANDLE"),
        ({"HANDLE": "VEGA", "KEY": ""}, "HANDLE"),
        ({"HANDLE": "vega", "KEY": SECRET + "\n"}, "KEY"),
        ({"HANDLE": "", "KEY": SECRET + " "}, "KEY"),
    ],
)
def test_a_malformed_setting_is_named_and_not_shown(settings: Mapping[str, str], name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} is malformed") as caught:
        READER.read_settings(settings)
    assert SECRET not in str(caught.value)


def test_a_callers_credential_is_read_from_headers() -> None:
    headers = {"x-handle": "vega", "x-key": SECRET, "accept": "*/*"}
    assert READER.read_headers(headers) == KeyCredential("PSN", "vega", SECRET, is_caller=True)
    assert READER.headers == {"x-handle", "x-key"}


def test_blanks_and_quotes_around_a_callers_values_are_left_out() -> None:
    headers = {"x-handle": " 'vega' ", "x-key": f'"{SECRET}"\t'}
    assert READER.read_headers(headers) == KeyCredential("PSN", "vega", SECRET, is_caller=True)


def test_without_its_headers_there_is_no_callers_credential() -> None:
    assert READER.read_headers({"accept": "*/*"}) is None


@pytest.mark.parametrize("reader", [READER, OPTIONAL])
@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"x-handle": "vega"}, "x-key is missing"),
        ({"x-key": SECRET}, "x-handle is missing"),
        ({"x-handle": "", "x-key": SECRET}, "x-handle is missing"),
        ({"x-handle": "vega", "x-key": ""}, "x-key is missing"),
        ({"x-handle": "..", "x-key": SECRET}, "x-handle is malformed"),
        ({"x-handle": "vega", "x-key": SECRET + "!"}, "x-key is malformed"),
    ],
)
def test_an_incomplete_credential_is_an_error_that_names_the_header(
    reader: KeyCredentialReader, headers: Mapping[str, str], problem: str
) -> None:
    with pytest.raises(CallerUnauthenticated, match=problem) as caught:
        reader.read_headers(headers)
    assert caught.value.source == "PSN"
    assert SECRET not in caught.value.message


def test_a_key_alone_is_a_credential_where_the_source_knows_whose_it_is() -> None:
    credential = KeyCredential("PSN", "", SECRET)
    assert KEY_ALONE.read_settings({"KEY": SECRET}) == credential
    assert KEY_ALONE.read_settings({"KEY": ""}) is None
    assert KEY_ALONE.headers == {"x-key"}
    assert KEY_ALONE.read_headers({"x-key": SECRET}) == replace(credential, is_caller=True)
    assert KEY_ALONE.read_headers({}) is None
    with pytest.raises(CallerUnauthenticated, match="x-key is missing"):
        KEY_ALONE.read_headers({"x-key": ""})


def test_the_key_alone_makes_the_scope() -> None:
    operator = KeyCredential("PSN", "vega", SECRET)
    assert operator.scope == KeyCredential("PSN", "other", SECRET, is_caller=True).scope
    assert operator.scope != KeyCredential("PSN", "vega", "another-key").scope
    assert operator.scope != KeyCredential("TROPHY_SO", "vega", SECRET).scope
    assert SECRET not in operator.scope


def test_a_rejected_key_is_the_operators_error_or_the_callers() -> None:
    operator = KeyCredential("PSN", "vega", SECRET)
    caller = replace(operator, is_caller=True)
    assert type(operator.build_rejection()) is Unauthenticated
    assert type(caller.build_rejection()) is CallerUnauthenticated
    assert {operator.build_rejection().source, caller.build_rejection().source} == {"PSN"}


def test_a_representation_does_not_show_the_key() -> None:
    assert SECRET not in repr(KeyCredential("PSN", "vega", SECRET))
