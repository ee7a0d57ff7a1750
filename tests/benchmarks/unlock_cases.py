"""What is computed from everything that a player has earned: counts and the rarest achievements."""

from collections.abc import Iterator
from typing import Any

from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from providers.psn.sandbox.models import Account
from tests.benchmarks.call_benchmark import Benchmark, start_benchmark
from tests.benchmarks.queries import OWNER_VARIABLES
from tests.benchmarks.result_table import Row
from tests.benchmarks.sandbox_data import add_psn_titles, add_retro_player

TITLES = 100
RETRO_HANDLE = "Weaver"
RETRO_VARIABLES: dict[str, Any] = {
    "accounts": [{"source": "RETRO_ACHIEVEMENTS", "handle": RETRO_HANDLE}]
}


def _build_query(field: str, selection: str) -> str:
    return f"""
    query ($accounts: [AccountInput!]!) {{
      user(accounts: $accounts) {{ {field} {{ {selection} }} }}
    }}"""


def _build_statistics(by: str) -> str:
    return _build_query(f"statistics(by: {by}, maxTitles: 1000)", "total buckets { key count }")


RAREST = _build_query(
    "rarest(first: 10, maxTitles: 1000)", "edges { node { rarity { percent } earnedAt } }"
)
MILESTONES = _build_query(
    "milestones(maxTitles: 1000)", "totalCount edges { node { kind number achievedAt } }"
)
NAMED_RAREST = RAREST.replace("earnedAt", "earnedAt name title { name }")


def measure_psn() -> Iterator[Row]:
    """Measure a player of a hundred titles on PlayStation Network."""
    for name, query, opened in (
        ("counts by source", _build_statistics("SOURCE"), 0),
        ("counts by grade", _build_statistics("GRADE"), 0),
        ("counts by platform", _build_statistics("PLATFORM"), 0),
        ("counts by day", _build_statistics("DAY"), TITLES),
        ("counts by rarity", _build_statistics("RARITY"), TITLES),
        ("the ten rarest", RAREST, TITLES),
        ("milestones", MILESTONES, TITLES),
    ):
        with start_benchmark() as benchmark:
            add_psn_titles(benchmark.server.psn, OWNER_ACCOUNT_ID, TITLES)
            own = f"{TITLES} titles: {name}"
            yield _measure(benchmark, own, query, OWNER_VARIABLES, (1 + opened, 1 + bool(opened)))
            yield _measure(benchmark, f"{own}, again", query, OWNER_VARIABLES, (0, 0))
    with start_benchmark() as benchmark:
        add_psn_titles(benchmark.server.psn, OWNER_ACCOUNT_ID, TITLES)
        yield _measure(
            benchmark,
            f"{TITLES} titles: counts by day",
            _build_statistics("DAY"),
            OWNER_VARIABLES,
            (1 + TITLES, 2),
        )
        yield _measure(
            benchmark, "  then by rarity", _build_statistics("RARITY"), OWNER_VARIABLES, (0, 0)
        )
        named = len({_name_title(each) for each in _fetch_rarest(benchmark)})
        yield _measure(
            benchmark, "  then the ten rarest, named", NAMED_RAREST, OWNER_VARIABLES, (named, 1)
        )


def measure_comparison() -> Iterator[Row]:
    """Measure people who have some titles in common."""
    for count in (2, 5):
        with start_benchmark() as benchmark:
            people = [OWNER_ACCOUNT_ID, *(str(5 * 10**18 + number) for number in range(1, count))]
            for number, each in enumerate(people):
                benchmark.server.psn.database.accounts.setdefault(each, Account(each, f"p{number}"))
                add_psn_titles(benchmark.server.psn, each, TITLES)
            accounts = [[{"source": "PSN", "handle": each}] for each in people]
            for name, selection, best in (
                ("counts", "people { earnedCount }", (count, 1)),
                ("who was first", "achievements { first }", (10 * count, 1)),
                ("with names", "achievements { first achievement { name } }", (10, 1)),
                ("all of it again", "achievements { first achievement { name } }", (0, 0)),
            ):
                query = _build_comparison(f"edges {{ node {{ title {{ name }} {selection} }} }}")
                case = f"{count} people, first 10 of {TITLES} titles in common: {name}"
                yield _measure(benchmark, case, query, {"accounts": accounts}, best)
            case = f"{count} people, one title: who was first, with names"
            query = _build_comparison(
                "edges { node { achievements { first achievement { name } } } }",
                ', source: PSN, nativeId: "NPWR20099_00"',
            )
            yield _measure(benchmark, case, query, {"accounts": accounts}, (1 + count, 1))


def _build_comparison(selection: str, arguments: str = "") -> str:
    return f"""
    query ($accounts: [[AccountInput!]!]!) {{
      compare(accounts: $accounts {arguments}) {{ {selection} }}
    }}"""


def measure_other_sources() -> Iterator[Row]:
    """Measure the other sources with titles."""
    for by, calls, rounds in (("SOURCE", 1, 1), ("DAY", 1, 1), ("RARITY", 1 + 60, 2)):
        with start_benchmark() as benchmark:
            add_retro_player(benchmark.server.retro, RETRO_HANDLE, 60)
            name = f"RetroAchievements, 60 games: counts by {by}"
            query = _build_statistics(by)
            yield _measure(benchmark, name, query, RETRO_VARIABLES, (calls, rounds))
    with start_benchmark() as benchmark:
        add_retro_player(benchmark.server.retro, RETRO_HANDLE, 60)
        name = "RetroAchievements, 60 games: milestones"
        yield _measure(benchmark, name, MILESTONES, RETRO_VARIABLES, (2, 1))


def _fetch_rarest(benchmark: Benchmark) -> list[Any]:
    query = RAREST.replace("earnedAt", "title { nativeId }")
    data = benchmark.server.fetch_data(query, OWNER_VARIABLES)
    return data["user"]["rarest"]["edges"]


def _name_title(edge: Any) -> str:
    return edge["node"]["title"]["nativeId"]


def _measure(
    benchmark: Benchmark,
    name: str,
    query: str,
    variables: dict[str, Any],
    best: tuple[int, int],
) -> Row:
    with benchmark.measure() as measured:
        benchmark.server.fetch_data(query, variables)
    return Row.from_measurement(name, measured, *best)
