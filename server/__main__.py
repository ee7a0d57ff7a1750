"""The commands: serve, sandbox, schema, check, psn."""

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import Sequence
from typing import Any

from providers.errors import ProviderError
from server import commands
from server.runtime import run
from server.settings import SettingError, check_binding, environment, read

EVERYTHING_FINE, WENT_WRONG, USED_WRONGLY = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; without one, serve."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0].startswith("--") and given[0] != "--help"):
        given.insert(0, "serve")
    options, surplus = parser().parse_known_args(given)
    if surplus:  # not told what: it may be what should never have been an argument
        return _refused(f"{len(surplus)} argument(s) too many; see --help")
    try:
        return options.run(options)
    except SettingError as error:
        return _refused(str(error))
    except ProviderError as error:
        return _refused(error.message)
    except OSError as error:
        return _refused(error.strerror or "cannot start")
    except KeyboardInterrupt:
        return WENT_WRONG


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    whole = argparse.ArgumentParser(prog="trophycase", description=__doc__)
    commands_ = whole.add_subparsers(required=True, metavar="COMMAND")
    _add_serve(commands_)
    sandbox = commands_.add_parser("sandbox", help="serve the invented upstreams alone")
    sandbox.add_argument("--port", type=int, default=8001)
    sandbox.set_defaults(run=_sandbox)
    schema = commands_.add_parser("schema", help="print the SDL")
    schema.add_argument("--federation", action="store_true", help="as a subgraph's")
    schema.set_defaults(run=_schema)
    check = commands_.add_parser("check", help="say what is configured, and try each source once")
    check.set_defaults(run=_check)
    _add_psn(commands_)
    return whole


def _add_serve(commands_: Any) -> None:
    serve = commands_.add_parser("serve", help="serve the graph")
    serve.add_argument("--sandbox", action="store_true", help="answer from invented upstreams")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--workers", type=int, default=1)
    serve.set_defaults(run=_serve)


def _add_psn(commands_: Any) -> None:
    psn = commands_.add_parser("psn", help="the operator's PlayStation sign-in")
    steps = psn.add_subparsers(required=True, metavar="STEP")
    login = steps.add_parser("login", help="take an NPSSO from a prompt or stdin and keep it")
    login.set_defaults(run=_psn_login)
    token = steps.add_parser("token", help="print the operator's tokens as JSON")
    token.set_defaults(run=_psn_token)


def _serve(options: argparse.Namespace) -> int:
    settings = read(environment(), sandbox=options.sandbox)
    check_binding(settings, options.host, options.workers)
    return run.serve(settings, options.host, options.port, options.workers)


def _schema(options: argparse.Namespace) -> int:
    settings = read(environment(), sandbox=True)
    sys.stdout.write(commands.printed(federation=options.federation, node=settings.node))
    return EVERYTHING_FINE


def _check(_options: argparse.Namespace) -> int:
    settings = read(environment(), sandbox=False)
    lines, fine = asyncio.run(commands.check(settings))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return EVERYTHING_FINE if fine else WENT_WRONG


def _sandbox(options: argparse.Namespace) -> int:
    return run.serve_sandbox(options.port)


def _psn_login(_options: argparse.Namespace) -> int:
    settings = read(environment(), sandbox=False)
    sys.stdout.write(asyncio.run(commands.psn_login(settings, _npsso())) + "\n")
    return EVERYTHING_FINE


def _psn_token(_options: argparse.Namespace) -> int:
    tokens = asyncio.run(commands.psn_tokens(read(environment(), sandbox=False)))
    sys.stdout.write(json.dumps(tokens, indent=2) + "\n")
    return EVERYTHING_FINE


def _npsso() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("NPSSO: ").strip()
    return sys.stdin.readline().strip()


def _refused(message: str) -> int:
    sys.stderr.write(f"trophycase: {message}\n")
    return USED_WRONGLY


if __name__ == "__main__":
    sys.exit(main())
