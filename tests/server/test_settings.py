"""Invalid settings are rejected by their name, without showing their value."""

from pathlib import Path

import pytest

from providers.kit.rate_limiting.rate_limiter import Rate
from providers.registry import Source
from server.api_keys import ApiKey
from server.app import create_app
from server.limits.operation_limits import OperationLimits
from server.settings import SettingError, check_binding, read_settings

SECRET = "do-not-print-me"
INVALID_SETTINGS = [
    ("PSN_MOBILE_URL", "http://m.np.playstation.com"),
    ("PSN_AUTH_URL", f"http://{SECRET}.example"),
    ("PSN_WEB_URL", "m.np.playstation.com"),
    ("PSN_LEGACY_URL", "ftp://host.example"),
    ("PSN_DMS_URL", "https://"),
    ("RETROACHIEVEMENTS_URL", "http://0.0.0.0"),
    ("RETROACHIEVEMENTS_MEDIA_URL", "http://localhost.example.org"),
    ("TROPHY_SO_URL", "https://api.trophy.so/v1?key=x"),
    ("TROPHY_SO_URL", "file:///etc/passwd"),
    ("TROPHY_SO_URL", f"https://host:{SECRET}"),
    ("PSN_AUTH_URL", "https://host:99999"),
    ("PSN_WEB_URL", "https://[::1"),
    ("PSN_DMS_URL", f"https://{SECRET}\u2100.example"),
    ("RETROACHIEVEMENTS_URL", "https://ho\tst"),
    ("RETROACHIEVEMENTS_URL", "https://a host"),
    ("PSN_RATE", "300"),
    ("PSN_RATE", "300 calls"),
    ("PSN_RATE", "0/900"),
    ("RETROACHIEVEMENTS_RATE", "60/0"),
    ("TROPHY_SO_RATE", "forty/1"),
    ("TROPHY_SO_RATE", "1/inf"),
    ("PSN_CONCURRENCY", "0"),
    ("RETROACHIEVEMENTS_CONCURRENCY", "-1"),
    ("TROPHY_SO_CONCURRENCY", "²"),
    ("TROPHYCASE_API_KEYS", SECRET),
    ("TROPHYCASE_API_KEYS", f"name:{SECRET}"),
    ("TROPHYCASE_API_KEYS", f"name:{SECRET}:admin"),
    ("TROPHYCASE_API_KEYS", f":{SECRET}:read"),
    ("TROPHYCASE_API_KEYS", "name::read"),
    ("TROPHYCASE_API_KEYS", f"a:{SECRET}:read,a:other:write"),
    ("TROPHYCASE_API_KEYS", f"a:{SECRET}:read,b:{SECRET}:write"),
    ("TROPHYCASE_API_KEYS", ",,"),
    ("TROPHYCASE_API_KEYS", "\n ; \r\n"),
    ("TROPHYCASE_API_KEYS", f"a:{SECRET}\u00e9:read"),
    ("TROPHYCASE_API_KEYS", f"a:{SECRET}\u200b:read"),
    ("TROPHYCASE_API_KEYS", f"a:{SECRET}\x07:read"),
    ("TROPHYCASE_API_KEYS", f"a:{SECRET} with blanks:read"),
    ("TROPHYCASE_API_KEYS", f"a:{SECRET};with-a-semicolon:read"),
    ("TROPHYCASE_API_KEYS", f"a:{SECRET}:read,write"),
    ("TROPHYCASE_CACHE_URL", "memcached://host"),
    ("TROPHYCASE_CACHE_URL", "sqlite://cache.db"),
    ("TROPHYCASE_CACHE_URL", "sqlite:///var/lib/"),
    ("TROPHYCASE_CACHE_SIZE", "31"),
    ("TROPHYCASE_CACHE_SIZE", "1G"),
    ("TROPHYCASE_GRAPHIQL", "yes"),
    ("TROPHYCASE_INTROSPECTION", "1"),
    ("TROPHYCASE_NODE", "true"),
    ("TROPHYCASE_DEADLINE", "0"),
    ("TROPHYCASE_DEADLINE", "-5"),
    ("TROPHYCASE_DEADLINE", "601"),
    ("TROPHYCASE_DEADLINE", "nan"),
    ("TROPHYCASE_DEADLINE", "soon"),
    ("TROPHYCASE_MAX_CALLS", "0"),
    ("TROPHYCASE_MAX_FIELDS", "many"),
    ("TROPHYCASE_CALLER_RATE", "-120/900"),
    ("TROPHYCASE_PUBLIC_URL", "graph.example.org"),
    ("TROPHYCASE_PUBLIC_URL", "https://"),
    ("TROPHYCASE_PUBLIC_URL", f"https://host:{SECRET}"),
    ("TROPHYCASE_TRUSTED_PROXIES", "proxy.example.org"),
    ("TROPHYCASE_CORS_ORIGINS", "*"),
    ("TROPHYCASE_CORS_ORIGINS", "https://example.org/path"),
]


@pytest.mark.parametrize(("name", "value"), INVALID_SETTINGS)
def test_an_invalid_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError) as refused:
        read_settings({name: value}, sandbox=False)

    message = str(refused.value)
    assert message.startswith(f"{name}: ")
    assert SECRET not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RETROACHIEVEMENTS_USERNAME", "no such name!"),
        ("RETROACHIEVEMENTS_API_KEY", f"{SECRET} with spaces"),
        ("TROPHY_SO_API_KEY", f"{SECRET}\twith\ttabs"),
        ("TROPHY_SO_USER_ID", ".."),
        ("PSN_PERSISTED_QUERIES", "/nonexistent/queries.json"),
        ("PSN_NPSSO", SECRET),
        ("PSN_NPSSO", f'{{"npsso":"{SECRET}"}}'),
    ],
)
def test_a_source_rejects_its_own_settings_when_the_server_starts(
    name: str, value: str, tmp_path: Path
) -> None:
    given = {
        "RETROACHIEVEMENTS_USERNAME": "Somebody",
        "RETROACHIEVEMENTS_API_KEY": "key",
        "PSN_CLIENT_ID": "client",
        "TROPHYCASE_STATE_DIR": str(tmp_path),
        name: value,
    }

    with pytest.raises(SettingError) as refused:
        create_app(read_settings(given, sandbox=False))

    assert name in str(refused.value)
    assert SECRET not in str(refused.value)


FIRST_KEY, SECOND_KEY = "k" * 16, "a+b/c=d:e!~" + "j" * 16


@pytest.mark.parametrize(
    "text",
    [
        f"first:{FIRST_KEY}:read,second:{SECOND_KEY}:read+write",
        f"first:{FIRST_KEY}:read\nsecond:{SECOND_KEY}:read+write\n",
        f"\ufefffirst:{FIRST_KEY}:read\r\nsecond:{SECOND_KEY}:read+write\r\n",
        f"first:{FIRST_KEY}:read second:{SECOND_KEY}:read+write",
        f" first:{FIRST_KEY}:read ;\tsecond:{SECOND_KEY}:read+write; ",
        f"first:{FIRST_KEY}:read, second:{SECOND_KEY}:read+write,",
        f"first: {FIRST_KEY}: read\nsecond: {SECOND_KEY}: read + write",
        f'"first:{FIRST_KEY}:read"\n"second:{SECOND_KEY}:read+write"',
        f'"first:{FIRST_KEY}:read,second:{SECOND_KEY}:read+write"',
    ],
    ids=range(9),
)
def test_keys_may_be_separated_in_any_usual_way(text: str) -> None:
    settings = read_settings({"TROPHYCASE_API_KEYS": text}, sandbox=False)

    assert settings.api_keys == (
        ApiKey("first", FIRST_KEY, frozenset({"read"})),
        ApiKey("second", SECOND_KEY, frozenset({"read", "write"})),
    )


@pytest.mark.parametrize(
    "text", [SECRET, f" {SECRET}\r\n", f'"{SECRET}"', f"'{SECRET}'", f"\ufeff{SECRET}"]
)
def test_what_surrounds_a_pasted_value_is_no_part_of_it(text: str) -> None:
    names = ("PSN_CLIENT_SECRET", "RETROACHIEVEMENTS_API_KEY", "TROPHY_SO_API_KEY")
    given = {**dict.fromkeys(names, text), "TROPHYCASE_GRAPHIQL": " 'off' "}

    settings = read_settings(given, sandbox=False)

    values = {name: each for source in settings.sources.values() for name, each in source.items()}
    assert {values[name] for name in names} == {SECRET}
    assert not settings.graphiql


@pytest.mark.parametrize(
    "url",
    ["https://host.example", "http://127.0.0.1:9", "http://localhost:9/x", "http://[::1]:9"],
)
def test_an_upstream_is_https_or_on_loopback(url: str) -> None:
    settings = read_settings({"PSN_MOBILE_URL": url}, sandbox=False)

    assert settings.sources[Source.PSN]["PSN_MOBILE_URL"] == url


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1"])
def test_loopback_can_be_bound_without_keys(host: str) -> None:
    check_binding(read_settings({}, sandbox=False), host, 1)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "graph.example.org", ""])  # noqa: S104
def test_another_address_is_not_bound_without_keys(host: str) -> None:
    with pytest.raises(SettingError, match=r"^TROPHYCASE_API_KEYS: "):
        check_binding(read_settings({}, sandbox=False), host, 1)

    check_binding(read_settings({}, sandbox=True), host, 1)


@pytest.mark.parametrize(
    ("name", "similar"),
    [
        ("TROPHYCASE_CORS_ORIGIN", "TROPHYCASE_CORS_ORIGINS"),
        ("TROPHYCASE_API_KEY_FILE", "TROPHYCASE_API_KEYS_FILE"),
        ("TROPHY_SO_API_KY", "TROPHY_SO_API_KEY"),
        ("PSN_NPSO", "PSN_NPSSO"),
        ("STEAM_APIKEY", "STEAM_API_KEY"),
    ],
)
@pytest.mark.parametrize("sandbox", [True, False])
def test_a_mistyped_setting_is_refused_with_the_most_similar_one(
    name: str, similar: str, *, sandbox: bool
) -> None:
    with pytest.raises(SettingError) as raised:
        read_settings({name: "a secret"}, sandbox=sandbox)

    assert str(raised.value) == f"{name}: there is no such setting; did you mean {similar}?"


def test_a_name_with_our_prefix_that_is_like_no_other_is_refused() -> None:
    with pytest.raises(SettingError, match=r"^TROPHYCASE_QQ: there is no such setting$"):
        read_settings({"TROPHYCASE_QQ": ""}, sandbox=False)


@pytest.mark.parametrize(
    "name",
    [
        "STEAM_RUNTIME",
        "STEAM_COMPAT_DATA_PATH",
        "XBOX_DIRECTORY",
        "PSN_STORE",
        "TROPHYCASE_SERVICE_HOST",
        "TROPHYCASE_SERVICE_PORT_HTTP",
        "TROPHYCASE_PORT",
        "TROPHYCASE_PORT_8000_TCP_ADDR",
        "_TROPHYCASE_SANDBOX",
    ],
)
def test_names_of_other_programs_are_left_alone(name: str) -> None:
    assert read_settings({name: "value"}, sandbox=False) == read_settings({}, sandbox=False)


def test_another_address_is_bound_with_keys() -> None:
    keys = {"TROPHYCASE_API_KEYS": "name:key-of-one-caller:read"}
    check_binding(read_settings(keys, sandbox=False), "192.0.2.1", 1)


@pytest.mark.parametrize("workers", [0, -1])
def test_there_is_at_least_one_worker(workers: int) -> None:
    with pytest.raises(SettingError, match=r"^--workers: "):
        check_binding(read_settings({}, sandbox=True), "127.0.0.1", workers)


def test_several_workers_need_a_shared_cache() -> None:
    with pytest.raises(SettingError, match=r"^TROPHYCASE_CACHE_URL: "):
        check_binding(read_settings({}, sandbox=True), "127.0.0.1", 2)
    for url in ("sqlite://", "sqlite:///var/lib/cache.db", "redis://localhost"):
        shared = read_settings({"TROPHYCASE_CACHE_URL": url}, sandbox=False)
        check_binding(shared, "127.0.0.1", 2)


def test_the_sandbox_has_no_limits_unless_they_are_set() -> None:
    bare = read_settings({}, sandbox=True)
    limited = read_settings(
        {"PSN_RATE": "5/1", "TROPHYCASE_MAX_CALLS": "7", "TROPHYCASE_MAX_FIELDS": "9"}, sandbox=True
    )

    assert (bare.max_calls, bare.max_fields) == (None, None)
    assert bare.sources[Source.PSN]["PSN_RATE"] == ""
    assert (limited.max_calls, limited.max_fields) == (7, 9)
    assert Rate.parse(limited.sources[Source.PSN]["PSN_RATE"]) == Rate(5, 1)


@pytest.mark.parametrize(
    ("given", "limits"),
    [
        ({}, OperationLimits()),
        ({"PSN_RATE": "5/1"}, OperationLimits(max_calls_by_source={"PSN": 5 * 11})),
        ({"PSN_RATE": "5/20"}, OperationLimits(max_calls_by_source={"PSN": 5})),
        ({"TROPHYCASE_MAX_CALLS": "7"}, OperationLimits(max_calls=7)),
        (
            {"TROPHYCASE_CALLER_RATE": "9/60", "TROPHYCASE_DEADLINE": "60"},
            OperationLimits(max_calls=18),
        ),
        (
            {"TROPHYCASE_CALLER_RATE": "9/60", "TROPHYCASE_MAX_CALLS": "7"},
            OperationLimits(max_calls=7),
        ),
        (
            {"TROPHYCASE_CALLER_RATE": "6/60", "TROPHYCASE_MAX_CALLS": "7"},
            OperationLimits(max_calls=6),
        ),
    ],
)
def test_the_limits_follow_from_the_rates_and_the_deadline(
    given: dict[str, str], limits: OperationLimits
) -> None:
    assert read_settings(given, sandbox=True).limits == limits


def test_the_sandbox_never_uses_real_credentials_or_hosts() -> None:
    given = {
        "PSN_NPSSO": SECRET,
        "PSN_MOBILE_URL": "https://other.example",
        "RETROACHIEVEMENTS_API_KEY": SECRET,
        "TROPHY_SO_API_KEY": SECRET,
    }

    settings = read_settings(given, sandbox=True)

    assert SECRET not in str([dict(values) for values in settings.sources.values()])
    assert settings.sources[Source.PSN]["PSN_MOBILE_URL"] == "https://m.np.playstation.com"


def test_the_defaults_are_the_documented_ones() -> None:
    settings = read_settings({}, sandbox=False)

    assert (settings.deadline, settings.max_calls, settings.max_fields) == (10, 400, 60_000)
    assert settings.graphiql
    assert settings.introspection
    assert settings.node
    assert settings.cache_url == "sqlite://"
    assert settings.cache_file == settings.state_dir / "cache.db"
    assert settings.cache_megabytes == 512
    rates = {
        name: value
        for values in settings.sources.values()
        for name, value in values.items()
        if name.endswith(("_RATE", "_CONCURRENCY"))
    }
    assert (
        rates.items()
        >= {
            "PSN_RATE": "300/900",
            "PSN_CONCURRENCY": "8",
            "PSN_SIGN_IN_RATE": "30/60",
            "RETROACHIEVEMENTS_RATE": "60/60",
            "RETROACHIEVEMENTS_CONCURRENCY": "4",
            "TROPHY_SO_RATE": "40/1",
            "TROPHY_SO_CONCURRENCY": "8",
        }.items()
    )


def test_the_repr_of_settings_holds_no_secret() -> None:
    given = {
        "TROPHYCASE_API_KEYS": f"name:{SECRET}-and-more:read",
        "PSN_CLIENT_SECRET": SECRET,
        "PSN_NPSSO": SECRET,
        "TROPHY_SO_API_KEY": SECRET,
        "TROPHYCASE_CACHE_URL": f"redis://user:{SECRET}@host",
    }

    assert SECRET not in repr(read_settings(given, sandbox=False))
