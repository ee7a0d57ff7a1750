"""A sandbox for the processes of commands, which call it over a socket."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from providers.registry import Source
from tests.harness import operator_settings, sandbox_url_settings
from tests.server.runtime.server_process import (
    TIMEOUT_SECONDS,
    Process,
    build_environment,
)

TOKEN_FILE = "psn.json"


@dataclass(frozen=True)
class SandboxProcess:
    """A sandbox that serves its upstreams on a socket."""

    process: Process

    def build_environment(self, state: Path, **settings: str) -> dict[str, str]:
        """Return the environment of an operator with an account on each source."""
        return build_environment(**self.build_settings(state, *Source, **settings))

    def build_settings(self, state: Path, *sources: Source, **settings: str) -> dict[str, str]:
        """Return the settings of an operator with an account on these sources."""
        state_setting = {"TROPHYCASE_STATE_DIR": str(state)}
        return {
            **sandbox_url_settings(self.process.address),
            **operator_settings(*sources),
            **state_setting,
            **settings,
        }

    def count_calls(self, path: str) -> int:
        """Return the number of calls to paths that contain this one."""
        calls_by_source: dict[str, dict[str, int]] = self._send_control("GET", "calls").json()
        return sum(
            count
            for calls in calls_by_source.values()
            for name, count in calls.items()
            if path in name
        )

    def inject_fault(self, path: str, **fault: Any) -> None:
        """Inject a fault into the calls to matching paths."""
        self._send_control("POST", "faults", {"path": path, **fault})

    def change_settings(self, **settings: Any) -> None:
        """Change settings of the sandbox."""
        self._send_control("PATCH", "settings", settings)

    def reset(self) -> None:
        """Remove the faults and the counts of calls; tokens stay valid."""
        self._send_control("DELETE", "faults")

    def _send_control(self, method: str, name: str, content: Any = None) -> httpx.Response:
        address = f"{self.process.address}/_sandbox/{name}"
        response = httpx.request(
            method, address, json=content, timeout=TIMEOUT_SECONDS, trust_env=False
        )
        return response.raise_for_status()


def read_tokens(state: Path) -> dict[str, Any]:
    """Return the tokens in a state directory."""
    return json.loads((state / TOKEN_FILE).read_bytes())["tokens"]


def expire_access_token(state: Path) -> None:
    """Make the access token in a state directory expired."""
    content = json.loads((state / TOKEN_FILE).read_bytes())
    content["tokens"]["expires_at"] = 1.0
    (state / TOKEN_FILE).write_text(json.dumps(content))
