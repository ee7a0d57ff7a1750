"""What a person enters: at a terminal, where secrets are not shown, or through a pipe."""

import getpass
import os
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager

from providers.psn.auth.npsso import NPSSO_PLACE
from server.settings import SettingError

MAX_PASTED_LENGTH = 10_000


class Terminal:
    """Questions on standard error, which a pipe does not get, and lines of standard input."""

    def __init__(self) -> None:
        self.is_interactive = sys.stdin.isatty()

    def show(self, text: str) -> None:
        """Show a text to the person."""
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        sys.stdout.flush()

    def ask(self, question: str, *, is_secret: bool) -> str:
        """Return the line that is entered, without blanks around it; empty at the end of input."""
        try:
            return self._read_line(question, is_secret=is_secret).strip()
        except EOFError:
            return ""
        except UnicodeDecodeError:  # whose words show what was entered
            raise SettingError(question, "must be text in UTF-8") from None

    def ask_for_npsso(self) -> str:
        """Return the NPSSO, or the JSON that PSN's page shows, which may have several lines."""
        text = line = self._read_line("NPSSO", is_secret=True)
        while line and len(text) < MAX_PASTED_LENGTH and _is_incomplete(text):
            line = self._read_line("NPSSO", is_secret=True)
            text += line
        return text.strip()

    def _read_line(self, question: str, *, is_secret: bool) -> str:
        if not self.is_interactive:
            return sys.stdin.readline()
        prompt = f"{question}: "
        with _allow_interruption():
            return (getpass.getpass(prompt) if is_secret else input(prompt)) + "\n"


@contextmanager
def _allow_interruption() -> Generator[None]:
    """Have Ctrl-C end a question: an event loop would wait for the answer first."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def discard_output() -> None:
    """Discard what is still written to standard output, whose reader has ended."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def read_npsso() -> str:
    """Return the NPSSO that is entered. Raise `SettingError` if none is."""
    terminal = Terminal()
    if terminal.is_interactive:
        sys.stderr.write(f"{NPSSO_PLACE}.\n")
    try:
        npsso = terminal.ask_for_npsso()
    except EOFError:
        npsso = ""
    except UnicodeDecodeError:  # whose words show what was entered
        raise SettingError("NPSSO", "must be text in UTF-8") from None
    if not npsso:
        raise SettingError("NPSSO", "the input ended before one was entered")
    return npsso


def _is_incomplete(text: str) -> bool:
    return not text.strip() or ("{" in text and "}" not in text)
