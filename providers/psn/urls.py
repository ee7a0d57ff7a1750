"""Base URLs of PSN's five hosts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

SOURCE = "PSN"


@dataclass(frozen=True)
class BaseUrls:
    """Base URLs without a trailing slash; each may have a path of its own."""

    auth: str
    mobile: str
    web: str
    legacy: str
    dms: str

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> "BaseUrls":
        """Read `PSN_AUTH_URL`, `PSN_MOBILE_URL`, `PSN_WEB_URL`, `PSN_LEGACY_URL`, `PSN_DMS_URL`."""
        names = ("AUTH", "MOBILE", "WEB", "LEGACY", "DMS")
        return cls(*(settings[f"PSN_{name}_URL"].rstrip("/") for name in names))

    @cached_property
    def trophies(self) -> str:
        """Return the base URL of the trophy service."""
        return f"{self.mobile}/api/trophy/v1"

    @property
    def profiles(self) -> str:
        """Return the base URL of profiles and friends."""
        return f"{self.mobile}/api/userProfile/v1/internal/users"

    @property
    def presences(self) -> str:
        """Return the base URL of presences."""
        return f"{self.mobile}/api/userProfile/v2/internal/users"

    @property
    def messages(self) -> str:
        """Return the base URL of the messaging service."""
        return f"{self.mobile}/api/gamingLoungeGroups/v1"
