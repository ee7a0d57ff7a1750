"""The command line."""

import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import httpx
import pytest
from graphql import build_schema

from providers.kit.upstream.user_agent import USER_AGENT
from providers.psn.sandbox.constants import OWNER_NPSSO
from providers.registry import SOURCE_ORDER, Source
from server import commands
from server.__main__ import main
from tests.harness import operator_settings, sandbox_url_settings
from tests.server.runtime.server_process import SETTING_PATTERN, start_process

REPOSITORY = Path(__file__).parents[2]
OWN_NAMES = {
    "PSN": "vega_north",
    "RETRO_ACHIEVEMENTS": "VegaNorth",
    "TROPHY_SO": "Vega",
    "STEAM": "Vega",
    "XBOX": "Vega",
}
PSN_CLIENT = {"PSN_CLIENT_ID": "a-client", "PSN_CLIENT_SECRET": "its-secret"}
# Ctrl-C reaches the processes whose controlling terminal it is.
AT_TERMINAL = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from server.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
SOURCES = (Source.PSN, Source.RETRO_ACHIEVEMENTS, Source.TROPHY_SO)


@dataclass(frozen=True)
class CommandResult:
    """The exit code and output of a command."""

    exit_code: int
    stdout: str
    stderr: str


Run = Callable[..., CommandResult]


@pytest.fixture(autouse=True)
def the_log_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Restore this process' logging, which a command that serves configures."""
    loggers = [logging.getLogger(name) for name in ("", "trophycase", "httpx")]
    levels = [logger.level for logger in loggers]
    monkeypatch.setattr(logging.root, "handlers", [*logging.root.handlers])
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    yield
    logging.captureWarnings(capture=False)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command in an empty directory, with only these settings."""
    monkeypatch.chdir(tmp_path)
    for name in filter(SETTING_PATTERN.match, list(os.environ)):
        monkeypatch.delenv(name)

    def run_in_process(*arguments: str, entered: str = "", **settings: str) -> CommandResult:
        monkeypatch.setenv("TROPHYCASE_STATE_DIR", str(tmp_path / "state"))
        monkeypatch.setattr(sys, "stdin", StringIO(entered))
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        code = main(arguments)
        output, errors = capsys.readouterr()
        return CommandResult(code, output, errors)

    return run_in_process


def build_environment(directory: Path, settings: Mapping[str, str]) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if not SETTING_PATTERN.match(name)
    }
    paths = {"PYTHONPATH": str(REPOSITORY), "TROPHYCASE_STATE_DIR": str(directory / "state")}
    return {**inherited, **paths, **settings}


@contextmanager
def open_at_terminal(
    directory: Path, *arguments: str
) -> Generator[tuple["subprocess.Popen[bytes]", int]]:
    """Run a command at a terminal of its own, and yield the process and the terminal."""
    terminal, end = os.openpty()
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", AT_TERMINAL, *arguments],
        cwd=directory,
        env=build_environment(directory, PSN_CLIENT),
        stdin=end,
        stdout=end,
        stderr=end,
        start_new_session=True,
    ) as process:
        os.close(end)
        try:
            yield process, terminal
        finally:
            process.kill()
            os.close(terminal)


def read_until(terminal: int, text: bytes) -> None:
    """Read from a terminal until a text is at the end."""
    shown = b""
    while not shown.endswith(text):
        shown += os.read(terminal, 1000)


def interrupt(process: "subprocess.Popen[bytes]", terminal: int) -> int:
    """Press Ctrl-C until a process ends; return its exit code.

    Python forgets one that comes between a prompt and the wait for what is entered.
    """
    for _ in range(60):
        os.write(terminal, b"\x03")
        with suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=2)
    raise AssertionError("Ctrl-C does not end the process")


@contextmanager
def start_command(directory: Path, *arguments: str, **settings: str) -> Generator[str]:
    """Start a command that serves, and yield its address."""
    environment = build_environment(directory, settings)
    with start_process(*arguments, env=environment, folder=directory) as process:
        yield process.address


@pytest.fixture(scope="module")
def upstreams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Return settings that direct every source to a sandbox on a socket."""
    with start_command(tmp_path_factory.mktemp("sandbox"), "sandbox") as address:
        yield sandbox_url_settings(address)


@pytest.mark.parametrize(
    ("arguments", "settings", "line"),
    [
        ((), {"PSN_MOBILE_URL": "http://m.np.playstation.com"}, "PSN_MOBILE_URL: "),
        (("--host", "0.0.0.0"), {}, "TROPHYCASE_API_KEYS: "),  # noqa: S104
        (("--host", "192.0.2.1"), {}, "TROPHYCASE_API_KEYS: "),
        (("--sandbox", "--workers", "2"), {}, "TROPHYCASE_CACHE_URL: "),
        (("--workers", "2"), {"TROPHYCASE_CACHE_URL": "memory://"}, "TROPHYCASE_CACHE_URL: "),
        (("--sandbox", "--workers", "0"), {}, "--workers: "),
        (("--sandbox", "--workers", "-1"), {}, "--workers: "),
        ((), {"TROPHY_SO_URL": "https://host:abc"}, "TROPHY_SO_URL: "),
        (("--port", "99999999"), {}, "cannot listen on 127.0.0.1:99999999: no such port"),
    ],
)
def test_a_server_that_cannot_start_reports_why_in_one_line(
    run: Run, arguments: tuple[str, ...], settings: dict[str, str], line: str
) -> None:
    ended = run("serve", *arguments, **settings)

    assert ended.exit_code != 0
    assert ended.stdout == ""
    assert ended.stderr.startswith(f"trophycase: {line}")
    assert ended.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_process_that_cannot_start_ends_with_a_nonzero_exit_code(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "server", "--host", "0.0.0.0"],  # noqa: S104
        cwd=tmp_path,
        env=build_environment(tmp_path, {}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode not in (0, None)
    assert (ended.stdout, ended.stderr.count("\n")) == ("", 1)
    assert ended.stderr.startswith("trophycase: TROPHYCASE_API_KEYS: ")


@pytest.mark.slow
def test_a_port_in_use_is_reported_in_one_line(run: Run, upstreams: dict[str, str]) -> None:
    port = httpx.URL(upstreams["PSN_AUTH_URL"]).port

    ended = run("serve", "--sandbox", "--port", str(port))

    assert ended.exit_code != 0
    assert ended.stderr.startswith(f"trophycase: cannot listen on 127.0.0.1:{port}: ")
    assert ended.stderr.endswith("; choose another one, such as --port 8001\n")
    assert ended.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("command", ["serve", "sandbox"])
def test_a_server_that_the_keyboard_interrupts_has_not_failed(tmp_path: Path, command: str) -> None:
    environment = build_environment(tmp_path, {})
    arguments = ("--sandbox",) if command == "serve" else ()
    with start_process(command, *arguments, env=environment, folder=tmp_path) as process:
        process.popen.send_signal(signal.SIGINT)

        assert process.popen.wait(60) == 0


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_other_machines_reach_a_sandbox_without_a_key(tmp_path: Path, workers: int) -> None:
    """Holds under any name, through a proxy, and for pages of the server itself."""
    settings = {"TROPHYCASE_CACHE_URL": f"sqlite:///{tmp_path / 'cache.db'}"} if workers > 1 else {}
    arguments = ("--sandbox", "--host", "0.0.0.0", "--workers", str(workers))  # noqa: S104
    with start_command(tmp_path, *arguments, **settings) as address:
        answer = httpx.post(
            f"{address.replace('0.0.0.0', '127.0.0.1')}/graphql",  # noqa: S104
            json={"query": "{ __typename }"},
            headers={
                "Host": "box.example",
                "Origin": "http://box.example",
                "X-Forwarded-For": "192.0.2.1",
            },
            trust_env=False,
        )

    assert answer.json() == {
        "data": {"__typename": "Query"},
        "extensions": {"upstream": {"calls": {}, "cached": 0, "coalesced": 0}},
    }


@pytest.mark.parametrize("command", ["serve", "sandbox", "schema", "check", "setup", "export"])
def test_the_help_of_a_command_says_what_it_does(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    help_text = capsys.readouterr().out
    assert ended.value.code == 0
    assert re.search(r"\n\n[A-Z].+\.\n", help_text)
    assert ("examples:" in help_text) == (command in ("serve", "export"))


def test_the_help_has_examples_and_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--help"], ["serve", "--help"]):
        with pytest.raises(SystemExit):
            main(words)
    help_text = capsys.readouterr().out

    assert "trophycase --sandbox" in help_text
    for default in ("127.0.0.1", "8000", "1"):
        assert f"default: {default}\n" in help_text


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"{USER_AGENT.replace('/', ' ')}\n"


@pytest.mark.slow
def test_the_environment_overrides_the_env_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TROPHYCASE_DEADLINE=never\n", encoding="utf-8")

    from_file = run("schema")
    overruled = run("schema", TROPHYCASE_DEADLINE="5")

    assert from_file.stderr.startswith("trophycase: TROPHYCASE_DEADLINE: ")
    assert from_file.exit_code != 0
    assert (overruled.exit_code, overruled.stderr) == (0, "")


def test_an_env_file_that_is_not_text_is_reported_in_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"TROPHY_SO_API_KEY=\xe9\n")

    ended = run("serve")

    assert ended.exit_code != 0
    assert (ended.stdout, ended.stderr) == ("", "trophycase: .env: must be text in UTF-8\n")


def test_the_schema_command_prints_what_is_committed(run: Run) -> None:
    printed = run("schema")

    assert printed.exit_code == 0
    assert printed.stdout == (REPOSITORY / "schema" / "schema.graphql").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_federated_schema_has_keys_and_can_leave_out_node() -> None:
    whole, without = (commands.render_sdl(federation=True, node=node) for node in (True, False))

    assert '@key(fields: "id")' in whole
    assert "node(" in whole
    assert "node(" not in without


@pytest.mark.slow
def test_the_printed_schema_can_be_built() -> None:
    for node in (True, False):
        schema = build_schema(commands.render_sdl(federation=False, node=node))
        assert schema.query_type
        assert ("node" in schema.query_type.fields) is node


def test_check_succeeds_on_the_sandbox(run: Run, upstreams: dict[str, str]) -> None:
    ended = run("check", **operator_settings(*Source), **upstreams)

    starts = [f"{source.name}: fine, as {OWN_NAMES[source.name]}" for source in Source]
    for line, start in zip(ended.stdout.splitlines(), starts, strict=True):
        assert line.startswith(start)
        assert line.endswith("calls left") or "; signed in until 20" in line
    assert (ended.exit_code, ended.stderr) == (0, "")


@pytest.mark.slow
def test_check_reports_failures_and_prints_no_secret(run: Run, upstreams: dict[str, str]) -> None:
    secrets = {"PSN_NPSSO": "N" * 64, "TROPHY_SO_API_KEY": "wrong.trophy.key"}
    settings = {
        **operator_settings(Source.PSN, Source.TROPHY_SO),
        **secrets,
        **upstreams,
    }

    ended = run("check", **settings)

    assert ended.exit_code != 0
    lines = ended.stdout.splitlines()
    psn, retro, trophy_so = (lines[SOURCE_ORDER[source]] for source in SOURCES)
    assert psn.startswith("PSN: the operator must sign in again.")
    assert retro == (
        "RETRO_ACHIEVEMENTS: not configured; "
        "set RETROACHIEVEMENTS_USERNAME, RETROACHIEVEMENTS_API_KEY"
    )
    assert trophy_so.startswith("TROPHY_SO: the operator must sign in again.")
    for secret in (*secrets.values(), "sandbox-secret"):
        assert secret not in ended.stdout + ended.stderr


@pytest.mark.slow
def test_the_operator_signs_in_once_and_the_tokens_are_stored_privately(
    run: Run, tmp_path: Path, upstreams: dict[str, str]
) -> None:
    settings = {**operator_settings(Source.PSN), **upstreams, "PSN_NPSSO": ""}

    before = run("check", **settings)
    login = run("psn", "login", entered=f"{OWNER_NPSSO}\n", **settings)
    after = run("check", **settings)

    assert before.exit_code != 0
    assert (login.exit_code, login.stderr) == (0, "")
    assert OWNER_NPSSO not in login.stdout
    assert after.stdout.startswith("PSN: fine, as vega_north; ")
    kept = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert kept
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_an_end_of_input_at_the_prompt_is_one_line(tmp_path: Path) -> None:
    """Holds at a terminal, where Ctrl-D ends the input, that there is no traceback."""
    terminal, stdin = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "server", "psn", "login"],
        cwd=tmp_path,
        env=build_environment(tmp_path, PSN_CLIENT),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stderr
        place = process.stderr.readline()
        prompt = process.stderr.read(len(b"NPSSO: "))
        os.write(terminal, b"\x04")
        output, errors = process.communicate(timeout=60)
    for each in (terminal, stdin):
        os.close(each)

    assert b"https://ca.account.sony.com/api/v1/ssocookie" in place
    assert prompt == b"NPSSO: "
    assert errors == b"trophycase: NPSSO: the input ended before one was entered\n"
    assert (output, process.returncode) == (b"", 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("entered", "problem"),
    [(b"", "the input ended before one was entered"), (b"\xe9mark\n", "must be text in UTF-8")],
)
def test_an_input_without_a_line_of_text_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    entered: bytes,
    problem: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(entered), "utf-8", "strict"))
    for name, value in PSN_CLIENT.items():
        monkeypatch.setenv(name, value)

    assert main(["psn", "login"]) == 2
    assert capsys.readouterr() == ("", f"trophycase: NPSSO: {problem}\n")


@pytest.mark.slow
def test_without_a_client_nothing_is_asked_before_that_is_said(run: Run) -> None:
    ended = run("psn", "login", entered="")

    assert ended.exit_code == 2
    assert ended.stderr == (
        "trophycase: PSN is not configured; set PSN_CLIENT_ID and PSN_CLIENT_SECRET.\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize("command", [("setup",), ("psn", "login")])
def test_ctrl_c_ends_a_question_at_a_terminal(tmp_path: Path, command: tuple[str, ...]) -> None:
    with open_at_terminal(tmp_path, *command) as (process, terminal):
        read_until(terminal, b": ")
        assert interrupt(process, terminal) == 130


@pytest.mark.slow
def test_a_reader_that_ends_is_no_error(tmp_path: Path) -> None:
    """Holds for `schema | head`."""
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "server", "schema"],
        cwd=tmp_path,
        env=build_environment(tmp_path, {}),
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)

    assert (ended.stderr, ended.returncode) == (b"", 141)


@pytest.mark.slow
def test_a_served_graph_reaches_upstreams_on_a_socket(
    tmp_path: Path, upstreams: dict[str, str]
) -> None:
    settings = {**operator_settings(*Source), **upstreams}
    query = (
        "{ viewer { accounts { displayName } achievements(first: 2) { edges { node { name } } } } }"
    )

    with start_command(tmp_path, "serve", **settings) as address:
        answer = httpx.post(f"{address}/graphql", json={"query": query}, trust_env=False).json()

    assert "errors" not in answer
    names = [account["displayName"] for account in answer["data"]["viewer"]["accounts"]]
    assert {"vega_north", "VegaNorth", "Vega"} <= set(names)


@pytest.mark.slow
def test_an_unknown_command_is_rejected_without_showing_it(run: Run) -> None:
    ended = run("dance")

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith("trophycase: no such command; there are serve, ")
    assert "dance" not in ended.stderr
