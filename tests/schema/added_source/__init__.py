"""A source as small as one can be: an invented quiz site with players and their badges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from msgspec import Struct
from msgspec import field as member

from providers.errors import BadInput, NotFound, ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.rate_limiting.rate_limiter import Budget, Rate
from providers.kit.upstream.upstream_client import SharedServices, UpstreamClient
from providers.records import Achievement, Profile

SOURCE = "QUIZ"
SETTINGS = {"QUIZ_KEY": "", "QUIZ_PLAYER": "", "QUIZ_URL": "https://api.quiz.example"}
NOT_FOUND = 404


class Badge(Struct, rename="camel"):
    """A badge in a response of the upstream."""

    id: str
    name: str
    won_at: datetime | None = None


class Player(Struct):
    """A player in a response of the upstream."""

    id: str
    name: str
    badges: list[Badge] = member(default_factory=list[Badge])


PLAYER: CachePolicy[Player] = CachePolicy("QUIZ.player", Player, max_age=60)


@dataclass(frozen=True)
class QuizClient:
    """Profiles and achievements of players."""

    services: SharedServices = field(repr=False)
    upstream: UpstreamClient = field(repr=False)
    url: str
    own_handle: str
    own_account: str = ""
    source: str = SOURCE
    scope: str = "operator"
    is_accepted: bool = True

    def check_handle(self, handle: str) -> None:
        """Raise `BadInput` for a handle that no player can have."""
        if not handle.isalnum():
            raise BadInput("handle: must be alphanumeric.", argument="handle", source=SOURCE)

    def get_budget(self) -> Budget | None:
        return self.upstream.get_budget()

    async def refresh_budget(self) -> None:
        await self.upstream.refresh_budget()

    async def verify(self) -> str:
        await self._load_player(self.own_handle)
        return self.own_handle

    async def get_profiles(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[Profile] | ProviderError]:
        return await gather_outcomes([self._get_profile(handle) for handle in handles])

    async def get_achievements(
        self, handles: Sequence[str], *, progress: bool = True
    ) -> Sequence[Cached[tuple[Achievement, ...]] | ProviderError]:
        assert isinstance(progress, bool)
        return await gather_outcomes([self._get_achievements(handle) for handle in handles])

    async def _get_profile(self, handle: str) -> Cached[Profile]:
        player = await self._get_player(handle)
        profile = Profile(
            native_id=player.value.id, handle=player.value.name, display_name=player.value.name
        )
        return Cached(profile, player.fetched_at, player.stale)

    async def _get_achievements(self, handle: str) -> Cached[tuple[Achievement, ...]]:
        player = await self._get_player(handle)
        achievements = tuple(
            Achievement(
                native_id=badge.id,
                name=badge.name,
                earned=badge.won_at is not None,
                earned_at=badge.won_at,
            )
            for badge in player.value.badges
        )
        return Cached(achievements, player.fetched_at, player.stale)

    async def _get_player(self, handle: str) -> Cached[Player]:
        return await self.services.cache.get_or_load(
            PLAYER, self.scope, (handle,), lambda: self._load_player(handle)
        )

    async def _load_player(self, handle: str) -> Player:
        response = await self.upstream.read(f"{self.url}/players/{handle}")
        if response.status == NOT_FOUND:
            raise NotFound("No player has this name.", source=SOURCE)
        return response.decode(Player)


@dataclass(frozen=True)
class QuizService:
    """Creates the operator's client; callers have no credentials of their own."""

    services: SharedServices
    settings: Mapping[str, str]

    def get_operator_client(self) -> QuizClient | None:
        if not self.settings["QUIZ_KEY"]:
            return None
        upstream = UpstreamClient(self.services, SOURCE, "operator", Rate(100, 60), 4)
        return QuizClient(
            self.services, upstream, self.settings["QUIZ_URL"], self.settings["QUIZ_PLAYER"]
        )

    def create_caller_client(self, headers: Mapping[str, str]) -> None:
        assert headers is not None


@dataclass(frozen=True)
class Quiz:
    """The source as a value."""

    label: str = "Quiz Night"
    credential_help: str = "The key is on the back of the score card."
    handle_format: str = "a player's name or id"
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS)
    required_settings: tuple[str, ...] = ("QUIZ_KEY", "QUIZ_PLAYER")
    secrets: frozenset[str] = frozenset({"QUIZ_KEY"})
    credential_headers: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()

    def create_service(self, services: SharedServices, settings: Mapping[str, str]) -> QuizService:
        return QuizService(services, {**self.settings, **settings})
