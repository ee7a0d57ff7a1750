"""A program in processes of its own, and the processor time and memory that they take."""

import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

REPOSITORY = Path(__file__).parents[3]
KIB = 1024
START_SECONDS = 60
# A clock of the kernel for a process: its number is made from the process id (CPUCLOCK_SCHED).
CLOCK_KIND, CLOCK_SHIFT = 2, 3


@dataclass(frozen=True)
class StartFailed(Exception):
    """A program that ended, or printed no URL, with the end of what it printed."""

    output: str


class Program:
    """A program that serves HTTP and prints its URL; started by `with`, and ended at its end."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._output: IO[str] = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed at the end
        self._process = subprocess.Popen(  # noqa: S603 - ours
            command, cwd=REPOSITORY, env=environment, stdout=self._output, stderr=self._output
        )
        self._url = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait()
        self._output.close()

    @property
    def url(self) -> str:
        """The URL, as soon as it is printed."""
        deadline = time.monotonic() + START_SECONDS
        while not self._url:
            self._output.seek(0)
            text = self._output.read()
            found = re.search(r"http://127\.0\.0\.1:\d+", text)
            if found:
                self._url = found.group()
            elif self._process.poll() is not None or time.monotonic() > deadline:
                raise StartFailed(text[-2000:])
            else:
                time.sleep(0.02)
        return self._url

    def read_cpu_seconds(self) -> float:
        """Return the user and system time of the process and its children until now."""
        return sum(
            time.clock_gettime((~pid << CLOCK_SHIFT) | CLOCK_KIND)
            for pid in _list_processes(self._process.pid)
        )

    def read_memory(self) -> int:
        """Return the resident bytes of the process and its children."""
        return self._sum_status("VmRSS")

    def read_peak_memory(self) -> int:
        """Return the most resident bytes since the start, or since `reset_peak_memory`."""
        return self._sum_status("VmHWM")

    def reset_peak_memory(self) -> None:
        """Let the peak begin at what is resident now."""
        for pid in _list_processes(self._process.pid):
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def _sum_status(self, name: str) -> int:
        return sum(_read_status(pid, name) for pid in _list_processes(self._process.pid))


def _list_processes(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _list_processes(int(child))


def _read_status(pid: int, name: str) -> int:
    found = re.search(
        rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE
    )
    return int(found[1]) * KIB if found else 0
