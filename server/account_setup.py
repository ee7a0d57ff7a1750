"""Asks for the credentials of each source, tries them, and stores those that work."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from providers.errors import ProviderError, Unauthenticated
from providers.registry import Source
from server import commands
from server.env_file import write_settings
from server.settings import SettingError, read_settings
from server.source_check import SourceCheck, check_source

ENV_FILE = Path(".env")
INTRODUCTION = (
    "Enter the credentials of your accounts; leave the first of a source empty to skip it.\n"
    "What works is stored in .env in this directory, readable by you alone."
)

NOTHING_ENTERED = (
    "\nNothing was entered, and .env is as it was. `trophycase --sandbox` needs no credentials."
)


class Questions(Protocol):
    """The person who answers the questions, at a terminal."""

    def show(self, text: str) -> None:
        """Show a text."""
        ...

    def ask(self, question: str, *, is_secret: bool) -> str:
        """Return an answer, empty for none; a secret is not shown while it is entered."""
        ...

    def ask_for_npsso(self) -> str:
        """Return an NPSSO as PSN's page shows it."""
        ...


async def set_up_accounts(questions: Questions, environ: Mapping[str, str]) -> bool:
    """Ask for every source's credentials; return whether all that were entered are stored."""
    questions.show(INTRODUCTION)
    outcomes = [await _set_up(source, questions, environ) for source in Source]
    if any(outcome is True for outcome in outcomes):
        questions.show("\nStored in .env. `trophycase` serves your accounts.")
    elif all(outcome is None for outcome in outcomes):
        questions.show(NOTHING_ENTERED)
    return all(outcome is not False for outcome in outcomes)


async def _set_up(source: Source, questions: Questions, environ: Mapping[str, str]) -> bool | None:
    """Set up one source; return whether it is stored, None if it is skipped."""
    questions.show(f"\n{source.value.label}: {source.value.credential_help}")
    values = _ask_for_values(source, questions)
    if not values:
        return None
    try:
        check = await _try_values(source, questions, {**environ, **values})
        questions.show(check.to_line())
        if check.state == Unauthenticated.code:
            return False
        write_settings(ENV_FILE, values)
    except (SettingError, ProviderError) as error:
        problem = error.message if isinstance(error, ProviderError) else str(error)
        questions.show(f"{source.name}: nothing is stored. {problem}")
        return False
    except ValueError as error:
        raise SettingError(str(ENV_FILE), str(error)) from None
    return True


def _ask_for_values(source: Source, questions: Questions) -> dict[str, str]:
    """Return the answers for what the source requires; none if one is left out."""
    values: dict[str, str] = {}
    for name in source.value.required_settings:
        if name == commands.NPSSO_SETTING:  # is exchanged for a sign-in, and not stored
            continue
        values[name] = questions.ask(name, is_secret=name in source.value.secrets)
        if not values[name]:
            return {}
    return values


async def _try_values(
    source: Source, questions: Questions, environ: Mapping[str, str]
) -> SourceCheck:
    settings = read_settings(environ, sandbox=False)
    if source is Source.PSN:
        questions.show(await commands.sign_in_psn(settings, questions.ask_for_npsso))
    return await check_source(source, settings)
