"""The real commands against the real sandbox, each a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from providers.registry import Source
from tests.asking import configured, leading_to
from tests.server.operations.running import REPOSITORY, SECONDS, Process, environment

KEPT = "psn.json"


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    code: int
    output: str
    errors: str


@dataclass(frozen=True)
class Sandbox:
    """The upstreams on a socket, and who may be asked there."""

    process: Process

    def environment(self, state: Path, **settings: str) -> dict[str, str]:
        """The whole environment of an operator with an account on each source."""
        return environment(**self.settings(state, *Source, **settings))

    def settings(self, state: Path, *sources: Source, **settings: str) -> dict[str, str]:
        """The settings of an operator with an account on these sources."""
        kept = {"TROPHYCASE_STATE_DIR": str(state)}
        return {**leading_to(self.process.address), **configured(*sources), **kept, **settings}

    def calls(self, path: str) -> int:
        """How often anything was asked whose address has this in it."""
        counted: dict[str, dict[str, int]] = self._control("GET", "calls").json()
        return sum(
            count for calls in counted.values() for name, count in calls.items() if path in name
        )

    def fail(self, path: str, **how: Any) -> None:
        """Let calls go wrong."""
        self._control("POST", "faults", {"path": path, **how})

    def change(self, **settings: Any) -> None:
        """Change the world's settings."""
        self._control("PATCH", "settings", settings)

    def reset(self) -> None:
        """Let everything go well again; tokens stay."""
        self._control("DELETE", "faults")

    def _control(self, method: str, name: str, content: Any = None) -> httpx.Response:
        address = f"{self.process.address}/_sandbox/{name}"
        response = httpx.request(method, address, json=content, timeout=SECONDS, trust_env=False)
        return response.raise_for_status()


def command(given: Mapping[str, str], *arguments: str, typed: str = "") -> Ran:
    """Run a command to its end, with what is typed on its standard input."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "server", *arguments],
        cwd=REPOSITORY,
        env=dict(given),
        input=typed,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def kept_in(state: Path) -> dict[str, Any]:
    """The tokens in a state directory."""
    return json.loads((state / KEPT).read_bytes())["tokens"]


def an_hour_passes(state: Path) -> None:
    """Let the access token in a state directory be one of long ago."""
    whole = json.loads((state / KEPT).read_bytes())
    whole["tokens"]["expires_at"] = 1.0
    (state / KEPT).write_text(json.dumps(whole))
