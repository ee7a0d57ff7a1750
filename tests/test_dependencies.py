"""Dependencies: locked with hashes, without known vulnerabilities, with the members in use."""

import importlib
import inspect
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import hatchling.build
import pytest

from schema.fast_executor import FastPathExecutor
from schema.plan_executor import PlanExecutor
from server.runtime.connection_limit import ConnectionLimit
from server.runtime.graceful_shutdown import GracefulServer, GracefulWorker, Supervisor
from server.runtime.reload import Reloader
from server.runtime.socket_protocol import SocketProtocol

ROOT = Path(__file__).parent.parent
LOCK: dict[str, Any] = tomllib.loads((ROOT / "uv.lock").read_text())
PACKAGES: dict[str, Any] = {package["name"]: package for package in LOCK["package"]}
OWN_PACKAGE = "trophycase"

# The lowest versions without a published vulnerability: CVE-2026-35523, 35526, 47706, 47707 and
# 107727 in Strawberry, CVE-2026-48710 and 62727 in Starlette.
MINIMUM_VERSIONS = {"strawberry-graphql": (0, 327, 2), "starlette": (1, 0, 1)}

REQUIREMENT_FILES = ("requirements.txt", ".ci/requirements-dev.txt")
LOCKED_FILES = (*REQUIREMENT_FILES, "deploy/requirements.txt")
# Replaces python and uv: it logs how it is called, and creates what `venv` would.
RECORDER = """#!/bin/sh
echo "${0##*/} $*" >> "$LOG"
case "$*" in *"venv .venv") ln -s "$0" .venv/bin/python;; esac
"""

# The packages of which undocumented members are used, and those members by module and class.
PACKAGES_WITH_PRIVATE_USE = ("graphql-core", "strawberry-graphql", "uvicorn")
HTTP_PROTOCOL = "uvicorn.protocols.http.httptools_impl"
SOCKET_PROTOCOL = "uvicorn.protocols.websockets.websockets_sansio_impl"
USED_MEMBERS = {
    f"{HTTP_PROTOCOL}:": "STATUS_LINE",
    f"{HTTP_PROTOCOL}:HttpToolsProtocol": """
        app_state config connections cycle flow headers loop parser pipeline server_state
        transport ws_protocol_class _start_asgi_task _unset_keepalive_if_required connection_lost
        connection_made data_received eof_received on_body on_headers_complete on_message_begin
        on_message_complete on_response_complete on_url pause_writing resume_writing
        send_400_response""",
    f"{HTTP_PROTOCOL}:RequestResponseCycle": """
        disconnected keep_alive message_event more_body response_complete response_started
        scope transport waiting_for_100_continue""",
    f"{SOCKET_PROTOCOL}:WebSocketsSansIOProtocol": """
        close_timeout conn connection_lost connection_made connections data_received frames
        handle_cont handle_parser_exception handle_ping handshake_complete loop pause_writing
        resume_writing send shutdown transport""",
    "uvicorn.protocols.http.flow_control:FlowControl": "write_paused",
    "uvicorn.server:Server": "handle_exit on_tick run should_exit started startup",
    "uvicorn.server:ServerState": "connections default_headers",
    "uvicorn.lifespan.on:LifespanOn": "state",
    "uvicorn.supervisors.multiprocess:": "Process",
    "uvicorn.supervisors.multiprocess:Process": "_server is_ready target",
    "uvicorn.supervisors.multiprocess:Multiprocess": """
        keep_subprocess_alive processes run should_exit""",
    "uvicorn.supervisors.statreload:StatReload": "iter_py_files run",
    "uvicorn.middleware.proxy_headers:": "ProxyHeadersMiddleware",
    "strawberry.types.field:StrawberryField": "base_resolver extensions python_name",
    "strawberry.types.fields.resolver:StrawberryResolver": """
        info_parameter is_async parent_parameter self_parameter wrapped_func""",
    "strawberry.types.info:Info": "_raw_info",
    "strawberry.types.base:StrawberryObjectDefinition": "fields from_input origin",
    "strawberry.types.enum:StrawberryEnumDefinition": "values",
    "strawberry.federation.schema:": "FederationAny",
    "strawberry.federation.schema:Schema": "_schema schema_converter",
    "strawberry.schema.schema_converter:GraphQLCoreConverter": "type_map",
    "graphql.execution:Executor": """
        build build_resolve_info collect_subfields complete_awaitable_list_item_value
        complete_list_value complete_value execute_fields execute_operation fragment_definitions
        fragments handle_field_error hide_suggestions is_awaitable operation schema
        settle_in_background variable_values""",
    "graphql.execution.values:": "VariableValueSource VariableValues",
    "graphql.pyutils:": "Path gather_with_cancel",
    "graphql.language.visitor:Visitor": "get_enter_leave_for_kind",
    "graphql:GraphQLScalarType": "coerce_input_value coerce_output_value",
    "graphql:GraphQLObjectType": "is_type_of",
}
# Our subclasses, whose overriding methods have to take the arguments of the methods they override.
SUBCLASSES = (
    ConnectionLimit,
    SocketProtocol,
    GracefulServer,
    GracefulWorker,
    Supervisor,
    Reloader,
    FastPathExecutor,
    PlanExecutor,
)


def get_locked_version(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in PACKAGES[name]["version"].split("."))


@pytest.mark.parametrize("name", MINIMUM_VERSIONS)
def test_no_version_with_a_known_vulnerability_is_locked(name: str) -> None:
    assert get_locked_version(name) >= MINIMUM_VERSIONS[name]


@pytest.mark.parametrize("name", PACKAGES_WITH_PRIVATE_USE)
def test_packages_with_private_use_have_an_upper_bound(name: str) -> None:
    requirements = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (specifier,) = (each.removeprefix(name) for each in requirements if each.startswith(name))
    assert specifier.startswith("==") or "<" in specifier


@pytest.mark.parametrize(
    ("owner", "member"),
    [(owner, member) for owner, members in USED_MEMBERS.items() for member in members.split()],
)
def test_a_member_that_is_used_exists(owner: str, member: str) -> None:
    module_name, _, class_name = owner.partition(":")
    module = importlib.import_module(module_name)
    holder = getattr(module, class_name, None) if class_name else module
    assert holder is not None, f"{module_name} has no {class_name}, which is used here"
    assert has_member(holder, member), f"{owner} has no {member}, which is used here"


@pytest.mark.parametrize("subclass", SUBCLASSES, ids=lambda each: each.__name__)
def test_an_overriding_method_takes_the_arguments_of_the_overridden_one(
    subclass: type[object],
) -> None:
    own_classes = [
        each for each in subclass.__mro__ if each.__module__.startswith(("server", "schema"))
    ]
    base = next(each for each in subclass.__mro__ if each not in own_classes)
    names = {name for each in own_classes for name in vars(each) if not name.startswith("__")}
    for name in names:
        overridden, overriding = getattr(base, name, None), getattr(subclass, name)
        if inspect.isfunction(overridden) and inspect.isfunction(overriding):
            expected = list(inspect.signature(overridden).parameters)
            actual = list(inspect.signature(overriding).parameters)
            assert actual == expected, f"{base.__name__}.{name} takes {expected}, ours {actual}"


def has_member(holder: Any, name: str) -> bool:
    """Return whether a module or class has a member, or its instances do once they are created."""
    if hasattr(holder, name) or name in getattr(holder, "__annotations__", ()):
        return True
    classes: tuple[type[object], ...] = getattr(holder, "__mro__", ())
    # The names of the attributes that an initializer sets are names of its code.
    codes = (getattr(each.__init__, "__code__", None) for each in classes)
    return any(name in code.co_names for code in codes if code is not None)


def test_everything_that_is_locked_has_a_hash() -> None:
    files = [
        file
        for name, package in PACKAGES.items()
        if name != OWN_PACKAGE
        for file in [*package.get("wheels", []), package.get("sdist", {"hash": "sha256:"})]
    ]
    assert files
    assert {file["hash"].partition(":")[0] for file in files} == {"sha256"}


@pytest.mark.parametrize("name", LOCKED_FILES)
def test_pip_installs_what_is_locked(name: str) -> None:
    pinned = read_requirements(name)
    assert pinned
    assert {each: PACKAGES[each]["version"] for each in pinned} == {
        each: version for each, (version, _) in pinned.items()
    }


@pytest.mark.parametrize("name", LOCKED_FILES)
def test_pip_accepts_only_the_files_that_are_locked(name: str) -> None:
    """Holds that each requirement has its hashes, and no others than those of the lock."""
    for package, (_, hashes) in read_requirements(name).items():
        files = [*PACKAGES[package].get("wheels", []), PACKAGES[package].get("sdist", {})]
        assert hashes
        assert hashes <= {file.get("hash") for file in files}


@pytest.mark.slow
def test_what_builds_the_project_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds that a build needs nothing that is not among the requirements with hashes."""
    monkeypatch.chdir(ROOT)
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    needed = [*requires, *hatchling.build.get_requires_for_build_editable()]
    names = {re.split(r"[^\w-]", each)[0] for each in needed}
    assert "hatchling" in names
    for file in REQUIREMENT_FILES:
        assert names <= set(read_requirements(file))


@pytest.mark.slow
def test_the_project_is_built_by_what_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds that an installation builds without fetching anything: no test has a network."""
    monkeypatch.chdir(ROOT)
    wheel = hatchling.build.build_editable(str(tmp_path))
    assert (tmp_path / wheel).stat().st_size


def test_a_clone_can_be_built_with_what_the_build_requires() -> None:
    """Holds for `uv build` and `uv sync`: without isolation they would have no build backend."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]
    assert not {name for name in settings if "isolation" in name}


@pytest.mark.parametrize("target", [".venv/test", ".venv/dev"])
@pytest.mark.parametrize("has_uv", [True, False])
def test_make_fetches_nothing_without_a_hash(tmp_path: Path, target: str, *, has_uv: bool) -> None:
    """Holds that each command of an installation fetches wheels of known hashes, or nothing."""
    commands = record_installation(tmp_path, target, has_uv=has_uv)

    fetching, building = commands[-2:]
    if has_uv:
        assert fetching.startswith("uv sync ")
        assert {"--frozen", "--no-build", "--no-install-project"} <= set(fetching.split())
        assert {"--offline", "--no-deps", "--no-build-isolation"} <= set(building.split())
        assert len(commands) == 2
    else:
        assert "--require-hashes --only-binary :all: --requirement " in fetching
        assert fetching.split()[-1] in REQUIREMENT_FILES
        assert {"--no-index", "--no-deps", "--no-build-isolation"} <= set(building.split())
        assert commands[:-2] == ["python -m venv .venv"]


def record_installation(folder: Path, target: str, *, has_uv: bool) -> list[str]:
    """Return the commands that `make` runs for a target, none of which does anything here."""
    for name in ("Makefile", "pyproject.toml", "uv.lock", *REQUIREMENT_FILES):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    programs, log = folder / "programs", folder / "log"
    (folder / ".venv" / "bin").mkdir(parents=True)
    programs.mkdir()
    for name in ("ln", "make", "sh", "touch"):
        (programs / name).symlink_to(shutil.which(name) or "")
    for path in [programs / "python"] + [programs / "uv"] * has_uv:
        path.write_text(RECORDER)
        path.chmod(0o755)
    environment = {"PATH": str(programs), "LOG": str(log), "HOME": os.devnull}
    subprocess.run(  # noqa: S603
        [programs / "make", target, f"PYTHON={programs / 'python'}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=True,
    )
    return log.read_text().splitlines()


def read_requirements(name: str) -> dict[str, tuple[str, set[str]]]:
    """Return the version and the hashes of each package in a file for pip."""
    text = (ROOT / name).read_text().replace("\\\n", "")
    lines = [line for line in text.splitlines() if line[:1] not in ("", "#", " ")]
    found = [re.match(r"([\w.-]+)(?:\[[\w,]+\])?==([^ ;]+)", line) for line in lines]
    assert all(found)
    return {
        match[1]: (match[2], set(re.findall(r"--hash=(sha256:\w{64})", line)))
        for line, match in zip(lines, found, strict=True)
        if match
    }
