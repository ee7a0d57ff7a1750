"""What the line of an account says, from all parts of a page."""

from typing import Any

from providers.registry import Source
from resolvers.context import AccountRef
from server.pages.page_client import Answer, Failure
from server.pages.source_lines import SourceStates, build_source_lines

PSN, STEAM = AccountRef(Source.PSN, "vega_north"), AccountRef(Source.STEAM, "1")


def make_person(**states: str) -> dict[str, Any]:
    accounts = [
        {
            "source": source,
            "handle": "handle",
            "displayName": None,
            "profileUrl": "https://a.example/",
            "status": {"state": state, "retryAfter": None},
        }
        for source, state in states.items()
    ]
    return {"accounts": accounts}


def make_list(**states: str) -> Answer:
    sources = [
        {"source": source, "state": state, "retryAfter": 30} for source, state in states.items()
    ]
    return Answer({"user": {"displayName": "x", "awards": {"sources": sources}}})


def test_the_worst_state_of_any_part_counts() -> None:
    person = make_person(PSN="OK", STEAM="OK")
    states = SourceStates.collect(person, [make_list(PSN="RATE_LIMITED", STEAM="OK")])
    psn, steam = build_source_lines([PSN, STEAM], person, states)

    assert (psn.state, psn.retry_after, psn.is_passing) == ("RATE_LIMITED", 30, True)
    assert (steam.state, steam.text, steam.is_passing) == ("OK", "up to date", False)
    assert (psn.name, psn.url) == ("handle", "https://a.example/")


def test_an_error_of_a_source_is_a_state_of_it() -> None:
    failure = Failure("hidden", {"code": "PRIVATE", "source": "PSN"})
    unknown = Failure("odd", {"code": "UPSTREAM_BAD_RESPONSE", "source": "STEAM"})
    person = make_person(PSN="OK", STEAM="OK")
    states = SourceStates.collect(person, [Answer({}, (failure, unknown))])

    assert states.get_worst("PSN") == ("PRIVATE", None)
    assert states.get_worst("STEAM") == ("UNAVAILABLE", None)


def test_an_account_without_a_list_is_there_all_the_same() -> None:
    states = SourceStates.collect(make_person(PSN="OK"), [make_list(PSN="NOT_FOUND")])
    assert states.get_worst("PSN") == ("OK", None)
    states = SourceStates.collect(make_person(PSN="NOT_FOUND"), [make_list(PSN="NOT_FOUND")])
    assert states.get_worst("PSN") == ("NOT_FOUND", None)


def test_without_any_answer_nothing_is_claimed() -> None:
    (line,) = build_source_lines([PSN], None, SourceStates.collect(None, [Answer({})]))
    assert (line.name, line.url, line.text, line.is_passing) == (
        "vega_north",
        None,
        "not known",
        True,
    )
