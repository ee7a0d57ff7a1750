"""The settings, read once from the environment and `.env`, and checked."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.rate_limiting.settings import parse_concurrency, parse_rate
from providers.kit.shared.file.file_url import FILE_URL, parse_file_url
from providers.kit.text import unwrap_pasted
from providers.registry import Source
from server.api_keys import ApiKey, parse_api_keys
from server.limits.operation_limits import OperationLimits
from server.pages.profile import Profile, parse_profiles
from server.setting_files import read_env_file, read_secret_file
from server.setting_names import find_unknown
from server.setting_values import (
    is_loopback,
    parse_cache_secret,
    parse_cache_url,
    parse_interval,
    parse_limit,
    parse_log_format,
    parse_log_level,
    parse_megabytes,
    parse_networks,
    parse_optional_seconds,
    parse_origins,
    parse_own_credentials,
    parse_percent,
    parse_public_url,
    parse_seconds,
    parse_switch,
    parse_upstream_url,
)
from server.state_path import find_state_directory
from server.telemetry_settings import read_telemetry
from server.webhooks.webhook import Webhook, check_hosts, parse_hosts, parse_webhooks

T = TypeVar("T")

# The server's own secrets; each source has more. `NAME_FILE` may name a file with a secret.
SERVER_SECRETS = frozenset(
    {
        "TROPHYCASE_API_KEYS",
        "TROPHYCASE_CACHE_SECRET",
        "TROPHYCASE_CACHE_URL",
        "TROPHYCASE_WEBHOOKS",
    }
)
FILE_SUFFIX = "_FILE"
MEMORY_URL = "memory://"
DEFAULT_CACHE_URL, CACHE_FILE_NAME = "sqlite://", "cache.db"  # in the state directory
# The settings of a source that are read in the sandbox as well, by the end of their names.
SANDBOX_SUFFIXES = ("_RATE", "_CONCURRENCY", "_WEBHOOK_SECRET")
# Checks of the settings of every source, by the end of their names.
SOURCE_SETTING_PARSERS: Mapping[str, Callable[[str], object]] = {
    "_URL": parse_upstream_url,
    "_RATE": parse_rate,
    "_CONCURRENCY": parse_concurrency,
}


class SettingError(Exception):
    """An invalid setting: its name and what is wrong, never its value."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")


@dataclass(frozen=True)
class Settings:
    """All settings; the representation leaves out the secrets."""

    sources: Mapping[Source, Mapping[str, str]] = field(repr=False)
    api_keys: tuple[ApiKey, ...] = field(repr=False)
    cache_url: str = field(repr=False)
    cache_secret: str = field(repr=False)
    cache_megabytes: int
    state_dir: Path
    graphiql: bool
    introspection: bool
    deadline: float
    max_calls: int | None
    max_fields: int | None
    caller_rate: Rate
    own_credentials: str
    node: bool
    live: bool
    live_share: int
    live_interval: float
    public_url: str
    trusted_proxies: tuple[str, ...]
    cors_origins: tuple[str, ...]
    log_format: str
    log_level: int
    webhooks: tuple[Webhook, ...] = field(repr=False)
    webhook_hosts: frozenset[str] = field(repr=False)
    profiles: tuple[Profile, ...]
    documents: str | None
    documents_public: bool
    documents_only: bool
    trace_hosts: frozenset[str]
    telemetry: Mapping[str, str] = field(repr=False)  # the `OTEL_` names
    sandbox: bool
    sandbox_unlocks: float | None
    has_sandbox_addresses: bool = False  # in responses, instead of those of other sites
    is_open: bool = False  # a sandbox that other machines reach, under any name

    @property
    def is_shared(self) -> bool:
        """Whether there is a place where several processes share the cache and the rates."""
        return self.cache_url != MEMORY_URL

    @property
    def cache_file(self) -> Path | None:
        """The file in which the cache outlasts a restart; None without one."""
        if self.cache_url == DEFAULT_CACHE_URL:
            return self.state_dir.absolute() / CACHE_FILE_NAME
        return parse_file_url(self.cache_url) if self.cache_url.startswith(FILE_URL) else None

    @cached_property
    def limits(self) -> OperationLimits:
        """The limits on one operation: as set, and what the rates allow within the deadline."""
        caller_calls = _count_calls_within(self.caller_rate, self.deadline)
        call_limits = [limit for limit in (self.max_calls, caller_calls) if limit is not None]
        calls_by_source = {
            source.name: _count_calls_within(self.get_rate(source), self.deadline)
            for source in Source
        }
        limited = {name: calls for name, calls in calls_by_source.items() if calls is not None}
        return OperationLimits(self.max_fields, min(call_limits, default=None), limited)

    def get_missing(self, source: Source) -> list[str]:
        """Return the settings that a source's operator client requires and that are empty."""
        return [name for name in source.value.required_settings if not self.sources[source][name]]

    def get_rate(self, source: Source) -> Rate:
        """Return the rate of a source, of each credential for it."""
        values = self.sources[source]
        return parse_rate(next((values[name] for name in values if name.endswith("_RATE")), ""))


def read_environment() -> dict[str, str]:
    """Return the environment over the settings of `.env` in the working directory."""
    try:
        file_values = read_env_file(Path(".env"))
    except ValueError as error:
        raise SettingError(".env", str(error)) from None
    overruled = {_get_counterpart(name) for name in os.environ}
    kept = {name: value for name, value in file_values.items() if name not in overruled}
    return {**kept, **os.environ}


def read_settings(environ: Mapping[str, str], *, sandbox: bool) -> Settings:
    """Read and check the settings; raise `SettingError` for the first invalid one."""
    given = environ
    environ = _read_secret_files(environ, sandbox=sandbox)
    names = {"TROPHYCASE_STATE_DIR"}

    def read(name: str, default: str, parse: Callable[[str], T]) -> T:
        names.add(name)
        return _parse_setting(name, unwrap_pasted(environ.get(name, "")) or default, parse)

    state_dir = _resolve_state_dir(environ, sandbox=sandbox)
    settings = Settings(
        sources=_read_sources(environ, "" if sandbox else str(state_dir), sandbox=sandbox),
        api_keys=read("TROPHYCASE_API_KEYS", "", parse_api_keys),
        cache_url=read(
            "TROPHYCASE_CACHE_URL", MEMORY_URL if sandbox else DEFAULT_CACHE_URL, parse_cache_url
        ),
        cache_secret=read("TROPHYCASE_CACHE_SECRET", "", parse_cache_secret),
        cache_megabytes=read("TROPHYCASE_CACHE_SIZE", "512", parse_megabytes),
        state_dir=state_dir,
        graphiql=read("TROPHYCASE_GRAPHIQL", "on", parse_switch),
        introspection=read("TROPHYCASE_INTROSPECTION", "on", parse_switch),
        deadline=read("TROPHYCASE_DEADLINE", "10", parse_seconds),
        max_calls=read("TROPHYCASE_MAX_CALLS", "" if sandbox else "400", parse_limit),
        max_fields=read("TROPHYCASE_MAX_FIELDS", "" if sandbox else "60000", parse_limit),
        caller_rate=read("TROPHYCASE_CALLER_RATE", "", parse_rate),
        own_credentials=read("TROPHYCASE_OWN_CREDENTIALS", "on", parse_own_credentials),
        node=read("TROPHYCASE_NODE", "on", parse_switch),
        live=read("TROPHYCASE_LIVE", "on", parse_switch),
        live_share=read("TROPHYCASE_LIVE_SHARE", "50", parse_percent),
        live_interval=read("TROPHYCASE_LIVE_INTERVAL", "60", parse_interval),
        public_url=read("TROPHYCASE_PUBLIC_URL", "", parse_public_url),
        trusted_proxies=read("TROPHYCASE_TRUSTED_PROXIES", "", parse_networks),
        cors_origins=read("TROPHYCASE_CORS_ORIGINS", "", parse_origins),
        log_format=read("TROPHYCASE_LOG", "", parse_log_format),
        log_level=read("TROPHYCASE_LOG_LEVEL", "info", parse_log_level),
        webhooks=read("TROPHYCASE_WEBHOOKS", "", parse_webhooks),
        webhook_hosts=read("TROPHYCASE_WEBHOOK_HOSTS", "", parse_hosts),
        profiles=read("TROPHYCASE_PROFILES", "", parse_profiles),
        documents=read("TROPHYCASE_DOCUMENTS", "", str) or None,
        documents_public=read("TROPHYCASE_DOCUMENTS_PUBLIC", "off", parse_switch),
        documents_only=read("TROPHYCASE_DOCUMENTS_ONLY", "off", parse_switch),
        trace_hosts=read("TROPHYCASE_TRACE_HOSTS", "", parse_hosts),
        telemetry=read_telemetry(environ),
        sandbox=sandbox,
        sandbox_unlocks=read("TROPHYCASE_SANDBOX_UNLOCKS", "off", parse_optional_seconds),
    )
    _check_names(given, names)
    _check_webhooks(settings)
    _check_documents(settings)
    return settings


def _check_webhooks(settings: Settings) -> None:
    try:
        check_hosts(settings.webhooks, settings.webhook_hosts)
    except ValueError as error:
        raise SettingError("TROPHYCASE_WEBHOOKS", str(error)) from None
    if settings.webhooks and not settings.live:
        raise SettingError("TROPHYCASE_WEBHOOKS", "needs TROPHYCASE_LIVE=on")


def _check_documents(settings: Settings) -> None:
    for name, is_on in (
        ("TROPHYCASE_DOCUMENTS_PUBLIC", settings.documents_public),
        ("TROPHYCASE_DOCUMENTS_ONLY", settings.documents_only),
    ):
        if is_on and settings.documents is None:
            raise SettingError(name, "needs TROPHYCASE_DOCUMENTS")


def check_binding(settings: Settings, host: str, workers: int) -> None:
    """Raise `SettingError` for an address that needs API keys, or workers that share no rates."""
    if workers < 1:
        raise SettingError("--workers", "must be a whole number from 1")
    if not settings.api_keys and not settings.sandbox and not is_loopback(host):
        problem = "required to bind an address other than loopback"
        raise SettingError("TROPHYCASE_API_KEYS", problem)
    if workers > 1 and not settings.is_shared:
        problem = "must be sqlite:// or a redis:// URL for more than one worker"
        raise SettingError("TROPHYCASE_CACHE_URL", problem)


def _check_names(environ: Mapping[str, str], server_names: Collection[str]) -> None:
    """Raise `SettingError` for a name that is almost that of a setting."""
    secrets = SERVER_SECRETS.union(*(each.value.secrets for each in Source))
    files = {name + FILE_SUFFIX for name in secrets}
    known = files.union(server_names, *(each.value.settings for each in Source))
    unknown = find_unknown(environ, known)
    if unknown is not None:
        name, similar = unknown
        hint = f"; did you mean {similar}?" if similar else ""
        raise SettingError(name, f"there is no such setting{hint}")


def _get_counterpart(name: str) -> str:
    """Return the other name of a setting: with a value, or with the file that holds it."""
    return name.removesuffix(FILE_SUFFIX) if name.endswith(FILE_SUFFIX) else name + FILE_SUFFIX


def _read_secret_files(environ: Mapping[str, str], *, sandbox: bool) -> Mapping[str, str]:
    """Return the settings with each secret for which `NAME_FILE` names a file."""
    secrets = SERVER_SECRETS.union(*(() if sandbox else (each.value.secrets for each in Source)))
    paths = {name: environ.get(name + FILE_SUFFIX, "").strip() for name in secrets}
    values = {name: _read_secret(environ, name, path) for name, path in paths.items() if path}
    return {**environ, **values}


def _read_secret(environ: Mapping[str, str], name: str, path: str) -> str:
    if environ.get(name, "").strip():
        raise SettingError(name + FILE_SUFFIX, f"must not be set together with {name}")
    return _parse_setting(name + FILE_SUFFIX, path, lambda text: read_secret_file(Path(text)))


def _parse_setting(name: str, text: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(text)
    except ValueError as error:
        raise SettingError(name, str(error)) from None


def _read_sources(
    environ: Mapping[str, str], state_dir: str, *, sandbox: bool
) -> dict[Source, Mapping[str, str]]:
    return {
        source: {
            **_read_source(source, environ, sandbox=sandbox),
            "TROPHYCASE_STATE_DIR": state_dir,
        }
        for source in Source
    }


def _read_source(source: Source, environ: Mapping[str, str], *, sandbox: bool) -> Mapping[str, str]:
    """Return a source's own settings; in the sandbox its credentials and URLs are not read."""
    values: dict[str, str] = {}
    for name, default in source.value.settings.items():
        value = unwrap_pasted(environ.get(name, ""))
        if sandbox and not name.endswith(SANDBOX_SUFFIXES):
            value = ""
        # The sandbox has no rate unless one is set.
        values[name] = value or ("" if sandbox and name.endswith("_RATE") else default)
        _check_source_setting(name, values[name])
    return {**values, **_load_sandbox_settings(source)} if sandbox else values


def _check_source_setting(name: str, value: str) -> None:
    for suffix, parse in SOURCE_SETTING_PARSERS.items():
        if name.endswith(suffix):
            _parse_setting(name, value, parse)


def _load_sandbox_settings(source: Source) -> Mapping[str, str]:
    from providers.kit.sandbox import load_sandbox_module  # noqa: PLC0415 - in a sandbox alone

    return load_sandbox_module(source.value).SANDBOX_SETTINGS


def _count_calls_within(rate: Rate, seconds: float) -> int | None:
    """Return how many calls a rate allows within a time; None without a limit."""
    return None if rate.calls is None else rate.calls * (1 + int(seconds // rate.seconds))


def _resolve_state_dir(environ: Mapping[str, str], *, sandbox: bool) -> Path:
    configured = unwrap_pasted(environ.get("TROPHYCASE_STATE_DIR", ""))
    try:
        return Path(configured).expanduser() if configured else find_state_directory(environ)
    except RuntimeError:
        if sandbox:  # stores nothing
            return Path(os.devnull)
        problem = "required for a user without a home directory"
        raise SettingError("TROPHYCASE_STATE_DIR", problem) from None
