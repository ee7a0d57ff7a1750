"""Upstream calls and rounds of every important case, beside the fewest possible.

    python -m tests.benchmarks.calls [WORD]

The cases run over the sandbox on a virtual clock that only upstream calls advance, so every figure
is the same on every machine. With WORD, only the groups with it in their name are run.
"""

import sys

from tests.benchmarks import (
    coalescing_cases,
    people_cases,
    retroachievements_cases,
    steam_cases,
    timeline_cases,
    title_cases,
    trophy_so_cases,
    unlock_cases,
    xbox_cases,
)
from tests.benchmarks.result_table import HEADER, Case, format_row

CASE_GROUPS: dict[str, Case] = {
    "titles": title_cases.measure_by_title_count,
    "selections": title_cases.measure_by_selection,
    "single title": title_cases.measure_single_title,
    "handles": title_cases.measure_by_handle,
    "friends": people_cases.measure_friends,
    "games": people_cases.measure_played_games,
    "recently played": people_cases.measure_recently_played,
    "retro progress": retroachievements_cases.measure_progress,
    "retro facts": retroachievements_cases.measure_title_facts,
    "retro history": retroachievements_cases.measure_unlock_history,
    "retro names": retroachievements_cases.measure_names,
    "retro award titles": retroachievements_cases.measure_award_titles,
    "retro awards": retroachievements_cases.measure_site_awards,
    "retro week": retroachievements_cases.measure_achievement_of_the_week,
    "retro follows": retroachievements_cases.measure_follows,
    "retro leaderboards": retroachievements_cases.measure_leaderboards,
    "steam titles": steam_cases.measure_titles,
    "steam whole titles": steam_cases.measure_whole_titles,
    "steam timeline": steam_cases.measure_timeline,
    "steam people": steam_cases.measure_people,
    "steam documented": steam_cases.measure_documented,
    "trophy users": trophy_so_cases.measure_users,
    "xbox titles": xbox_cases.measure_titles,
    "xbox whole titles": xbox_cases.measure_whole_titles,
    "xbox timeline": xbox_cases.measure_timeline,
    "xbox people": xbox_cases.measure_people,
    "xbox routes": xbox_cases.measure_routes,
    "identical": coalescing_cases.measure_identical_reads,
    "failures": coalescing_cases.measure_failures,
    "timeline earned": timeline_cases.measure_earned,
    "timeline locked": timeline_cases.measure_locked,
    "timeline sources": timeline_cases.measure_sources,
    "unlocks": unlock_cases.measure_psn,
    "unlocks compared": unlock_cases.measure_comparison,
    "unlocks elsewhere": unlock_cases.measure_other_sources,
}


def main(arguments: list[str]) -> int:
    """Print the table; return 1 if a row is neither best nor explained."""
    name_filter = arguments[0] if arguments else ""
    unexplained = 0
    sys.stdout.write(HEADER + "\n")
    for name, case in CASE_GROUPS.items():
        if name_filter not in name:
            continue
        for row in case():
            sys.stdout.write(format_row(row) + "\n")
            sys.stdout.flush()
            unexplained += not row.is_best and not row.explanation
    sys.stdout.write(f"{unexplained} not explained\n")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
