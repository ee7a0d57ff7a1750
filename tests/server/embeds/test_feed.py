"""The feed, as a feed reader reads it."""

from importlib import import_module
from typing import Any

import pytest

from providers.registry import Source
from server.embeds.answers import State
from server.embeds.feed import render_feed
from tests.harness import RunningServer, run_server
from tests.server.cache_age import age_cache
from tests.server.embeds.profiles import (
    HOSTILE_TEXTS,
    PAGE_URL,
    WHEN,
    make_hostile_profile,
    make_profile,
    make_unlock,
    parse_xml,
)
from tests.server.pages.page_operations import KEYS, PROFILES

feedparser: Any = import_module("feedparser")  # which has no types
ATOM = "{http://www.w3.org/2005/Atom}"


def read(content: bytes) -> Any:
    """Parse a feed as a feed reader does; fail if it is not well-formed."""
    feed = feedparser.parse(content)
    assert not feed.bozo, feed.bozo_exception
    assert feed.version == "atom10"
    return feed


def fetch(server: RunningServer, **headers: str) -> Any:
    return read(server.request("GET", "/@vega/feed.atom", headers=headers).content)


@pytest.mark.slow
def test_a_reader_finds_the_newest_unlocks() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        feed = fetch(server)
    assert feed.feed.title == "Achievements of vega_north"
    assert feed.feed.author == "vega_north"
    assert {link.rel: link.href for link in feed.feed.links} == {
        "self": "http://127.0.0.1:8000/@vega/feed.atom",
        "alternate": "http://127.0.0.1:8000/@vega",
    }
    assert len(feed.entries) == 50
    assert {entry.tags[0].term for entry in feed.entries} == {source.name for source in Source}
    times = [entry.updated for entry in feed.entries]
    assert times == sorted(times, reverse=True)
    assert feed.feed.updated == times[0]
    assert all(entry.title and entry.published == entry.updated for entry in feed.entries)


@pytest.mark.slow
def test_an_entry_has_the_same_id_in_every_language_and_at_every_address() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        first, second = fetch(server), fetch(server, **{"accept-language": "de"})
    with run_server(
        sandbox=True, **KEYS, **PROFILES, TROPHYCASE_PUBLIC_URL="https://trophies.example"
    ) as server:
        third = fetch(server)
    assert third.feed.links[0].href == "https://trophies.example/@vega/feed.atom"
    assert first.feed.id == second.feed.id == third.feed.id
    ids = [entry.id for entry in first.entries]
    assert len(set(ids)) == len(ids)
    assert ids == [entry.id for entry in second.entries] == [entry.id for entry in third.entries]
    assert all(each.startswith("urn:uuid:") for each in ids)


@pytest.mark.slow
def test_a_new_unlock_is_a_new_entry_before_the_others() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        before = fetch(server)
        (unlocked, *_) = server.unlock(source="RETRO_ACHIEVEMENTS")
        age_cache(server, 86_400)
        after = fetch(server)
    known = {entry.id for entry in before.entries}
    new = [entry for entry in after.entries if entry.id not in known]
    assert new[0] is after.entries[0]
    assert new[0].updated == after.feed.updated == unlocked["earnedAt"]


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_texts_of_upstreams_are_text(text: str) -> None:
    unlock = make_unlock(text, description=text)
    content = render_feed(make_profile([unlock], display_name=text))
    (entry,) = parse_xml(content).iter(f"{ATOM}entry")
    assert [each.tag.removeprefix(ATOM) for each in entry] == [
        "id",
        "title",
        "published",
        "updated",
        "link",
        "category",
        "summary",
        "link",
    ]
    assert len(read(content).entries) == 1


def test_all_hostile_texts_together_are_one_feed() -> None:
    assert len(read(render_feed(make_hostile_profile())).entries) == len(HOSTILE_TEXTS)


def test_an_unlock_whose_time_is_not_known_is_left_out() -> None:
    unlocks = [
        make_unlock("a", earned_at=None),
        make_unlock("b"),
        make_unlock("c", earned_at=WHEN.replace(year=1)),
        make_unlock("d", earned_at=WHEN.replace(year=9999)),
    ]
    feed = read(render_feed(make_profile(unlocks)))
    assert [entry.title for entry in feed.entries] == ["b · Harbor Lights"]
    assert feed.entries[0].updated == "2026-03-04T05:06:07Z"
    assert feed.entries[0].link == PAGE_URL


def test_a_feed_without_entries_is_a_feed() -> None:
    feed = read(render_feed(make_profile()))
    assert (feed.entries, feed.feed.updated) == ([], "1970-01-01T00:00:00Z")


@pytest.mark.slow
def test_a_failing_source_leaves_the_others_there() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        server.inject_fault("/IPlayerService", status=503)
        server.inject_fault("/ISteamUserStats", status=503)
        terms = {entry.tags[0].term for entry in fetch(server).entries}
    assert terms == {source.name for source in Source} - {"STEAM"}
    assert not State("UNAVAILABLE").is_shown
