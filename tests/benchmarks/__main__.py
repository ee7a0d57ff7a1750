"""Processor time and latency of this server beside its peers.

    python -m tests.benchmarks            # all figures, some minutes
    python -m tests.benchmarks --write    # and replaces the tables in docs/performance.md
    python -m tests.benchmarks --quick    # checks answers and calls; its figures mean little

An upstream, this server and the peers are started as processes of their own and measured by turns.
Peers that are not installed are left out (`make benchmark` installs all).
"""

import argparse
import sys
import time
from collections.abc import Callable

from tests.benchmarks.speed import cases, report
from tests.benchmarks.speed.results import Results
from tests.benchmarks.speed.sampling import FULL, QUICK, Effort
from tests.benchmarks.speed.servers import SERVERS, Fleet, start_fleet

MEASUREMENTS: dict[str, Callable[[Fleet, Results, Effort], None]] = {
    "answers": cases.check_answers,
    "warm": cases.measure_warm,
    "cold": cases.measure_cold,
    "latency": cases.measure_latency,
    "revalidation": cases.measure_revalidation,
    "timeline": cases.measure_timeline,
    "pass-through": cases.measure_pass_through,
    "first sight": cases.measure_first_sight,
    "memory": cases.measure_memory,
}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round of each")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, help="and check the answers")
    return parser.parse_args()


def main() -> None:
    """Check, measure and print."""
    options = parse_arguments()
    results = Results(left_out=[name for name, each in SERVERS.items() if not each.is_installed()])
    with start_fleet(*SERVERS) as fleet:
        _report_progress("start")
        for name, measure in MEASUREMENTS.items():
            if name == "answers" or not options.only or name in options.only:
                measure(fleet, results, QUICK if options.quick else FULL)
                _report_progress(name)
    tables = report.render(results)
    sys.stdout.write(tables)
    if options.write:
        report.write_section(tables)


STARTED = time.monotonic()


def _report_progress(text: str) -> None:
    sys.stderr.write(f"{time.monotonic() - STARTED:5.0f} s  {text}\n")


if __name__ == "__main__":
    main()
