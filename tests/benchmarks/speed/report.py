"""The tables of a run, as Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from tests.benchmarks.speed.cases import COLD_SIZES, LATENCY_SIZES, WARM_SIZES
from tests.benchmarks.speed.goals import list_goals
from tests.benchmarks.speed.process import REPOSITORY
from tests.benchmarks.speed.results import Quantity, Results, read_cpu, read_wall

MILLISECONDS = 1000
DOCUMENT = REPOSITORY / "docs" / "performance.md"
BEGIN, END = "<!-- measured -->", "<!-- end of measured -->"


def write_section(tables: str) -> None:
    """Replace what is between the markers in docs/performance.md."""
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{tables}{END}{after}")


def render(results: Results) -> str:
    """Render all tables."""
    tables = (
        _render_goals(results),
        _render_cases(results, "warm", (*WARM_SIZES, "timeline"), read_cpu, "ms of processor time"),
        _render_cases(results, "cold", COLD_SIZES, read_cpu, "ms of processor time"),
        _render_cases(results, "latency", LATENCY_SIZES, read_wall, "ms over 40 ms"),
        (f"Left out, because it is not installed: {name}." for name in results.left_out),
    )
    texts = ("".join(f"{line}\n" for line in lines) for lines in tables)
    return "\n".join(text for text in texts if text)


def _render_goals(results: Results) -> Iterator[str]:
    yield "| ratio | median (range) | goal | |"
    yield "| --- | --: | --: | --- |"
    for goal in list_goals(results):
        if goal.ratio is None and not results.left_out:
            continue
        ratio = goal.ratio.format(_format_ratio) if goal.ratio else "not measured"
        limit = "" if goal.limit is None else f"at most {goal.limit:g}"
        yield f"| {goal.what} | {ratio} | {limit} | {'' if goal.is_reached else 'missed'} |"


def _render_cases(
    results: Results, state: str, sizes: Sequence[str], read: Quantity, unit: str
) -> Iterator[str]:
    """Render a row for each server and a column for each size."""
    sizes = [size for size in sizes if f"{state} {size}" in results.samples]
    cases = [f"{state} {size}" for size in sizes]
    names = dict.fromkeys(name for case in cases for name in results.samples.get(case, {}))
    if not names:
        return
    yield _render_row([f"{state}, {unit}", *sizes])
    yield _render_row(["---", *("--:" for _ in sizes)])
    for name in names:
        figures = (
            results.get_figure(case, name, read).format(_format_milliseconds)
            if results.has(case, name)
            else ""
            for case in cases
        )
        yield _render_row([name, *figures])


def _render_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _format_ratio(value: float) -> str:
    return f"{value:.3g}"


def _format_milliseconds(seconds: float) -> str:
    return f"{seconds * MILLISECONDS:.3g}"
