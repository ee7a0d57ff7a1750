"""Command line of trophycase, a GraphQL server for achievements."""

import argparse
import asyncio
import gc
import getpass
import json
import sys
from collections.abc import Sequence
from typing import Any

from server.sibling_packages import stop_for_foreign_packages

stop_for_foreign_packages()
gc.disable()  # what is imported stays: looking for garbage in it is a tenth of the start

from providers.errors import ProviderError
from server import commands
from server.runtime import run
from server.runtime.process_hardening import disable_core_files
from server.settings import SettingError, check_binding, read_environment, read_settings

gc.freeze()
gc.enable()

EXIT_OK, EXIT_FAILURE, EXIT_USAGE = 0, 1, 2
MAX_PASTED_LENGTH = 10_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, by default `serve`, and return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or (words[0].startswith("--") and words[0] != "--help"):
        words.insert(0, "serve")
    options, unrecognized = build_parser().parse_known_args(words)
    if unrecognized:  # not shown: one may be a secret that must not be an argument
        return _report_usage_error(f"{len(unrecognized)} argument(s) too many; see --help")
    disable_core_files()
    try:
        return options.run(options)
    except SettingError as error:
        return _report_usage_error(str(error))
    except ProviderError as error:
        return _report_usage_error(error.message)
    except OSError as error:
        return _report_usage_error(error.strerror or "cannot start")
    except KeyboardInterrupt:
        return EXIT_FAILURE


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of the commands and their options."""
    root = argparse.ArgumentParser(prog="trophycase", description=__doc__)
    subparsers = root.add_subparsers(required=True, metavar="COMMAND")
    _add_serve_command(subparsers)
    sandbox = subparsers.add_parser("sandbox", help="serve the sandbox upstreams alone")
    sandbox.add_argument("--port", type=int, default=8001, help="default: %(default)s")
    sandbox.set_defaults(run=_run_sandbox)
    schema = subparsers.add_parser("schema", help="print the schema as SDL")
    schema.add_argument("--federation", action="store_true", help="print the federation subgraph's")
    schema.set_defaults(run=_run_schema)
    check = subparsers.add_parser("check", help="list the configured sources and call each once")
    check.set_defaults(run=_run_check)
    _add_psn_commands(subparsers)
    return root


def _add_serve_command(subparsers: Any) -> None:
    serve = subparsers.add_parser("serve", help="serve the graph (the default command)")
    serve.add_argument("--sandbox", action="store_true", help="use the built-in sandbox upstreams")
    serve.add_argument("--host", default="127.0.0.1", help="address to bind, default: %(default)s")
    serve.add_argument("--port", type=int, default=8000, help="default: %(default)s")
    serve.add_argument("--workers", type=int, default=1, help="processes, default: %(default)s")
    serve.add_argument(
        "--reload", action="store_true", help="restart on changes of the source, for development"
    )
    serve.set_defaults(run=_run_serve)


def _add_psn_commands(subparsers: Any) -> None:
    psn = subparsers.add_parser("psn", help="manage the operator's PlayStation sign-in")
    steps = psn.add_subparsers(required=True, metavar="STEP")
    login = steps.add_parser("login", help="sign in with an NPSSO from a prompt or stdin")
    login.set_defaults(run=_run_psn_login)
    token = steps.add_parser("token", help="print the operator's tokens as JSON")
    token.set_defaults(run=_run_psn_token)


def _run_serve(options: argparse.Namespace) -> int:
    if options.reload and options.workers > 1:
        raise SettingError("--reload", "cannot be combined with --workers above 1")
    settings = run.read_served_settings(sandbox=options.sandbox)
    check_binding(settings, options.host, options.workers)
    return run.serve(settings, options.host, options.port, options.workers, reload=options.reload)


def _run_schema(options: argparse.Namespace) -> int:
    settings = read_settings(read_environment(), sandbox=False)
    sdl = commands.render_sdl(federation=options.federation, node=settings.node, live=settings.live)
    sys.stdout.write(sdl)
    return EXIT_OK


def _run_check(_options: argparse.Namespace) -> int:
    settings = read_settings(read_environment(), sandbox=False)
    lines, healthy = asyncio.run(commands.check_sources(settings))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return EXIT_OK if healthy else EXIT_FAILURE


def _run_sandbox(options: argparse.Namespace) -> int:
    return run.serve_sandbox(options.port)


def _run_psn_login(_options: argparse.Namespace) -> int:
    settings = read_settings(read_environment(), sandbox=False)
    sys.stdout.write(asyncio.run(commands.sign_in_psn(settings, _enter_npsso())) + "\n")
    return EXIT_OK


def _run_psn_token(_options: argparse.Namespace) -> int:
    tokens = asyncio.run(commands.get_psn_tokens(read_settings(read_environment(), sandbox=False)))
    sys.stdout.write(json.dumps(tokens, indent=2) + "\n")
    return EXIT_OK


def _read_npsso() -> str:
    """Read the first line that is not blank, and the lines up to the end of JSON that it begins."""
    read_line = _prompt_line if sys.stdin.isatty() else sys.stdin.readline
    text = line = read_line()
    while line and len(text) < MAX_PASTED_LENGTH and _is_incomplete(text):
        line = read_line()
        text += line
    return text.strip()


def _prompt_line() -> str:
    return getpass.getpass("NPSSO: ") + "\n"


def _is_incomplete(text: str) -> bool:
    return not text.strip() or ("{" in text and "}" not in text)


def _enter_npsso() -> str:
    try:
        npsso = _read_npsso()
    except EOFError:
        npsso = ""
    except UnicodeDecodeError:  # whose words show what was entered
        raise SettingError("NPSSO", "must be text in UTF-8") from None
    if not npsso:
        raise SettingError("NPSSO", "the input ended before one was entered")
    return npsso


def _report_usage_error(message: str) -> int:
    sys.stderr.write(f"trophycase: {message}\n")
    return EXIT_USAGE


if __name__ == "__main__":
    sys.exit(main())
