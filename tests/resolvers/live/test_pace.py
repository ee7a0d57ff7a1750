"""How long an account waits for its next poll."""

from resolvers.live.pace import Pace
from tests.virtual_time import use_virtual_time


def test_a_slower_pace_doubles_up_to_fifteen_intervals() -> None:
    pace, seconds = Pace(60), list[float]()
    for _ in range(6):
        pace.poll_again(is_slower=True)
        seconds.append(pace.seconds)

    assert seconds == [120, 240, 480, 900, 900, 900]


def test_a_player_who_comes_back_is_polled_an_interval_after_the_last_time() -> None:
    with use_virtual_time() as clock:
        pace = Pace(60)
        for _ in range(5):
            pace.poll_again(is_slower=True)
        polled_at = clock.now
        pace.speed_up()

        assert pace.due_at == polled_at + 60


def test_nobody_is_polled_sooner_than_an_interval_after_the_last_time() -> None:
    with use_virtual_time() as clock:
        pace = Pace(60)
        pace.poll_again(is_slower=False)
        clock.now += 20
        pace.resume()

        assert pace.due_at == clock.now + 40


def test_an_account_whose_source_sends_unlocks_is_polled_each_fifteen_minutes() -> None:
    assert [Pace(interval, is_pushed=True).seconds for interval in (1, 60, 120, 1800)] == [
        15,
        900,
        900,
        1800,
    ]
