"""Where the network's five hosts are."""

from collections.abc import Mapping
from dataclasses import dataclass

SOURCE = "PSN"


@dataclass(frozen=True)
class BaseUrls:
    """Base addresses without a closing slash; each may have a path of its own."""

    auth: str
    mobile: str
    web: str
    legacy: str
    dms: str

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> "BaseUrls":
        """Read them from the source's settings."""
        names = ("AUTH", "MOBILE", "WEB", "LEGACY", "DMS")
        return cls(*(settings[f"PSN_{name}_URL"].rstrip("/") for name in names))

    @property
    def trophies(self) -> str:
        """The trophy service."""
        return f"{self.mobile}/api/trophy/v1"

    @property
    def profiles(self) -> str:
        """The profile service."""
        return f"{self.mobile}/api/userProfile/v1/internal/users"
