"""What the wheel installs, beside other distributions, and that the installed program serves.

With `WHEEL_PYTHON`, the interpreter of an environment in which pip has installed the wheel and the
`schema` distribution, that one is tested; otherwise one that is made here without a network.
"""

import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import hatchling.build
import httpx
import pytest

import trophycase
from providers.kit.upstream.user_agent import USER_AGENT
from server.explorer.page import is_explorer_built
from tests.server.runtime.forked_process import RunningProcess, Stream
from tests.server.runtime.server_process import (
    REPOSITORY,
    TIMEOUT_SECONDS,
    ask,
    build_environment,
    start_process,
)

pytestmark = pytest.mark.slow

SHARED_NAMES = ("schema", "server", "resolvers", "providers")
# Some program's own package, which a module of the same name must not replace, nor run in ours.
FOREIGN_MODULE = "class Schema: pass\n"
MODULE = ("-m", "trophycase")
SCRIPT = (
    "-c",
    (
        "import sys, importlib.metadata as m;"
        "(script,) = m.entry_points(group='console_scripts', name='trophycase');"
        "sys.exit(script.load()())"
    ),
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        return folder / hatchling.build.build_wheel(str(folder))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the interpreter of an environment with the wheel, beside modules of our names."""
    given = os.environ.get("WHEEL_PYTHON")
    if given:
        return str(Path(given).absolute())
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    paths = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", vars=paths))
    for name in SHARED_NAMES:
        (packages / f"{name}.py").write_text(FOREIGN_MODULE)
    zipfile.ZipFile(wheel).extractall(packages)
    # The dependencies alone: what our own `.pth` among them names is not read from there.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return str(folder / "bin" / "python")


def build_starter(
    python: str, command: Sequence[str]
) -> Callable[[Sequence[str], Mapping[str, str], Path, Sequence[Stream]], RunningProcess]:
    """Return a function that starts the installed program."""

    def start(
        arguments: Sequence[str], given: Mapping[str, str], folder: Path, streams: Sequence[Stream]
    ) -> RunningProcess:
        stdin, stdout, stderr = streams
        return subprocess.Popen(  # noqa: S603 - our own program
            [python, *command, *arguments],
            cwd=folder,
            env=given,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )

    return start


def run_python(python: str, folder: Path, *arguments: str) -> str:
    return subprocess.run(  # noqa: S603 - our own program
        [python, *arguments],
        cwd=folder,
        env=build_environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=True,
    ).stdout


def test_the_wheel_has_one_module_and_one_private_folder(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    metadata = f"trophycase-{project['version']}.dist-info"

    assert {name.partition("/")[0] for name in names} == {"trophycase.py", "_trophycase", metadata}
    assert {name.split("/")[1] for name in names if name.startswith("_")} == set(SHARED_NAMES)
    assert not [name for name in names if "node_modules" in name or "tests" in name]


def test_the_wheel_has_the_explorer_that_is_built(wheel: Path) -> None:
    files = [name.removeprefix("_trophycase/") for name in zipfile.ZipFile(wheel).namelist()]

    assert ("server/explorer/dist/explorer.js" in files) == is_explorer_built()


def test_the_wheel_has_the_files_of_the_pages(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    folder = REPOSITORY / "server" / "pages"
    files = [
        path for each in ("html", "operations", "static") for path in (folder / each).iterdir()
    ]

    assert len(files) > 10
    assert {f"_trophycase/{path.relative_to(REPOSITORY)}" for path in files} <= names


def test_a_package_of_the_same_name_works_beside_it(python: str, tmp_path: Path) -> None:
    code = "from schema import Schema; import trophycase; from schema import Schema; print('well')"

    assert run_python(python, tmp_path, "-c", code) == "well\n"


def test_the_version_is_that_of_the_metadata_and_of_requests_to_upstreams() -> None:
    assert f"trophycase/{trophycase.__version__}" == USER_AGENT


def test_the_installed_program_prints_the_version_of_the_project(
    python: str, tmp_path: Path
) -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]

    assert (
        run_python(python, tmp_path, *MODULE, "--version") == f"trophycase {project['version']}\n"
    )


def test_ctrl_c_while_the_program_is_imported_is_no_traceback(tmp_path: Path) -> None:
    packages = tmp_path / "_trophycase" / "server"
    packages.mkdir(parents=True)
    (packages / "__init__.py").touch()
    (packages / "__main__.py").write_text("raise KeyboardInterrupt\n")
    program = tmp_path / "trophycase.py"
    program.write_text((REPOSITORY / "trophycase.py").read_text())
    ended = subprocess.run(  # noqa: S603
        [sys.executable, program], capture_output=True, timeout=TIMEOUT_SECONDS, check=False
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"")


@pytest.mark.parametrize("command", [MODULE, SCRIPT], ids=["module", "script"])
def test_the_installed_program_serves_the_explorer_and_answers(
    python: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """Holds in a folder with packages of our names."""
    for name in SHARED_NAMES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('foreign code ran')")
    start = build_starter(python, command)
    with start_process("serve", "--sandbox", folder=tmp_path, start=start) as process:
        page = httpx.get(
            f"{process.address}/graphql", headers={"Accept": "text/html"}, trust_env=False
        )
        case = httpx.get(process.address, headers={"Accept": "text/html"}, trust_env=False)
        style = httpx.get(f"{process.address}/assets/page.css", trust_env=False)
        answer = ask(process.address, trust_env=False).json()

    assert (case.status_code, style.status_code) == (200, 200)
    assert "Newest unlocks" in case.text
    assert (page.status_code, "explorer.js" in page.text) == (200, is_explorer_built())
    assert len(answer["data"]["viewer"]["achievements"]["edges"]) == 5


@pytest.mark.parametrize("command", [MODULE, SCRIPT], ids=["module", "script"])
def test_the_workers_of_the_installed_program_answer(
    python: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    given = build_environment(TROPHYCASE_CACHE_URL=f"sqlite:///{tmp_path / 'cache.db'}")
    start = build_starter(python, command)
    with start_process(
        "--sandbox", "--workers", "2", env=given, folder=tmp_path, start=start
    ) as process:
        answer = ask(process.address, "{ __typename }", trust_env=False).json()

    assert answer["data"] == {"__typename": "Query"}


def test_the_repository_starts_by_the_same_name(tmp_path: Path) -> None:
    given = build_environment(PYTHONPATH=str(REPOSITORY))
    start = build_starter(sys.executable, MODULE)
    with start_process("--sandbox", env=given, folder=tmp_path, start=start) as process:
        answer = ask(process.address, "{ __typename }", trust_env=False).json()

    assert answer["data"] == {"__typename": "Query"}
