"""One GraphQL API for the achievements a person has earned: PlayStation, Xbox, Steam,
RetroAchievements and Trophy.so. Without a command it serves.
"""

import argparse
import asyncio
import gc
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from server.sibling_packages import stop_for_foreign_packages

stop_for_foreign_packages()
gc.disable()  # what is imported stays: looking for garbage in it is a tenth of the start

from providers.errors import ProviderError
from providers.kit.upstream.user_agent import VERSION
from providers.psn.auth.npsso import NPSSO_PLACE
from resolvers.context import AccountRef
from server import commands
from server.account_setup import set_up_accounts
from server.command_parser import CommandParser, UsageError
from server.export.accounts import parse_account
from server.export.command import export_accounts
from server.export.rows import FORMATS, JSON_LINES
from server.runtime import run
from server.runtime.process_hardening import disable_core_files
from server.schema_changes import list_breaking_changes
from server.secret_input import Terminal, discard_output, read_npsso
from server.settings import SettingError, check_binding, read_environment, read_settings
from server.source_check import FINE, check_sources
from server.webhooks.webhook import describe_webhooks

gc.freeze()
gc.enable()

EXIT_OK, EXIT_FAILURE, EXIT_USAGE, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 0, 1, 2, 130, 141
ROOT_OPTIONS = ("--help", "--version")
EXAMPLES = """examples:
  trophycase --sandbox             try it with invented accounts, without credentials
  trophycase setup                 enter the credentials of your own accounts
  trophycase check                 see which of your accounts work
  trophycase COMMAND --help        see the options of a command
"""
SERVE_EXAMPLES = """examples:
  trophycase serve --sandbox --port 8001
  trophycase serve --sandbox --host 0.0.0.0     (other machines reach invented accounts only)
  TROPHYCASE_API_KEYS=... trophycase serve --host 0.0.0.0 --workers 2
"""
EXPORT_EXAMPLES = """examples:
  trophycase export --output achievements.jsonl
  trophycase export --format csv --account RETRO_ACHIEVEMENTS:NAME > achievements.csv
"""
NO_BREAKING_CHANGE = "No change breaks a client."
NO_SOURCE = "No source is configured: `trophycase setup` asks for what one needs."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, by default `serve`, and return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or (words[0].startswith("--") and words[0] not in ROOT_OPTIONS):
        words.insert(0, "serve")
    disable_core_files()
    try:
        return _run_command(words)
    except (SettingError, UsageError) as error:
        return _report_usage_error(str(error))
    except ProviderError as error:
        return _report_usage_error(error.message)
    except BrokenPipeError:  # what reads the output has ended, as `head` does
        discard_output()
        return EXIT_BROKEN_PIPE
    except OSError as error:
        return _report_usage_error(error.strerror or "cannot start")
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _run_command(words: Sequence[str]) -> int:
    options = build_parser().parse_command(words)
    exit_code: int = options.run(options)
    sys.stdout.flush()  # here its failure can still be reported
    return exit_code


def build_parser() -> CommandParser:
    """Build the parser of the commands and their options."""
    root = CommandParser(prog="trophycase", description=__doc__, epilog=EXAMPLES)
    root.add_argument("--version", action="version", version=f"trophycase {VERSION}")
    _add_serve_command(root)
    sandbox = root.add_command("sandbox", _run_sandbox, help="serve the sandbox upstreams alone")
    sandbox.add_option("--port", type=int, default=8001, help="port, default: %(default)s")
    schema = root.add_command("schema", _run_schema, help="print the schema as SDL")
    schema.add_option("--federation", action="store_true", help="print the federation subgraph's")
    schema.add_option(
        "--annotated",
        action="store_true",
        help="print that with @cost, @listSize and @tag of federation 2.9, and @cacheControl",
    )
    schema.add_option(
        "--check",
        type=Path,
        metavar="FILE",
        help="print what breaks clients of the SDL in this file; exit code 1 if anything does",
    )
    check = root.add_command(
        "check", _run_check, help="list the configured sources, sign in, and call each"
    )
    check.add_option("--json", action="store_true", help="print JSON, for scripts")
    root.add_command(
        "setup", _run_setup, help="ask for each source's credentials, try them, and write .env"
    )
    _add_export_command(root)
    _add_psn_commands(root)
    return root


def _add_serve_command(root: CommandParser) -> None:
    serve = root.add_command(
        "serve", _run_serve, help="serve the graph (the default command)", epilog=SERVE_EXAMPLES
    )
    serve.add_option(
        "--sandbox", action="store_true", help="answer from invented accounts; needs no credentials"
    )
    serve.add_option("--host", default="127.0.0.1", help="address to bind, default: %(default)s")
    serve.add_option(
        "--port", type=int, default=8000, help="port, 0 for any that is free, default: %(default)s"
    )
    serve.add_option("--workers", type=int, default=1, help="processes, default: %(default)s")
    serve.add_option(
        "--reload", action="store_true", help="restart on changes of the source, for development"
    )


def _add_export_command(root: CommandParser) -> None:
    export = root.add_command(
        "export",
        _run_export,
        help="write every title and achievement as JSON lines or CSV",
        epilog=EXPORT_EXAMPLES,
    )
    export.add_option(
        "--output",
        type=Path,
        metavar="FILE",
        help="file, which a later run goes on with; default: standard output",
    )
    export.add_option(
        "--format",
        type=_parse_format,
        default=JSON_LINES,
        help="jsonl or csv, default: %(default)s",
    )
    export.add_option(
        "--account",
        type=_parse_account,
        action="append",
        default=[],
        metavar="SOURCE:HANDLE",
        help="account such as PSN:me, repeatable; default: your own",
    )


def _add_psn_commands(root: CommandParser) -> None:
    psn = root.add_command("psn", help="manage the operator's PlayStation sign-in")
    psn.add_command(
        "login",
        _run_psn_login,
        help="sign in with an NPSSO from a prompt or stdin",
        epilog=f"{NPSSO_PLACE}; the JSON there can be entered as well.",
    )
    psn.add_command("token", _run_psn_token, help="print the operator's tokens as JSON")


def _run_serve(options: argparse.Namespace) -> int:
    if options.reload and options.workers > 1:
        raise SettingError("--reload", "cannot be combined with --workers above 1")
    host, port, workers = options.host, options.port, options.workers
    settings = run.read_served_settings(host, sandbox=options.sandbox)
    check_binding(settings, host, workers)
    try:
        return run.serve(settings, host, port, workers, reload=options.reload)
    except KeyboardInterrupt:  # as servers are stopped at a terminal
        return EXIT_OK


def _run_schema(options: argparse.Namespace) -> int:
    settings = read_settings(read_environment(), sandbox=False)
    sdl = commands.render_sdl(
        federation=options.federation or options.annotated,
        node=settings.node,
        live=settings.live,
        annotated=options.annotated,
    )
    if options.check is None:
        sys.stdout.write(sdl)
        return EXIT_OK
    try:
        changes = list_breaking_changes(options.check, sdl)
    except ValueError as error:
        raise SettingError("--check", str(error)) from None
    sys.stdout.write("".join(f"{line}\n" for line in changes or [NO_BREAKING_CHANGE]))
    return EXIT_FAILURE if changes else EXIT_OK


def _run_check(options: argparse.Namespace) -> int:
    settings = read_settings(read_environment(), sandbox=False)
    checks = asyncio.run(check_sources(settings))
    configured = [each for each in checks if each.is_configured]
    is_fine = bool(configured) and all(each.state == FINE for each in configured)
    if options.json:
        content = {
            "fine": is_fine,
            "sources": [each.to_json() for each in checks],
            "webhooks": [each.name for each in settings.webhooks],
        }
        lines = [json.dumps(content, indent=2)]
    else:
        lines = [each.to_line() for each in checks]
        lines += [*describe_webhooks(settings.webhooks), *([] if configured else [NO_SOURCE])]
    Terminal().show("\n".join(lines))
    return EXIT_OK if is_fine else EXIT_FAILURE


def _run_setup(_options: argparse.Namespace) -> int:
    is_fine = asyncio.run(set_up_accounts(Terminal(), read_environment()))
    return EXIT_OK if is_fine else EXIT_FAILURE


def _parse_account(text: str) -> AccountRef:
    try:
        return parse_account(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be SOURCE:HANDLE, as PSN:me") from None


def _parse_format(text: str) -> str:
    if text not in FORMATS:
        raise argparse.ArgumentTypeError("must be jsonl or csv")
    return text


def _run_export(options: argparse.Namespace) -> int:
    settings = read_settings(read_environment(), sandbox=False)
    failures = asyncio.run(
        export_accounts(settings, options.account, options.format, options.output)
    )
    sys.stderr.write("".join(f"trophycase: {failure.describe()}\n" for failure in failures))
    return EXIT_FAILURE if failures else EXIT_OK


def _run_sandbox(options: argparse.Namespace) -> int:
    try:
        return run.serve_sandbox(options.port)
    except KeyboardInterrupt:
        return EXIT_OK


def _run_psn_login(_options: argparse.Namespace) -> int:
    settings = read_settings(read_environment(), sandbox=False)
    sys.stdout.write(asyncio.run(commands.sign_in_psn(settings, read_npsso)) + "\n")
    return EXIT_OK


def _run_psn_token(_options: argparse.Namespace) -> int:
    tokens = asyncio.run(commands.get_psn_tokens(read_settings(read_environment(), sandbox=False)))
    sys.stdout.write(json.dumps(tokens, indent=2) + "\n")
    return EXIT_OK


def _report_usage_error(message: str) -> int:
    sys.stderr.write(f"trophycase: {message}\n")
    return EXIT_USAGE


if __name__ == "__main__":
    sys.exit(main())
