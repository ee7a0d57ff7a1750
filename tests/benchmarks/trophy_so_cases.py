"""Trophy.so: streaks of many users, points and places."""

from collections.abc import Iterator

from providers.trophy_so.sandbox.models import User
from schema.global_id import encode
from tests.benchmarks.call_benchmark import start_benchmark
from tests.benchmarks.result_table import Row

KEYS = 'points(key: "experience") { total level { name } } leaderboard(key: "most-notes") { rank }'
QUERY = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on TrophySoAccount { %s } } }"


def measure_users() -> Iterator[Row]:
    """Measure many users in one operation: lengths of streaks come a hundred to a call."""
    for name, fields, users, best in (
        ("lengths of the streaks of 100 users", "streak { length extendedAt }", 100, 1),
        ("the streak of a user with its history", "streak { frequency history { length } }", 1, 1),
        ("a long history of a streak", "streak { history(periods: 90) { length } }", 1, 1),
        ("points and place of a user", KEYS, 1, 2),
    ):
        with start_benchmark() as benchmark:
            added = [User(f"u{number}", streak=number) for number in range(users)]
            benchmark.server.trophy_so.database.users.update({user.id: user for user in added})
            ids = [encode("TrophySoAccount", "TROPHY_SO", user.id) for user in added]
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(QUERY % fields, {"ids": ids})
        yield Row.from_measurement(name, measured, best, 1)
