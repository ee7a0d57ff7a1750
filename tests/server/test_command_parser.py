"""A command line that is not understood is answered in one line, with names and without values."""

import argparse

import pytest

from server.command_parser import CommandParser, UsageError

SECRET = "Sx" * 32


def run_nothing(_options: argparse.Namespace) -> int:
    return 0


@pytest.fixture
def parser() -> CommandParser:
    root = CommandParser(prog="program")
    serve = root.add_command("serve", run_nothing)
    serve.add_option("--port", type=int, default=1)
    serve.add_option("--sandbox", action="store_true")
    root.add_command("group").add_command("step", run_nothing)
    return root


def test_a_known_command_has_its_options(parser: CommandParser) -> None:
    options = parser.parse_command(["serve", "--port", "9"])

    assert (options.port, options.sandbox, options.run) == (9, False, run_nothing)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["serve", "--prt", "9"],
            "no such option: --prt (did you mean --port?); see program serve",
        ),
        (["serve", "--x", "--sandbx"], "no such option: --x, --sandbx (did you mean --sandbox?)"),
        (["serve", f"--prt={SECRET}"], "no such option: --prt (did you mean --port?)"),
        (["serve", SECRET], "1 argument(s) too many; see program serve --help"),
        (["serve", f"--{SECRET}"], "1 argument(s) too many"),
        (["serve", f"--{'a' * 64}"], "1 argument(s) too many"),
        (["group", "step", SECRET, SECRET], "2 argument(s) too many; see program group step"),
        (["serve", "--port", SECRET], "argument --port: invalid int value: ...; see program serve"),
        (["serve", f"--sandbox={SECRET}"], "argument --sandbox: ignored explicit argument ..."),
        ([SECRET], "no such command; there are serve, group; see program --help"),
        (["serv"], "no such command (did you mean serve?); there are serve, group"),
        (["group", SECRET], "no such command; there are step; see program group --help"),
        (["group"], "the following arguments are required: COMMAND; see program group --help"),
    ],
)
def test_what_is_not_understood_is_named_unless_it_is_a_value(
    parser: CommandParser, words: list[str], message: str
) -> None:
    with pytest.raises(UsageError) as raised:
        parser.parse_command(words)

    assert str(raised.value).startswith(message)
    assert SECRET not in str(raised.value)
    assert "\n" not in str(raised.value)
