"""The setting with the addresses of webhooks."""

import base64

import pytest

from server.observability.redaction import collect_secrets
from server.settings import SettingError, read_settings
from server.webhooks.webhook import Preset, Webhook, parse_webhooks

SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes ok!").decode()
URL = "https://hooks.example/path?a=1,b=2;c"


def read_webhooks(text: str, hosts: str = "") -> tuple[Webhook, ...]:
    environ = {"TROPHYCASE_WEBHOOKS": text, "TROPHYCASE_WEBHOOK_HOSTS": hosts}
    return read_settings(environ, sandbox=True).webhooks


def test_an_entry_has_a_name_an_address_and_a_secret() -> None:
    (webhook,) = parse_webhooks(f"alerts={URL}|{SECRET}")

    assert (webhook.name, webhook.url, webhook.preset) == ("alerts", URL, Preset.STANDARD)
    assert webhook.signing_key == b"a secret of 24 bytes ok!"
    assert webhook.host == "hooks.example"


@pytest.mark.parametrize("separator", [",", "\n", " ", ";", ", ", "\r\n  "])
def test_entries_may_be_separated_as_api_keys_are(separator: str) -> None:
    text = separator.join(
        [
            f"a={URL}|{SECRET}",
            "b=https://discord.com/api/webhooks/1/x|discord",
            "c=https://n.example/t|ntfy",
        ]
    )

    webhooks = parse_webhooks(text)

    assert [(each.name, each.preset.value) for each in webhooks] == [
        ("a", "standard"),
        ("b", "discord"),
        ("c", "ntfy"),
    ]
    assert webhooks[0].url == URL


def test_a_preset_may_have_a_secret_in_any_order() -> None:
    webhooks = parse_webhooks(
        f"a={URL} | discord | {SECRET}\nb={URL}|{SECRET}|discord c=https://n.example/t|tk_abc|ntfy"
    )

    assert [each.secret for each in webhooks] == [SECRET, SECRET, "tk_abc"]
    assert webhooks[2].signing_key is None


def test_none_are_set_by_default() -> None:
    assert read_webhooks("") == ()
    assert read_webhooks(" \n ") == ()


@pytest.mark.parametrize(
    "text",
    [
        "alerts",
        f"{URL}|{SECRET}",
        f"=https://a.example|{SECRET}",
        f"a b=https://a.example|{SECRET}",
        f"a=ftp://a.example|{SECRET}",
        f"a=https://|{SECRET}",
        f"a=https://user:password@a.example|{SECRET}",
        f"a=https://a.example/#part|{SECRET}",
        f"a=https://ä.example/|{SECRET}",
        f"a=https://a.example:99999|{SECRET}",
        "a=https://a.example",
        "a=https://a.example|",
        "a=https://a.example|secret",
        "a=https://a.example|whsec_",
        "a=https://a.example|whsec_c2hvcnQ=",
        "a=https://a.example|whsec_???",
        "a=https://a.example|whsec_" + base64.b64encode(b"x" * 65).decode(),
        f"a=https://a.example|{SECRET}|{SECRET}x",
        "a=https://a.example|discord|ntfy",
        "a=https://a.example|slack",
        "a=https://a.example/|ntfy",
        "a=https://a.example/t|ntfy|tok\u00e9n",
        f"a={URL}|{SECRET},a={URL}x|{SECRET}",
        f"a=http://a.example|{SECRET}",
        f"a=http://127.0.0.1|{SECRET}",
        f"a=https://127.0.0.1|{SECRET}",
        f"a=https://[::1]/|{SECRET}",
        f"a=https://169.254.169.254/latest|{SECRET}",
        f"a=https://10.0.0.1/|{SECRET}",
        "\n".join(f"a{n}={URL}|{SECRET}" for n in range(21)),
    ],
)
def test_an_invalid_setting_is_named_and_never_shown(text: str) -> None:
    with pytest.raises(SettingError) as caught:
        read_webhooks(text)

    assert str(caught.value).startswith("TROPHYCASE_WEBHOOKS: ")
    assert "example" not in str(caught.value).replace("name=https://address", "")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("http://127.0.0.1:8080/hook", "127.0.0.1"),
        ("https://10.0.0.1/", "10.0.0.1"),
        ("http://[::1]/", "::1"),
        ("http://home.lan/hook", "other.lan, HOME.lan"),
    ],
)
def test_an_allowed_host_may_be_private_and_without_tls(url: str, hosts: str) -> None:
    (webhook,) = read_webhooks(f"a={url}|{SECRET}", hosts)

    assert webhook.url == url


@pytest.mark.parametrize("hosts", ["http://a.example", "a.example/path", "a.example:80", "a@b"])
def test_a_host_is_a_name_alone(hosts: str) -> None:
    with pytest.raises(SettingError, match="TROPHYCASE_WEBHOOK_HOSTS: must be host names"):
        read_webhooks("", hosts)


def test_webhooks_need_what_is_live() -> None:
    environ = {"TROPHYCASE_WEBHOOKS": f"a={URL}|{SECRET}", "TROPHYCASE_LIVE": "off"}

    with pytest.raises(SettingError, match="TROPHYCASE_WEBHOOKS: needs TROPHYCASE_LIVE=on"):
        read_settings(environ, sandbox=True)


def test_addresses_and_secrets_are_redacted_and_in_no_representation() -> None:
    environ = {"TROPHYCASE_WEBHOOKS": f"a={URL}|{SECRET}"}
    settings = read_settings(environ, sandbox=True)

    assert {URL, SECRET} <= set(collect_secrets(settings))
    for text in (repr(settings), repr(settings.webhooks)):
        assert URL not in text
        assert SECRET not in text


def test_an_address_has_records_of_its_own() -> None:
    first, second, third = parse_webhooks(
        f"a={URL}|{SECRET} b={URL}|{SECRET} c=https://other.example/|{SECRET}"
    )

    assert len({first.id, second.id, third.id}) == 3
