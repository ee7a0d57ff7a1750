"""Site awards of accounts."""

from typing import Any

import pytest

from providers.errors import NotFound
from providers.records import Award, AwardKind, Awards, AwardSummary, Image, UnlockMode
from tests.providers.retroachievements.harness import ClientHarness, get_error, unwrap

MEDIA = "https://media.retroachievements.org"
COUNTS = {
    "TotalAwardsCount": 1,
    "HiddenAwardsCount": 0,
    "MasteryAwardsCount": 0,
    "CompletionAwardsCount": 0,
    "BeatenHardcoreAwardsCount": 0,
    "BeatenSoftcoreAwardsCount": 0,
    "EventAwardsCount": 0,
    "SiteAwardsCount": 0,
}


def load_awards(handle: str, harness: ClientHarness | None = None) -> Awards:
    (outcome,) = (harness or ClientHarness()).run(lambda client: client.get_awards([handle]))
    return unwrap(outcome)


def make_harness(*rows: Any, **changes: Any) -> ClientHarness:
    """Make an upstream with these awards."""
    body = {**COUNTS, "VisibleUserAwards": list(rows), **changes}
    return ClientHarness().with_response("GetUserAwards", body)


def test_the_published_sample_of_the_call_is_mapped_completely() -> None:
    (award,) = load_awards("MaxMilyin").awards
    assert award == Award(
        native_id="game-beaten.1448.1.1451714032",
        kind=AwardKind.BEATEN_HARDCORE,
        raw_type="Game Beaten",
        name="Mega Man",
        awarded_at=award.awarded_at,
        icon=Image(url=f"{MEDIA}/Images/024519.png"),
        mode=UnlockMode.HARDCORE,
        platform_id="7",
        platform_name="NES",
        display_order=0,
        flags=0,
        native_data=1448,
        native_data_extra=1,
        title_id="1448",
    )
    assert str(award.awarded_at) == "2016-01-02 05:53:52+00:00"
    assert load_awards("MaxMilyin").summary == AwardSummary(
        total=1613,
        hidden=0,
        mastery=805,
        completion=0,
        beaten_hardcore=807,
        beaten_softcore=0,
        event=2,
        site=0,
    )


def test_the_published_sample_of_the_client_library_has_no_console_id() -> None:
    (award,) = load_awards("xelnia").awards
    assert (award.kind, award.name) == (AwardKind.MASTERED, "WarioWare, Inc.: Mega Microgames!")
    assert (award.platform_id, award.platform_name) == (None, "Game Boy Advance")
    assert (award.flags, award.display_order, award.title_id) == (None, 114, "802")
    summary = load_awards("xelnia").summary
    assert summary is not None
    assert (summary.total, summary.hidden, summary.beaten_softcore, summary.site) == (10, 2, 7, 2)


def test_every_kind_of_award_is_mapped() -> None:
    found = load_awards("VegaNorth").awards
    assert {award.kind for award in found} == set(AwardKind)
    other = next(award for award in found if award.kind is AwardKind.OTHER)
    assert other.raw_type == "Invalid or deprecated award type"


def test_only_game_awards_have_a_title_and_a_mode() -> None:
    for award in load_awards("VegaNorth").awards:
        is_for_game = award.raw_type in ("Mastery/Completion", "Game Beaten")
        assert (award.title_id is not None) == (award.mode is not None) == is_for_game
        assert not is_for_game or award.title_id == str(award.native_data)


def test_awards_come_newest_first_and_ties_by_display_order() -> None:
    found = load_awards("VegaNorth").awards
    moments = [award.awarded_at for award in found if award.awarded_at is not None]
    assert len(moments) == len(found)
    assert moments == sorted(moments, reverse=True)
    tied = [award.kind for award in found if str(award.awarded_at).startswith("2026-02-14")]
    assert tied == [AwardKind.PLAYTEST, AwardKind.MEDIA_CONTRIBUTION]


def test_an_award_without_a_time_comes_last() -> None:
    rows = [
        {"AwardType": "Playtest", "AwardData": number, "AwardedAt": moment, "DisplayOrder": order}
        for number, moment, order in (
            (1, None, 2),
            (2, "never", None),
            (3, "2024-01-01T00:00:00+00:00", None),
            (4, "2024-01-01T00:00:00+00:00", 7),
            (5, None, 1),
        )
    ]
    found = load_awards("VegaNorth", make_harness(*rows)).awards
    assert [award.native_data for award in found] == [4, 3, 5, 1, 2]


def test_hidden_awards_are_counted_and_not_listed() -> None:
    found = load_awards("VegaNorth")
    assert found.summary == AwardSummary(
        total=18,
        hidden=2,
        mastery=1,
        completion=1,
        beaten_hardcore=3,
        beaten_softcore=2,
        event=2,
        site=5,
    )
    assert len(found.awards) == 16
    assert "A Short Summer" not in {award.name for award in found.awards}


def test_award_ids_are_unique_and_stable() -> None:
    first, again = (load_awards("VegaNorth").awards for _ in range(2))
    assert [award.native_id for award in first] == [award.native_id for award in again]
    assert len({award.native_id for award in first}) == len(first)


@pytest.mark.parametrize("extra", [2, None, "x"])
def test_an_unknown_mode_is_null(extra: object) -> None:
    row = {"AwardType": "Mastery/Completion", "AwardData": 5, "AwardDataExtra": extra}
    (award,) = load_awards("VegaNorth", make_harness(row)).awards
    assert (award.kind, award.mode, award.title_id) == (AwardKind.OTHER, None, "5")


def test_an_unknown_award_type_keeps_its_raw_name() -> None:
    (award,) = load_awards("VegaNorth", make_harness({"AwardType": "Golden Joystick"})).awards
    assert (award.kind, award.raw_type) == (AwardKind.OTHER, "Golden Joystick")


@pytest.mark.parametrize("junk", [None, 3, {}, {"AwardType": None}, []])
def test_an_invalid_award_is_left_out_alone(junk: object) -> None:
    found = load_awards("VegaNorth", make_harness({"AwardType": "Playtest"}, junk)).awards
    assert [award.raw_type for award in found] == ["Playtest"]


def test_a_missing_count_is_null() -> None:
    row = {"AwardType": "Playtest"}
    assert load_awards("VegaNorth", make_harness(row, EventAwardsCount=None)).summary is None


def test_a_response_without_awards_has_its_counts() -> None:
    found = unwrap(
        ClientHarness()
        .with_response("GetUserAwards", COUNTS)
        .run(lambda client: client.get_awards(["VegaNorth"]))[0]
    )
    assert found.awards == ()
    assert found.summary is not None
    assert found.summary.total == COUNTS["TotalAwardsCount"]


def test_a_response_without_awards_and_their_total_is_a_bad_response() -> None:
    harness = ClientHarness().with_response("GetUserAwards", {**COUNTS, "TotalAwardsCount": None})
    found = get_error(harness.run(lambda client: client.get_awards(["VegaNorth"])))
    assert found.code == "UPSTREAM_BAD_RESPONSE"


def test_an_unknown_user_is_distinguished_from_one_without_awards() -> None:
    harness = ClientHarness()
    empty, unknown = harness.run(lambda client: client.get_awards(["EmptyEda", "Nobody"]))
    none = AwardSummary(**dict.fromkeys(AwardSummary.__struct_fields__, 0))
    assert unwrap(empty) == Awards(awards=(), summary=none)
    assert isinstance(unknown, NotFound)


def test_the_profile_is_not_loaded_when_all_awards_are_hidden() -> None:
    harness = make_harness(HiddenAwardsCount=1)
    assert not load_awards("EmptyEda", harness).awards
    assert harness.calls == {"GetUserAwards": 1}


def test_an_award_that_comes_twice_is_listed_once() -> None:
    body = {"VisibleUserAwards": 2 * [{"AwardType": "Game Beaten", "AwardData": 5}]}
    harness = ClientHarness().with_response("GetUserAwards", body)
    (outcome,) = harness.run(lambda client: client.get_awards(["VegaNorth"]))
    assert len(unwrap(outcome).awards) == 1


def test_awards_that_are_null_cost_no_counts() -> None:
    body = {"VisibleUserAwards": None, "TotalAwardsCount": 3}
    harness = ClientHarness().with_response("GetUserAwards", body)
    (outcome,) = harness.run(lambda client: client.get_awards(["VegaNorth"]))
    assert unwrap(outcome).awards == ()
