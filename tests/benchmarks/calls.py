"""Upstream calls made by upstream calls possible at best, and rounds, for every case we care about.

    python -m tests.benchmarks.calls [WORD]

Cases are counted over the sandbox, on a clock that only upstream calls move: every figure comes out
the same on every machine. With a word, only the cases whose group has it in its name are counted.
"""

import sys

from tests.benchmarks import (
    alike_cases,
    people_cases,
    retro_cases,
    timeline_cases,
    title_cases,
)
from tests.benchmarks.row import HEADER, Case, printed

GROUPS: dict[str, Case] = {
    "titles": title_cases.by_number_of_titles,
    "selections": title_cases.by_selection,
    "handles": title_cases.by_handle,
    "friends": people_cases.friends,
    "games": people_cases.games,
    "retro progress": retro_cases.progress,
    "retro history": retro_cases.history,
    "retro names": retro_cases.names,
    "retro awards": retro_cases.site_awards,
    "identical": alike_cases.identical,
    "failures": alike_cases.failures,
    "timeline earned": timeline_cases.earned,
    "timeline locked": timeline_cases.left,
    "timeline sources": timeline_cases.sources,
}


def main(arguments: list[str]) -> int:
    """Print the table; how many lines are neither best nor explained."""
    word = arguments[0] if arguments else ""
    unexplained = 0
    sys.stdout.write(HEADER + "\n")
    for name, case in GROUPS.items():
        if word not in name:
            continue
        for row in case():
            sys.stdout.write(printed(row) + "\n")
            sys.stdout.flush()
            unexplained += not row.is_best and not row.why
    sys.stdout.write(f"{unexplained} not explained\n")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
