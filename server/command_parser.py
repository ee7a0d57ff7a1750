"""The parser of the command line, whose errors are one line and show no value.

A value may be a secret that must not be an argument, so only names are shown.
"""

import argparse
import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

# A secret in place of an option has digits, capitals or more letters.
OPTION_NAME = re.compile(r"--[a-z]+(?:-[a-z]+)*")
MAX_NAME_LENGTH = 24
INVALID_CHOICE = re.compile(r"argument (\w+): invalid choice: '(.*?)' \(", re.DOTALL)
QUOTED_VALUE = re.compile(r"['\"].*['\"]", re.DOTALL)

Run = Callable[[argparse.Namespace], int]


class UsageError(Exception):
    """A command line that is not understood, in one line without values."""


class CommandParser(argparse.ArgumentParser):
    """A parser of one command, or of the commands below it."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)
        self.option_names: list[str] = []
        self._commands: Any = None

    def add_option(self, name: str, **options: Any) -> None:
        """Add an option, whose name is suggested for a similar one."""
        self.option_names.append(name)
        self.add_argument(name, **options)

    def add_command(self, name: str, run: Run | None = None, **options: Any) -> "CommandParser":
        """Add a command below this one; `run` runs it and returns the exit code."""
        if self._commands is None:
            self._commands = self.add_subparsers(required=True, metavar="COMMAND")
        text: str = options.get("help", "")
        options.setdefault("description", f"{text[:1].upper()}{text[1:]}.")
        command: CommandParser = self._commands.add_parser(name, **options)
        if run is not None:
            command.set_defaults(run=run, command=command)
        return command

    def parse_command(self, words: Sequence[str]) -> argparse.Namespace:
        """Return the options of a command; raise `UsageError` for what is not one of them."""
        options, unrecognized = self.parse_known_args(words)
        if unrecognized:
            command: CommandParser = options.command
            command.error(describe_unrecognized(unrecognized, command.option_names))
        return options

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError`, without the values in the message."""
        choice = INVALID_CHOICE.match(message)
        if choice is not None and self._commands is not None:
            names = list(self._commands.choices)
            message = f"no such command{suggest(choice[2], names)}; there are {', '.join(names)}"
        raise UsageError(f"{QUOTED_VALUE.sub('...', message)}; see {self.prog} --help")


def describe_unrecognized(words: Iterable[str], known: Sequence[str]) -> str:
    """Name the options that do not exist; count what else there is too much of."""
    words = list(words)
    names = [word.partition("=")[0] for word in words if word.startswith("-")]
    shown = [each for each in names if OPTION_NAME.fullmatch(each) and len(each) < MAX_NAME_LENGTH]
    if shown:
        return f"no such option: {', '.join(each + suggest(each, known) for each in shown)}"
    return f"{len(words)} argument(s) too many"


def suggest(name: str, known: Sequence[str]) -> str:
    """Return a question for the most similar name; empty if there is none."""
    similar = get_close_matches(name, known, n=1)
    return f" (did you mean {similar[0]}?)" if similar else ""
