"""Another distribution's modules never run in place of ours."""

import subprocess
import sys
from pathlib import Path

import pytest

from server.sibling_packages import SIBLINGS, is_sibling
from tests.server.runtime.server_process import REPOSITORY, TIMEOUT_SECONDS, build_environment

pytestmark = pytest.mark.slow

FOREIGN_CODE = "import sys; sys.stdout.write('foreign code ran')"


@pytest.mark.slow
@pytest.mark.parametrize("name", SIBLINGS)
@pytest.mark.parametrize("file", ["{}.py", "{}/__init__.py"])
def test_a_module_of_the_same_name_stops_the_program_in_one_line(
    tmp_path: Path, name: str, file: str
) -> None:
    """Holds that it is named, and that nothing of it runs."""
    module = tmp_path / file.format(name)
    module.parent.mkdir(exist_ok=True)
    module.write_text(FOREIGN_CODE)

    ended = subprocess.run(
        [sys.executable, "-m", "server", "schema"],
        cwd=tmp_path,
        env=build_environment(PYTHONPATH=str(REPOSITORY)),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"trophycase: `{name}` is not the one beside `server`; start it as `python -m trophycase`\n"
    )


@pytest.mark.parametrize("name", SIBLINGS)
def test_the_packages_of_this_repository_belong_together(name: str) -> None:
    assert is_sibling(name)


def test_what_is_not_there_or_not_ours_is_no_sibling() -> None:
    assert not is_sibling("no_such_package_at_all")
    assert not is_sibling("httpx")
