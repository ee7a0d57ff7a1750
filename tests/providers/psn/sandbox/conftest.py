"""A sandbox, and clients of its two accounts."""

import pytest

from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import OWNER_NPSSO, SECOND_NPSSO
from tests.providers.psn.sandbox.signed_in_caller import Caller


@pytest.fixture
def sandbox() -> PsnSandbox:
    return create_sandbox()


@pytest.fixture
def owner(sandbox: PsnSandbox) -> Caller:
    return Caller(sandbox, OWNER_NPSSO)


@pytest.fixture
def second(sandbox: PsnSandbox) -> Caller:
    return Caller(sandbox, SECOND_NPSSO)
