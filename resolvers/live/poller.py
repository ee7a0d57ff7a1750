"""The polls with one credential: one watcher for each watched account, however many listen."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache

from providers.capabilities import Client, HasPresence
from providers.errors import CallerUnauthenticated, Missing, ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.request_context import RequestContext, set_current
from resolvers.live.account_reader import AccountReader
from resolvers.live.pace import Pace
from resolvers.live.poll_budget import PollBudget, PollShareUsed
from resolvers.live.watch_lease import REPEAT_SECONDS, WANTED_SECONDS, WatchLease
from resolvers.live.watched_account import WatchedAccount
from resolvers.live.watcher import Watcher

log = logging.getLogger("trophycase.live")

CALLER_NAME = "live"
POLL_SECONDS = 60.0  # of one poll, at most
MAX_CONCURRENT_POLLS = 8
MAX_KEPT_PACES = 10_000
PAUSE_SECONDS = 1.0  # after a poll for which the budget did not suffice


@dataclass
class Poller:
    """The accounts that are watched with one credential, polled in the order in which they are due.

    The client is in memory alone. Runs while an account has a listener in this process, and polls
    while this process holds the lease; else it asks the one that does.
    """

    budget: PollBudget
    interval: float
    lease: WatchLease
    on_rejected: Callable[[CallerUnauthenticated], None]
    is_pushed: bool = False
    client: Client | None = field(default=None, repr=False)
    accounts: dict[str, WatchedAccount] = field(default_factory=dict[str, WatchedAccount])
    _paces: LRUCache[str, Pace] = field(default_factory=lambda: LRUCache(MAX_KEPT_PACES))
    _task: "asyncio.Task[None] | None" = None
    _polls: "set[asyncio.Task[None]]" = field(default_factory=set["asyncio.Task[None]"])
    _wakeup: asyncio.Event = field(default_factory=asyncio.Event)
    _presence_due_at: float = float("-inf")
    _paused_until: float = float("-inf")

    def add_listener(self, client: Client, watcher: Watcher) -> None:
        """Watch an account; one that is watched already gets one more listener."""
        self.client = client
        self._get_account(watcher).listener_count += 1
        if self._task is None or self._task.done():
            # In a context of its own: that of a subscriber would stay alive with it.
            self._task = asyncio.get_running_loop().create_task(self._run(), context=Context())
        self._wakeup.set()

    def remove_listener(self, account_id: str) -> None:
        """Watch an account no more once nothing listens to it; without any, forget the client."""
        if account_id in self.accounts:
            self.accounts[account_id].listener_count -= 1
        self._drop_unwanted()
        self._wakeup.set()

    def watch_for_others(self, watcher: Watcher) -> None:
        """Watch an account for a while because a listener in another process wants it."""
        # A process hears its own requests, too.
        if self.client is not None and self.lease.is_held:
            self._get_account(watcher).wanted_until = time.monotonic() + WANTED_SECONDS
            self._wakeup.set()

    def wake_up(self) -> None:
        """Try at once to hold the lease, which another process has left."""
        self._wakeup.set()

    async def aclose(self) -> None:
        """Stop polling, wait for what is running, and leave the lease to another process."""
        tasks = [*self._polls, *([self._task] if self._task else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.lease.release()

    def _get_account(self, watcher: Watcher) -> WatchedAccount:
        account_id = watcher.key.account_id
        if account_id not in self.accounts:
            self.accounts[account_id] = WatchedAccount(watcher, self._get_pace(account_id))
        return self.accounts[account_id]

    def _get_pace(self, account_id: str) -> Pace:
        """Return an account's pace: who comes back is not polled sooner than an interval later."""
        pace = self._paces.get(account_id)
        if pace is None:
            pace = self._paces[account_id] = Pace(self.interval, self.is_pushed)
        pace.resume()
        return pace

    def _drop_unwanted(self) -> None:
        self.accounts = {name: each for name, each in self.accounts.items() if each.is_wanted}
        if not any(each.listener_count for each in self.accounts.values()):
            self.accounts = {}
            self.client = None

    async def _run(self) -> None:
        while self.accounts:
            await self._run_while_wanted()
            await self.lease.release()

    async def _run_while_wanted(self) -> None:
        while self.accounts:
            self._wakeup.clear()
            wait = REPEAT_SECONDS
            if await self.lease.hold():
                wait = min(wait, self._start_due_polls())
            else:
                self._request_accounts()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wakeup.wait()
            self._drop_unwanted()

    def _request_accounts(self) -> None:
        for account_id, watched in self.accounts.items():
            if watched.listener_count:
                self.lease.request(account_id)

    def _start_due_polls(self) -> float:
        """Start the polls that are due and affordable; return the seconds until the next try."""
        pause = self._paused_until - time.monotonic()
        if pause > 0:
            return pause
        self._start_presence_check()
        accounts = self.accounts.values()
        running_calls = sum(each.expected_calls for each in accounts if each.is_running)
        waiting = [each for each in accounts if not each.is_running]
        for watched in sorted(waiting, key=lambda each: each.pace.due_at):
            if len(self._polls) >= MAX_CONCURRENT_POLLS:
                break  # the end of one wakes the loop
            running_calls += watched.expected_calls
            wait = max(watched.pace.due_at - time.monotonic(), self.budget.get_wait(running_calls))
            if wait > 0:
                return wait
            watched.is_running = True
            self._start(self._poll(watched))
        return REPEAT_SECONDS

    def _start_presence_check(self) -> None:
        """Ask once in an interval for the presence of all players, if there are several.

        Less often if that took more than a fifth of the budget. For one alone it takes as many
        calls as a poll, and is asked after several quiet ones.
        """
        if len(self.accounts) > 1 and isinstance(self.client, HasPresence):
            now = time.monotonic()
            if now >= self._presence_due_at and self.budget.get_wait() <= 0:
                self._presence_due_at = now + max(self.interval, self.budget.presence_seconds)
                shown = [each for each in self.accounts.values() if each.has_presence]
                self._start(self._check_presences(shown))

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._polls.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: "asyncio.Task[None]") -> None:
        self._polls.discard(task)
        self._wakeup.set()

    async def _check_presences(self, accounts: Sequence[WatchedAccount]) -> None:
        set_current(self._create_context())
        await self._ask_presences(accounts)

    async def _ask_presences(self, accounts: Sequence[WatchedAccount]) -> None:
        if not accounts or not isinstance(self.client, HasPresence):
            return
        try:
            outcomes = await self.client.get_presences([each.account_id for each in accounts])
        except ProviderError as error:
            log.info("the presences of %s failed: %s", error.source, error.code)
            return
        for watched, outcome in zip(accounts, outcomes, strict=True):
            if isinstance(outcome, Cached):
                watched.note_presence(is_online=outcome.value and outcome.value.is_online)
            elif isinstance(outcome, Missing):
                watched.note_presence(is_online=None)

    async def _poll(self, watched: WatchedAccount) -> None:
        context, missing_calls = self._create_context(), 0
        set_current(context)
        try:
            await self._poll_account(watched)
        except PollShareUsed:  # the account stays the next one
            missing_calls = 1
            self._paused_until = time.monotonic() + PAUSE_SECONDS
        except ProviderError as error:
            watched.pace.poll_again(is_slower=True)
            log.info("a poll of %s failed: %s", error.source, error.code)
            if isinstance(error, CallerUnauthenticated):
                self.on_rejected(error)
        except Exception:  # a bug must not end the polls of the other accounts
            watched.pace.poll_again(is_slower=True)
            log.exception("a poll failed unexpectedly")
        finally:
            watched.expected_calls = max(1, context.calls.total() + missing_calls)
            watched.is_running = False

    async def _poll_account(self, watched: WatchedAccount) -> None:
        if self.client is None:
            return
        if len(self.accounts) == 1 and watched.should_ask_presence:
            await self._ask_presences([watched])
        is_new = await watched.watcher.poll(AccountReader(self.client, watched.account_id))
        watched.note_poll(is_new=is_new)

    def _create_context(self) -> RequestContext:
        return RequestContext(
            deadline=time.monotonic() + POLL_SECONDS,
            bypass_cache=True,
            caller=CALLER_NAME,
            is_background=True,
            charge=self.budget.charge,
        )
