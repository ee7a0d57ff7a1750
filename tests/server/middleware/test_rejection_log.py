"""The log names the setting that would let a rejected request in."""

import logging

import pytest

from tests.harness import RunningServer, run_server

TEXT = "rejected a request: {} does not have its {}"


def send(server: RunningServer, **headers: str) -> int:
    return server.request("GET", "/metrics", headers=headers).status_code


def read_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    caplog.clear()
    return [line for line in lines if "rejected a request" in line]


@pytest.mark.parametrize(
    ("header", "value", "setting", "named"),
    [
        ("Origin", "https://a.example", "TROPHYCASE_CORS_ORIGINS", "origin https://a.example"),
        ("Origin", "https://a.example/\x1b", "TROPHYCASE_CORS_ORIGINS", "origin"),
        ("Sec-Fetch-Site", "cross-site", "TROPHYCASE_CORS_ORIGINS", "origin"),
        ("Host", "a.example:8000", "TROPHYCASE_PUBLIC_URL", "host a.example:8000"),
        ("Host", "a" * 200, "TROPHYCASE_PUBLIC_URL", "host"),
        ("Via", "1.1 proxy", "TROPHYCASE_TRUSTED_PROXIES", "address 127.0.0.1"),
    ],
)
def test_the_setting_is_named_with_what_it_lacks(
    header: str, value: str, setting: str, named: str, caplog: pytest.LogCaptureFixture
) -> None:
    with run_server(sandbox=False) as server:
        assert send(server, **{header: value}) == 403

    assert read_lines(caplog) == [TEXT.format(setting, named)]


def test_many_rejections_make_one_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    with run_server(sandbox=False) as server:
        for number in range(50):
            assert send(server, Origin=f"https://{number}.example") == 403
        assert len(read_lines(caplog)) == 1
        assert send(server, Host="a.example") == 403
        assert len(read_lines(caplog)) == 1  # of another setting
        server.clock.now += 61
        assert send(server, Origin="https://last.example") == 403

    named = TEXT.format("TROPHYCASE_CORS_ORIGINS", "origin https://last.example")
    assert read_lines(caplog) == [f"{named} (and 49 more since the last line)"]


def test_a_rejection_that_no_setting_prevents_makes_no_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with run_server() as server:
        answer = server.request("GET", "/metrics", headers={"Content-Encoding": "br"})

    assert answer.status_code == 415
    assert read_lines(caplog) == []
