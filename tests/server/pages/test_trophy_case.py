"""The trophy case by HTTP: whom it shows, to whom, and what may keep it."""

import re
from collections.abc import Mapping
from html import escape, unescape

import httpx
import pytest

from providers.kit.sandbox import InjectedFault
from providers.psn.sandbox import constants
from providers.registry import Source
from server.pages.page_client import load_operation
from server.pages.trophy_case import CONTENT_SECURITY_POLICY
from tests.harness import RunningServer, operator_settings, run_server
from tests.server.pages.hostile import ATTRIBUTE, BIDI, FAULTS, LONG, SCRIPT, TEMPLATE
from tests.server.pages.page_operations import KEYS, OPERATION_NAMES, PROFILES, PUBLIC, READER

HTML = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
OWN = {
    "x-retroachievements-username": "SecondSam",
    "x-retroachievements-api-key": "sandbox-ra-second-key",
}
PLAYED_SET = "NPWR00008_00"
HIDDEN_SET = "NPWR00010_00"
UNLOCK_IDS = re.compile(r'class="unlock" data-id="([^"]+)"')
MORE = re.compile(r'id="more" class="button" href="([^"]+)"')


def visit(
    server: RunningServer, path: str = "/", headers: Mapping[str, str] | None = None
) -> httpx.Response:
    return server.request("GET", path, headers={**HTML, **(headers or {})})


def read_heading(page: httpx.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page.text)
    assert found
    return re.sub("<[^>]+>", "", found[1])


def read_states(page: httpx.Response) -> dict[str, str]:
    return dict(re.findall(r'<li data-source="(\w+)" class="(\w+)"', page.text))


def read_played(page: httpx.Response) -> list[str]:
    part = page.text.partition('id="recently_played"')[2].partition("</section>")[0]
    return [unescape(each) for each in re.findall("<h3><bdi>(.*?)</bdi>", part)]


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/event-stream", ""])
def test_the_page_is_for_browsers_alone(accept: str) -> None:
    with run_server() as server:
        response = server.request("GET", "/", headers={"accept": accept})
        assert response.status_code == 404
        assert response.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
        assert server.count_upstream_calls() == {}


@pytest.mark.slow
def test_the_page_shows_the_viewer_with_all_parts() -> None:
    with run_server() as server:
        page = visit(server)

    assert page.status_code == 200
    assert read_heading(page) == "vega_north"
    assert set(read_states(page).values()) == {"ok"}
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", page.text)
    assert headings[0] == "Totals"
    assert {"Nearly done", "Recently played", "Rarest", "Awards", "Newest unlocks"} <= set(headings)
    assert len(UNLOCK_IDS.findall(page.text)) == 20
    assert '<progress max="' in page.text


@pytest.mark.slow
def test_the_query_names_accounts() -> None:
    with run_server() as server:
        page = visit(server, "/?psn=second_player&ra=SecondSam")

    assert read_heading(page) == "second_player"
    assert read_states(page) == {"PSN": "ok", "RETRO_ACHIEVEMENTS": "ok"}
    assert 'data-events="events?psn=second_player&amp;ra=SecondSam"' in page.text


@pytest.mark.slow
def test_a_page_of_a_caller_is_kept_by_no_cache_and_has_the_headers_of_a_page() -> None:
    with run_server() as server:
        page = visit(server)
        head = server.request("HEAD", "/", headers=HTML)

    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "etag" not in page.headers
    assert head.status_code == 200
    assert head.headers.keys() == page.headers.keys()


@pytest.mark.parametrize(
    ("path", "headers", "status", "said"),
    [
        ("/", {}, 401, "TROPHYCASE_API_KEYS"),
        ("/?psn=second_player", {}, 401, "Authorization: Bearer KEY"),
        ("/", {"authorization": "Bearer wrong"}, 401, "TROPHYCASE_PROFILES"),
        ("/", PUBLIC, 403, "scope `read`"),
        ("/?psn=a&psn=b", READER, 400, "psn: must have one account"),
        ("/?psn=no%20blanks", READER, 400, "handle must be"),
        ("/?psn=second_player&after=unreadable", READER, 400, "after"),
        ("/@nobody", {}, 404, "no profile of this name"),
        ("/@vega?after=unreadable", {}, 400, "after"),
    ],
)
def test_what_cannot_be_shown_is_a_page_that_says_why(
    path: str, headers: Mapping[str, str], status: int, said: str
) -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        page = visit(server, path, headers)
        assert page.status_code == status
        assert said in unescape(page.text)
        assert page.headers["cache-control"] == "private, no-store"
        assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert ("www-authenticate" in page.headers) == (status == 401)


@pytest.mark.slow
def test_a_key_of_the_right_scope_opens_the_page() -> None:
    with run_server(sandbox=True, **KEYS) as server:
        assert read_heading(visit(server, headers=READER)) == "vega_north"
        other = visit(server, "/?psn=second_player", PUBLIC)
        assert (other.status_code, read_heading(other)) == (200, "second_player")


def test_with_credentials_of_their_own_a_caller_sees_their_own_page() -> None:
    with run_server(sandbox=True, **KEYS) as server:
        page = visit(server, headers=OWN)
    assert read_heading(page) == "SecondSam"
    assert read_states(page) == {"RETRO_ACHIEVEMENTS": "ok"}


def test_where_no_account_exists_the_page_says_so() -> None:
    with run_server() as server:
        page = visit(server, "/?psn=nobody_there&xbox=Nobody%20There")
        assert page.status_code == 200
        assert read_heading(page) == "There is no account here"
        assert "nobody_there" in page.text
    with run_server(sandbox=False) as server:
        page = visit(server)
        assert page.status_code == 200
        assert "trophycase setup" in page.text


def test_one_account_that_does_not_exist_leaves_the_other() -> None:
    with run_server() as server:
        page = visit(server, "/?psn=nobody_there&ra=SecondSam")
    assert read_states(page) == {"PSN": "not_found", "RETRO_ACHIEVEMENTS": "ok"}
    assert read_heading(page) == "SecondSam"
    assert UNLOCK_IDS.search(page.text)


@pytest.mark.slow
def test_a_source_that_fails_is_named_beside_the_others() -> None:
    with run_server() as server:
        server.inject_fault("retroachievements.org", status=500)
        page = visit(server)
    states = read_states(page)
    assert states.pop("RETRO_ACHIEVEMENTS") == "unavailable"
    assert set(states.values()) == {"ok"}
    assert "does not respond" in page.text
    assert len(UNLOCK_IDS.findall(page.text)) == 20
    assert page.status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("rate", ["", "60/900"])
def test_a_page_of_all_sources_is_within_the_limits_of_a_real_server(rate: str) -> None:
    settings = operator_settings(*Source)
    given = {**settings, **PROFILES, "TROPHYCASE_CALLER_RATE": rate}
    with run_server(sandbox=False, **given) as server:
        for path in ("/", "/@vega"):
            page = visit(server, path)
            assert 'class="problem"' not in page.text
            assert set(read_states(page).values()) == {"ok"}
            assert len(UNLOCK_IDS.findall(page.text)) == 20


@pytest.mark.slow
def test_a_profile_shows_nothing_of_a_title_that_its_owner_has_hidden() -> None:
    query = f'{{ viewer {{ trophyTitle(nativeId: "{HIDDEN_SET}") {{ name earnedCount }} }} }}'
    with run_server(sandbox=True, **PROFILES) as server:
        hidden = server.fetch_data(query)["viewer"]["trophyTitle"]
        path, shown = "/@vega", ""
        while path:
            page = visit(server, path)
            shown += page.text
            more = MORE.search(page.text)
            path = f"/@vega{unescape(more[1])}" if more else ""
    assert hidden["earnedCount"]
    assert hidden["name"] not in unescape(shown)


@pytest.mark.slow
def test_a_profile_leaves_out_of_what_was_played_what_is_hidden_or_may_be() -> None:
    with run_server(sandbox=True, **PROFILES) as server:
        own, public = (read_played(visit(server, path)) for path in ("/", "/@vega"))
        assert own == public
        assert own[0] == "Deep Signal"

    with run_server(sandbox=True, **PROFILES) as server:
        progress = server.psn.database.find_progress(constants.OWNER_ACCOUNT_ID, PLAYED_SET)
        assert progress
        progress.hidden = True
        own, public = (read_played(visit(server, path)) for path in ("/", "/@vega"))
        assert "Deep Signal" in own
        assert "Deep Signal" not in public

    with run_server(sandbox=True, **PROFILES) as server:
        server.inject_fault("users/[^/]+/trophyTitles[?]", status=500)
        own, public = (read_played(visit(server, path)) for path in ("/", "/@vega"))
        assert "Deep Signal" in own
        assert "Deep Signal" not in public


def test_where_everything_fails_the_page_says_so() -> None:
    with run_server(sandbox=True, **PROFILES) as server:
        server.inject_fault(".", status=500)
        page = visit(server, "/@second")
        assert page.status_code == 200
        assert set(read_states(page).values()) == {"unavailable"}
        assert page.headers["cache-control"] == "private, no-store"


@pytest.mark.slow
def test_a_profile_is_public_and_kept_by_other_caches() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        visit(server, "/@vega")  # some counts are known once a title was opened
        page = visit(server, "/@Vega")
        assert read_heading(page) == "vega_north"
        assert 'data-events="@vega/events"' in page.text
        linked = set(re.findall(r'href="(@[^"]+)"', page.text))
        assert linked == {f"@vega/{each}" for each in ("feed.atom", "calendar.ics", "card.svg")}
        for each in linked:
            assert visit(server, f"/{each}").status_code == 200
        assert re.fullmatch(r"public, max-age=\d+", page.headers["cache-control"])
        assert {"Accept-Language", "Accept-Encoding"} <= set(page.headers["vary"].split(", "))

        known = {"if-none-match": page.headers["etag"]}
        assert visit(server, "/@vega", known).status_code == 304
        for headers in (READER, PUBLIC, OWN, {"authorization": "Bearer wrong"}, {"accept": "*/*"}):
            again = visit(server, "/@vega?psn=second_player", {**known, **headers})
            assert again.status_code == 304


@pytest.mark.slow
def test_a_page_is_in_the_language_of_the_request() -> None:
    with run_server(sandbox=True, **PROFILES) as server:
        tags = {
            visit(server, "/@vega", {"accept-language": each}).headers["etag"]
            for each in ("en", "de", "ja")
        }
    assert len(tags) > 1


@pytest.mark.slow
def test_more_unlocks_follow_page_by_page_without_script() -> None:
    with run_server() as server:
        path, ids = "/?psn=1000000000000000001&ra=VegaNorth", list[str]()
        while path:
            page = visit(server, path)
            assert page.status_code == 200
            ids += UNLOCK_IDS.findall(page.text)
            more = MORE.search(page.text)
            path = f"/{unescape(more[1])}" if more else ""
            assert not path or "psn=1000000000000000001&ra=VegaNorth&after=" in path
        accounts = (
            '[{source: PSN, handle: "1000000000000000001"}, '
            '{source: RETRO_ACHIEVEMENTS, handle: "VegaNorth"}]'
        )
        query = f"{{ user(accounts: {accounts}) {{ achievements(first: 100) {{ {{ids}} }} }} }}"
        edges = "edges { node { id } } pageInfo { hasNextPage }"
        found = server.fetch_data(query.replace("{ids}", edges))["user"]["achievements"]
    expected = [edge["node"]["id"] for edge in found["edges"]]
    assert ids[: len(expected)] == expected
    assert len(ids) == len(set(ids))
    assert len(ids) >= len(expected) > 40


def test_texts_of_upstreams_are_texts() -> None:
    with run_server() as server:
        server.trophy_so.faults += [InjectedFault(**each) for each in FAULTS]
        page = visit(server, "/?trophy=vega")

    text = page.text
    for each in (SCRIPT, ATTRIBUTE, TEMPLATE, BIDI, LONG):
        assert f'<bdi data-part="name">{each}' not in text or each in (TEMPLATE, BIDI, LONG)
        assert each in unescape(text)
    scripts = re.findall(r"<script[^>]*>", text)
    assert scripts == ['<script src="assets/page.js" type="module">']
    assert not re.search(r"<[^>]*\s(?:on\w+|style)\s*=", re.sub(r'"[^"]*"', '""', text))
    sources = set(re.findall(r'<img [^>]*src="([^"]*)"', text))
    assert all(each.startswith(("https://", "http://")) for each in sources)
    assert "https://badges.example/good.png" in sources
    assert f"<h1><bdi>{escape(SCRIPT + BIDI)}" in text
    (title,) = re.findall(r"<title>(.*?)</title>", text, re.DOTALL)
    assert "\u202e" not in title
    assert "49" not in title


def test_no_operation_of_a_page_reveals_what_is_hidden_or_the_viewers() -> None:
    for name in OPERATION_NAMES:
        text = load_operation(name)
        assert "revealHidden" not in text
        assert not re.search(r"\b(viewer|messageGroups?|friends|campaigns|psnOperation)\b", text)


@pytest.mark.slow
def test_too_many_visitors_get_a_page_that_says_so() -> None:
    with run_server(sandbox=True, **PROFILES) as server:
        (route,) = [
            each for each in server.app.routes if getattr(each, "path", "") == "/@{profile}"
        ]
        limit = vars(route)["endpoint"].__self__.services.client.limit
        limit.strangers_in_flight = limit.stranger_limit
        page = visit(server, "/@vega")
        assert page.status_code == 503
        assert page.headers["retry-after"] == "1"
        assert read_heading(page) == "Too much at once"
        assert visit(server).status_code == 200


def test_the_files_of_the_page_are_served_with_their_types() -> None:
    with run_server(sandbox=True, **KEYS) as server:
        for name, kind in (
            ("page.css", "text/css; charset=utf-8"),
            ("page.js", "text/javascript; charset=utf-8"),
            ("texts.js", "text/javascript; charset=utf-8"),
            ("icon.svg", "image/svg+xml"),
        ):
            response = server.request("GET", f"/assets/{name}")
            assert (response.status_code, response.headers["content-type"]) == (200, kind)
            assert response.headers["x-content-type-options"] == "nosniff"
            assert response.headers["cache-control"] == "no-cache"
            known = {"if-none-match": response.headers["etag"]}
            assert server.request("GET", f"/assets/{name}", headers=known).status_code == 304
        assert server.request("GET", "/assets/../profile.py").status_code == 404


@pytest.mark.slow
def test_a_visitor_cannot_make_up_languages_to_spend_the_operators_calls() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        # The first visit finds out that the account is the operator's own; the next reads it so.
        for languages in ("", "", "de"):
            visit(server, "/@vega", {"accept-language": languages})
        known = visit(server, "/@vega", {"accept-language": "de"})
        before = server.count_upstream_calls()
        invented = [f"x{letter}-{number}" for letter in "ab" for number in (123, 456)]
        pages = [visit(server, "/@vega", {"accept-language": tag}) for tag in invented]
        preferring = visit(server, "/@vega", {"accept-language": "xa-789, de;q=0.5"})
        after = server.count_upstream_calls()

    assert after == before
    assert {page.status_code for page in pages} == {200}
    assert preferring.headers["etag"] == known.headers["etag"]
