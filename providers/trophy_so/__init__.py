"""Trophy.so: achievements, metrics and streaks of an application's own users."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.kit.upstream.upstream_client import SharedServices
from providers.trophy_so.sandbox import constants
from providers.trophy_so.sandbox.app import TrophySoSandbox, create_trophy_so_sandbox
from providers.trophy_so.service import CREDENTIAL_HEADERS, SETTINGS, TrophySoService


@dataclass(frozen=True)
class TrophySo:
    """The source as a value."""

    label: str = "Trophy.so"
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS)
    secrets: frozenset[str] = frozenset({"TROPHY_SO_API_KEY"})
    credential_headers: frozenset[str] = CREDENTIAL_HEADERS
    sandbox_settings: Mapping[str, str] = field(
        default_factory=lambda: {
            "TROPHY_SO_API_KEY": constants.ADMIN_KEY,
            "TROPHY_SO_USER_ID": constants.OWNER_ID,
        }
    )

    def create_service(
        self, services: SharedServices, settings: Mapping[str, str]
    ) -> TrophySoService:
        """Make the service; `ValueError` names the setting that cannot be right."""
        return TrophySoService.from_settings(services, {**self.settings, **settings})

    def create_sandbox(self) -> TrophySoSandbox:
        """A fresh invented upstream."""
        return create_trophy_so_sandbox()
