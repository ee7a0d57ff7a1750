"""Search for the costliest operation that the limits accept.

    python -m tests.benchmarks.costliest_operation [EXAMPLES]

Hypothesis generates operations with aliases, fragments, connections of all sizes, introspection and
ids, and steers towards those that take longest. Each runs on the sandbox with the default limits,
twice, so that the second finds everything in memory: what it takes then is the event loop's time.
"""

import sys
import time
import tracemalloc
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, settings, target
from hypothesis import strategies as st

from schema.global_id import encode
from tests.harness import RunningServer, run_server

EXAMPLES = 100
ACCOUNTS = '[{source: PSN, handle: "me"}, {source: RETRO_ACHIEVEMENTS, handle: "VegaNorth"}]'
ACHIEVEMENT = (
    "id nativeId name description earned earnedAt hidden points { value unit } "
    "rarity { percent band } icon { url }"
)
SELECTIONS = (
    f"achievements(first: %d) {{ edges {{ node {{ {ACHIEVEMENT} title {{ id name }} }} }} }}",
    f"achievements(first: %d, state: LOCKED) {{ edges {{ node {{ {ACHIEVEMENT} }} }} }}",
    "trophyTitles(first: %d) { edges { cursor node { id name progress icon { url } } } }",
    f"trophyTitles(first: %d) {{ edges {{ node {{ id achievements {{ {ACHIEVEMENT} }} }} }} }}",
    "awards(first: %d) { edges { node { id awardedAt title { id name } } } }",
)
INTROSPECTION = (
    "__schema { types { name fields { name description type { name ofType { name } } } } }"
)


@dataclass
class Worst:
    """The costliest operation so far, in seconds with everything in memory."""

    seconds: float = 0
    query: str = ""
    sizes: dict[str, int] = field(default_factory=dict[str, int])


@st.composite
def operations(draw: st.DrawFn) -> str:
    """Generate a document; most are within the limits."""
    size = st.sampled_from((1, 10, 50, 98, 99, 100))
    count = draw(st.integers(1, 40))
    selection = draw(st.sampled_from(SELECTIONS))
    vary = draw(st.booleans())
    first = draw(size)
    body = " ".join(
        f"a{number}: {selection % (max(1, first - number) if vary else first)}"
        for number in range(count)
    )
    spreads = draw(st.integers(0, 60))
    parts = [f"user(accounts: {ACCOUNTS}) {{ {body} {'...F ' * spreads} }}"]
    if draw(st.booleans()):
        parts.append(f"i0: {INTROSPECTION}")
    ids = draw(st.integers(0, 100))
    if ids:
        text = encode("User", "PSN", "x" * draw(st.integers(1, 2_000)))
        listed = ", ".join([f'"{text}"'] * ids)
        parts.append(f"nodes(ids: [{listed}]) {{ id }}")
    fragment = "fragment F on User { id displayName avatar { url } accounts { id handle } }"
    return f"{{ {' '.join(parts)} }} {fragment if spreads else ''}"


def measure(server: RunningServer, query: str) -> tuple[float, int]:
    """Return the CPU seconds of the second run and the bytes of its response."""
    server.execute(query)
    started = time.process_time()
    answer = server.execute(query)
    return time.process_time() - started, int(answer.headers["content-length"])


def search(server: RunningServer, examples: int) -> Worst:
    """Search with so many examples."""
    worst = Worst()

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate, Phase.target],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(operations())
    def run(query: str) -> None:
        seconds, size = measure(server, query)
        target(seconds)
        if seconds > worst.seconds:
            worst.seconds, worst.query, worst.sizes = (
                seconds,
                query,
                {"in": len(query), "out": size},
            )

    run()
    return worst


def main() -> None:
    """Search, and print the costliest operation with its time, its sizes and its memory."""
    examples = int(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLES
    with run_server(TROPHYCASE_MAX_FIELDS="60000", TROPHYCASE_MAX_CALLS="400") as server:
        worst = search(server, examples)
        tracemalloc.start()
        measure(server, worst.query)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    print(f"examples {examples}, worst {worst.seconds * 1000:.0f} ms")  # noqa: T201 - its purpose
    print(f"bytes in {worst.sizes['in']:,}, out {worst.sizes['out']:,}, peak {peak / 1e6:.0f} MB")  # noqa: T201
    print(worst.query[:400])  # noqa: T201


if __name__ == "__main__":
    main()
