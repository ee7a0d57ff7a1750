"""The settings, read once from the environment and `.env`, refused where they cannot be right."""

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.text import unwrap_pasted
from providers.registry import Source
from server.limits.operation_limits import OperationLimits
from server.setting_files import read_env_file, read_secret_file

T = TypeVar("T")

SCOPES = frozenset({"read", "write"})
# Keys may stand on lines of their own, as in a block of YAML or a mounted secret.
BETWEEN_KEYS = re.compile(r"[\s,;]+")
AROUND_JOINTS = re.compile(r"\s*([:+])\s*")
VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")
# Besides each source's own: a file can hold them, named by the setting with this suffix.
SERVER_SECRETS = frozenset({"TROPHYCASE_API_KEYS", "TROPHYCASE_CACHE_URL"})
FILE_SUFFIX = "_FILE"


class SettingError(Exception):
    """A setting that cannot be right: its name and what is wrong, never its value."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")


@dataclass(frozen=True)
class ApiKey:
    """One caller's key and what it allows."""

    name: str
    key: str = field(repr=False)
    scopes: frozenset[str]


@dataclass(frozen=True)
class Settings:
    """Everything the environment may say, with secrets kept out of its representation."""

    sources: Mapping[Source, Mapping[str, str]] = field(repr=False)
    api_keys: tuple[ApiKey, ...] = field(repr=False)
    cache_url: str = field(repr=False)
    state_dir: Path
    graphiql: bool
    introspection: bool
    deadline: float
    max_calls: int | None
    max_fields: int | None
    caller_rate: Rate
    node: bool
    public_url: str
    trusted_proxies: tuple[str, ...]
    cors_origins: tuple[str, ...]
    sandbox: bool

    @property
    def is_shared(self) -> bool:
        """Whether several processes share what they know."""
        return not self.cache_url.startswith("memory://")

    @property
    def limits(self) -> OperationLimits:
        """What one operation may take: never more than the rates let through in its time."""
        caller = _count_calls_within(self.caller_rate, self.deadline)
        call_limits = [limit for limit in (self.max_calls, caller) if limit is not None]
        rates = {source.name: self._get_rate(source) for source in Source}
        calls_by_source = {
            name: _count_calls_within(rate, self.deadline) for name, rate in rates.items()
        }
        by_source = {name: calls for name, calls in calls_by_source.items() if calls is not None}
        return OperationLimits(self.max_fields, min(call_limits, default=None), by_source)

    def get_missing(self, source: Source) -> list[str]:
        """Return the settings that a source's operator client requires and that are empty."""
        return [name for name in source.value.required_settings if not self.sources[source][name]]

    def _get_rate(self, source: Source) -> Rate:
        values = self.sources[source]
        return _parse_rate(next((values[name] for name in values if name.endswith("_RATE")), ""))


def read_environment() -> dict[str, str]:
    """Return the environment over the settings of `.env` in the working directory."""
    try:
        file_values = read_env_file(Path(".env"))
    except ValueError as error:
        raise SettingError(".env", str(error)) from None
    overruled = {_get_counterpart(name) for name in os.environ}
    kept = {name: value for name, value in file_values.items() if name not in overruled}
    return {**kept, **os.environ}


def _get_counterpart(name: str) -> str:
    """Return the other name of a setting: with a value, or with the file that holds it."""
    return name.removesuffix(FILE_SUFFIX) if name.endswith(FILE_SUFFIX) else name + FILE_SUFFIX


def read_settings(environ: Mapping[str, str], *, sandbox: bool) -> Settings:
    """Check and gather the settings; `SettingError` names the first that cannot be right."""
    environ = _read_secret_files(environ, sandbox=sandbox)
    deadline = _parse_setting(environ, "TROPHYCASE_DEADLINE", "10", _parse_seconds)
    state_dir = _resolve_state_dir(environ, sandbox=sandbox)
    return Settings(
        sources={
            source: _read_source(
                source, environ, "" if sandbox else str(state_dir), sandbox=sandbox
            )
            for source in Source
        },
        api_keys=_parse_setting(environ, "TROPHYCASE_API_KEYS", "", _parse_api_keys),
        cache_url=_parse_setting(environ, "TROPHYCASE_CACHE_URL", "memory://", _parse_cache_url),
        state_dir=state_dir,
        graphiql=_parse_setting(environ, "TROPHYCASE_GRAPHIQL", "on", _parse_switch),
        introspection=_parse_setting(environ, "TROPHYCASE_INTROSPECTION", "on", _parse_switch),
        deadline=deadline,
        max_calls=_parse_setting(
            environ, "TROPHYCASE_MAX_CALLS", "" if sandbox else "400", _parse_limit
        ),
        max_fields=_parse_setting(
            environ, "TROPHYCASE_MAX_FIELDS", "" if sandbox else "100000", _parse_limit
        ),
        caller_rate=_parse_setting(environ, "TROPHYCASE_CALLER_RATE", "", _parse_rate),
        node=_parse_setting(environ, "TROPHYCASE_NODE", "on", _parse_switch),
        public_url=_parse_setting(environ, "TROPHYCASE_PUBLIC_URL", "", _parse_public_url),
        trusted_proxies=_parse_setting(environ, "TROPHYCASE_TRUSTED_PROXIES", "", _parse_networks),
        cors_origins=_parse_setting(environ, "TROPHYCASE_CORS_ORIGINS", "", _parse_origins),
        sandbox=sandbox,
    )


def check_binding(settings: Settings, host: str, workers: int) -> None:
    """Refuse what would leave the server open, or several processes without a common pace."""
    if workers < 1:
        raise SettingError("--workers", "has to be a whole number from 1")
    if not settings.api_keys and not is_loopback(host):
        problem = "needed to bind another address than loopback"
        raise SettingError("TROPHYCASE_API_KEYS", problem)
    if workers > 1 and not settings.is_shared:
        problem = "has to be redis:// for more than one worker"
        raise SettingError("TROPHYCASE_CACHE_URL", problem)


def _read_secret_files(environ: Mapping[str, str], *, sandbox: bool) -> Mapping[str, str]:
    """Return the settings with each secret for which `NAME_FILE` names a file."""
    secrets = SERVER_SECRETS.union(*(() if sandbox else (each.value.secrets for each in Source)))
    named = {name: environ.get(name + FILE_SUFFIX, "").strip() for name in secrets}
    read = {name: _read_secret(environ, name, path) for name, path in named.items() if path}
    return {**environ, **read}


def _read_secret(environ: Mapping[str, str], name: str, path: str) -> str:
    if environ.get(name, "").strip():
        raise SettingError(name + FILE_SUFFIX, f"{name} is set as well")
    try:
        return read_secret_file(Path(path))
    except ValueError as error:
        raise SettingError(name + FILE_SUFFIX, str(error)) from None


def _parse_setting(
    environ: Mapping[str, str], name: str, default: str, parse: Callable[[str], T]
) -> T:
    try:
        return parse(unwrap_pasted(environ.get(name, "")) or default)
    except SettingError:
        raise
    except ValueError as error:
        raise SettingError(name, str(error)) from None


def _read_source(
    source: Source, environ: Mapping[str, str], state_dir: str, *, sandbox: bool
) -> dict[str, str]:
    """A source's own settings; in the sandbox its credentials and hosts are the sandbox's."""
    provider = source.value
    values: dict[str, str] = {}
    for name, default in provider.settings.items():
        values[name] = unwrap_pasted(environ.get(name, "")) or default
        if sandbox and not name.endswith(("_RATE", "_CONCURRENCY")):
            values[name] = default
        if sandbox and name.endswith("_RATE"):
            values[name] = unwrap_pasted(environ.get(name, ""))
        _check_setting(name, values[name])
    values.update(_load_sandbox_settings(source) if sandbox else {})
    return {**values, "TROPHYCASE_STATE_DIR": state_dir}


def _load_sandbox_settings(source: Source) -> Mapping[str, str]:
    from providers.kit.sandbox import load_sandbox_module  # noqa: PLC0415 - in a sandbox alone

    return load_sandbox_module(source.value).SANDBOX_SETTINGS


def _check_setting(name: str, value: str) -> None:
    try:
        if name.endswith("_URL"):
            _parse_upstream_url(value)
        elif name.endswith("_RATE"):
            _parse_rate(value)
        elif name.endswith("_CONCURRENCY"):
            _parse_limit(value)
    except ValueError as error:
        raise SettingError(name, str(error)) from None


def _parse_upstream_url(value: str) -> str:
    parts = _split_url(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError("has to be an https:// address")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("plain http:// is for loopback only")
    return value


def _split_url(value: str) -> SplitResult:
    """An address taken apart; what is wrong with it is not told in Python's words: they show it."""
    try:
        parts = urlsplit(value)
        _ = parts.port  # looked at only here: a bad one raises
    except ValueError:
        raise ValueError("has no valid host and port") from None
    if not value.isprintable() or " " in value:  # urlsplit drops some of them, httpx refuses them
        raise ValueError("has spaces or control characters in it")
    return parts


def is_loopback(host: str) -> bool:
    """Whether it is this machine, by a name or an address that nobody else can have."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parse_switch(value: str) -> bool:
    if value not in ("on", "off"):
        raise ValueError("has to be on or off")
    return value == "on"


def _parse_seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 600:  # noqa: PLR2004 - ten minutes is no deadline any more
        raise ValueError("has to be seconds, up to 600")
    return seconds


def _parse_limit(value: str) -> int | None:
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise ValueError("has to be a whole number from 1")
    return int(value)


def _parse_rate(value: str) -> Rate:
    try:
        return Rate.parse(value)
    except ValueError:
        raise ValueError("has to be calls per seconds, such as 300/900") from None


def _count_calls_within(rate: Rate, seconds: float) -> int | None:
    """How many calls a rate lets through in so many seconds, from a whole budget on."""
    return None if rate.calls is None else rate.calls * (1 + int(seconds // rate.seconds))


def _parse_api_keys(value: str) -> tuple[ApiKey, ...]:
    text = AROUND_JOINTS.sub(r"\1", value)
    entries = (entry.strip("\"'") for entry in BETWEEN_KEYS.split(text))
    keys = tuple(_parse_api_key(entry) for entry in entries if entry)
    if value and not keys:
        raise ValueError("there is no key in it")
    if len({key.name for key in keys}) != len(keys) or len({key.key for key in keys}) != len(keys):
        raise ValueError("every key needs a name and a value of its own")
    return keys


def _parse_api_key(entry: str) -> ApiKey:
    name, _, rest = entry.partition(":")
    key, _, scopes = rest.rpartition(":")
    granted = frozenset(scopes.split("+"))
    if not name or not key or not granted <= SCOPES:
        raise ValueError("has to be name:key:scope, with read, write or read+write")
    if VISIBLE_ASCII.fullmatch(key) is None:
        raise ValueError("a key must consist of visible ASCII characters, to fit in a header")
    return ApiKey(name, key, granted)


def _parse_cache_url(value: str) -> str:
    if value != "memory://" and _split_url(value).scheme not in ("redis", "rediss"):
        raise ValueError("has to be memory:// or redis://")
    return value


def _parse_public_url(value: str) -> str:
    parts = _split_url(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValueError("has to be an http:// or https:// address")
    return value.rstrip("/")


def _parse_networks(value: str) -> tuple[str, ...]:
    entries = tuple(entry.strip() for entry in value.split(",") if entry.strip())
    for entry in entries:
        try:
            ipaddress.ip_network(entry, strict=False)
        except ValueError:
            raise ValueError("has to be addresses or networks, comma-separated") from None
    return entries


def _parse_origins(value: str) -> tuple[str, ...]:
    entries = tuple(entry.strip().rstrip("/") for entry in value.split(",") if entry.strip())
    for entry in entries:
        parts = _split_url(entry)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            raise ValueError("has to be origins such as https://example.org, comma-separated")
    return entries


def _resolve_state_dir(environ: Mapping[str, str], *, sandbox: bool) -> Path:
    configured = unwrap_pasted(environ.get("TROPHYCASE_STATE_DIR", ""))
    base = environ.get("XDG_STATE_HOME", "").strip() or "~/.local/state"
    try:
        return Path(configured or f"{base}/trophycase").expanduser()
    except RuntimeError:
        if sandbox:  # which keeps nothing
            return Path(os.devnull)
        raise SettingError("TROPHYCASE_STATE_DIR", "needed by a user without a home") from None
