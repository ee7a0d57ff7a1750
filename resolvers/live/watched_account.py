"""A watched account: who listens to it, and how often it is looked at."""

import time
from dataclasses import dataclass

from resolvers.live.pace import Pace
from resolvers.live.watcher import Watcher

# Each time that so many polls had nothing new it is asked whether the player is there.
QUIET_POLLS = 5
# How long a presence that the source does not show is not requested again.
HIDDEN_SECONDS = 3600.0


@dataclass
class WatchedAccount:
    """An account: how many listen to it here, and until when another process wants it.

    `is_away` tells that the player is known not to be there. `expected_calls` are those of the last
    poll.
    """

    watcher: Watcher
    pace: Pace
    listener_count: int = 0
    wanted_until: float = float("-inf")
    expected_calls: int = 1
    is_running: bool = False
    is_away: bool = False
    quiet_polls: int = 0
    presence_hidden_until: float = float("-inf")

    @property
    def has_presence(self) -> bool:
        """Whether the source may show if the player is there."""
        return time.monotonic() >= self.presence_hidden_until

    @property
    def account_id(self) -> str:
        """The account's id."""
        return self.watcher.key.account_id

    @property
    def is_wanted(self) -> bool:
        """Whether anything listens to it."""
        return self.listener_count > 0 or time.monotonic() < self.wanted_until

    @property
    def should_ask_presence(self) -> bool:
        """Whether nothing is new for long enough that the player may be away."""
        is_quiet = self.quiet_polls > 0 and self.quiet_polls % QUIET_POLLS == 0
        return self.has_presence and (self.is_away or is_quiet)

    def note_presence(self, *, is_online: bool | None) -> None:
        """Note whether the player is there; one of whom it is not known is taken to be."""
        if is_online is None:
            self.presence_hidden_until = time.monotonic() + HIDDEN_SECONDS
        was_away, self.is_away = self.is_away, is_online is False
        if was_away and not self.is_away:
            self.pace.speed_up()

    def note_poll(self, *, is_new: bool) -> None:
        """Set the time of the next poll after one that has ended."""
        self.quiet_polls = 0 if is_new else self.quiet_polls + 1
        is_slower = self.is_away and not is_new
        self.pace.poll_again(is_slower=is_slower, at_once=self.watcher.has_more)
