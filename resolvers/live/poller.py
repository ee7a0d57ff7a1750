"""The polls with one credential: one watcher for each watched account, however many listen."""

import asyncio
import contextlib
import logging
import time
from contextvars import Context
from dataclasses import dataclass, field

from cachetools import LRUCache

from providers.capabilities import Client
from providers.errors import ProviderError
from providers.kit.request_context import RequestContext, set_current
from resolvers.live.account_reader import AccountReader
from resolvers.live.pace import Pace
from resolvers.live.poll_budget import PollBudget, PollShareUsed
from resolvers.live.watcher import Watcher

log = logging.getLogger("trophycase.live")

CALLER_NAME = "live"
POLL_SECONDS = 60.0  # of one poll, at most
MAX_CONCURRENT_POLLS = 4
MAX_KEPT_PACES = 10_000


@dataclass
class WatchedAccount:
    """A watched account, and how many listen to it."""

    watcher: Watcher
    pace: Pace
    listener_count: int = 0
    expected_calls: int = 1
    is_running: bool = False


@dataclass
class Poller:
    """The accounts that are watched with one credential, polled in the order in which they are due.

    The client is in memory alone. Runs while an account has a listener.
    """

    budget: PollBudget
    interval: float
    client: Client | None = field(default=None, repr=False)
    accounts: dict[str, WatchedAccount] = field(default_factory=dict[str, WatchedAccount])
    _paces: LRUCache[str, Pace] = field(default_factory=lambda: LRUCache(MAX_KEPT_PACES))
    _task: "asyncio.Task[None] | None" = None
    _polls: "set[asyncio.Task[None]]" = field(default_factory=set["asyncio.Task[None]"])
    _wakeup: asyncio.Event = field(default_factory=asyncio.Event)

    def add_listener(self, client: Client, watcher: Watcher) -> None:
        """Watch an account; one that is watched already gets one more listener."""
        account_id = watcher.key.account_id
        self.client = client
        if account_id not in self.accounts:
            self.accounts[account_id] = WatchedAccount(watcher, self._get_pace(account_id))
        self.accounts[account_id].listener_count += 1
        if self._task is None or self._task.done():
            # In a context of its own: that of a subscriber would stay alive with it.
            self._task = asyncio.get_running_loop().create_task(self._run(), context=Context())
        self._wakeup.set()

    def remove_listener(self, account_id: str) -> None:
        """Watch an account no more once nothing listens to it; without any, forget the client."""
        watched = self.accounts.get(account_id)
        if watched is None:
            return
        watched.listener_count -= 1
        if not watched.listener_count:
            del self.accounts[account_id]
        if not self.accounts:
            self.client = None
        self._wakeup.set()

    async def aclose(self) -> None:
        """Stop polling, and wait for what is running."""
        tasks = [*self._polls, *([self._task] if self._task else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _get_pace(self, account_id: str) -> Pace:
        """Return an account's pace: who comes back is not polled sooner than an interval later."""
        pace = self._paces.get(account_id)
        if pace is None:
            pace = self._paces[account_id] = Pace(self.interval)
        pace.resume()
        return pace

    async def _run(self) -> None:
        while self.accounts:
            wait = self._start_due_polls()
            self._wakeup.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wakeup.wait()

    def _start_due_polls(self) -> float | None:
        """Start the polls that are due and affordable; return the seconds until the next try."""
        waiting = [each for each in self.accounts.items() if not each[1].is_running]
        for account_id, watched in sorted(waiting, key=lambda each: each[1].pace.due_at):
            if len(self._polls) >= MAX_CONCURRENT_POLLS:
                return None  # the end of one wakes the loop
            wait = max(
                watched.pace.due_at - time.monotonic(),
                self.budget.get_wait(watched.expected_calls),
            )
            if wait > 0:
                return wait
            self._start_poll(account_id, watched)
        return None

    def _start_poll(self, account_id: str, watched: WatchedAccount) -> None:
        watched.is_running = True
        task = asyncio.create_task(self._poll(account_id, watched))
        self._polls.add(task)
        task.add_done_callback(self._polls.discard)

    async def _poll(self, account_id: str, watched: WatchedAccount) -> None:
        if self.client is None:
            return
        context = RequestContext(
            deadline=time.monotonic() + POLL_SECONDS,
            bypass_cache=True,
            caller=CALLER_NAME,
            is_background=True,
            charge=self.budget.charge,
        )
        set_current(context)
        try:
            await watched.watcher.poll(AccountReader(self.client, account_id))
        except PollShareUsed as error:
            watched.pace.wait(error.retry_after or 1)
        except ProviderError as error:
            watched.pace.poll_again(is_slower=True)
            log.info("a poll of %s failed: %s", error.source, error.code)
        except Exception:  # a bug must not end the polls of the other accounts
            watched.pace.poll_again(is_slower=True)
            log.exception("a poll failed unexpectedly")
        else:
            watched.pace.poll_again(is_slower=False, at_once=watched.watcher.has_more)
        finally:
            watched.expected_calls = max(1, context.calls.total())
            watched.is_running = False
            self._wakeup.set()
