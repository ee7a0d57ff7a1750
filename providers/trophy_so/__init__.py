"""Trophy.so: achievements, metrics and streaks of an application's users."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.kit.upstream.upstream_client import SharedServices
from providers.trophy_so.service import CREDENTIALS, SETTINGS, TrophySoService


@dataclass(frozen=True)
class TrophySo:
    """The source as a value."""

    label: str = "Trophy.so"
    credential_help: str = (
        "API keys are made at https://app.trophy.so/integration/api-keys. The user id is that of "
        "the user, in the application that the key belongs to, whose achievements are yours."
    )
    handle_format: str = "a user id of 1 to 255 characters, without control characters"
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS)
    required_settings: tuple[str, ...] = ("TROPHY_SO_API_KEY", "TROPHY_SO_USER_ID")
    secrets: frozenset[str] = frozenset({"TROPHY_SO_API_KEY", "TROPHY_SO_WEBHOOK_SECRET"})
    credential_headers: frozenset[str] = CREDENTIALS.headers
    languages: tuple[str, ...] = ()

    def create_service(
        self, services: SharedServices, settings: Mapping[str, str]
    ) -> TrophySoService:
        """Create the service; a `ValueError` names the invalid setting."""
        return TrophySoService.from_settings(services, {**self.settings, **settings})
