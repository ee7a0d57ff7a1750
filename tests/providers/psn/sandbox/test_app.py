"""The ways in which a test changes a sandbox, and the sandbox forgets."""

from providers.kit.sandbox import InjectedFault
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from tests.providers.psn.sandbox.signed_in_caller import TROPHY, Caller, parse_error, send_request

ME = f"{TROPHY}/users/me"
QUEST = "npCommunicationIds/NPWR00001_00"
SUMMARY = f"{ME}/trophySummary"


def test_unlocking_changes_everything_that_depends_on_it(
    sandbox: PsnSandbox, owner: Caller
) -> None:
    before = owner.get_json(SUMMARY)["trophyPoint"]
    sandbox.unlock(OWNER_ACCOUNT_ID, "NPWR00001_00", 2, "2026-10-25T10:00:00Z")
    newest = owner.get_json(f"{ME}/trophyTitles")["trophyTitles"][0]
    assert newest["npCommunicationId"] == "NPWR00001_00"
    assert newest["lastUpdatedDateTime"] == "2026-10-25T10:00:00Z"
    assert newest["progress"] == 64
    assert owner.get_json(SUMMARY)["trophyPoint"] == before + 15
    row = owner.get_json(f"{ME}/{QUEST}/trophies/2")
    assert row["earned"] is True
    assert "progress" not in row


def test_unlocking_the_first_trophy_adds_the_title(sandbox: PsnSandbox, owner: Caller) -> None:
    sandbox.unlock(OWNER_ACCOUNT_ID, "NPWR00017_00", 1, "2026-10-26T10:00:00Z")
    assert owner.get_json(f"{ME}/trophyTitles")["totalItemCount"] == 15
    rows = owner.get_json(f"{ME}/titles/trophyTitles", npTitleIds="PPSA00017_00")["titles"]
    assert rows[0]["trophyTitles"][0]["npCommunicationId"] == "NPWR00017_00"


def test_a_set_grows_with_its_version(sandbox: PsnSandbox, owner: Caller) -> None:
    trophy_id = sandbox.add_trophy("NPWR00001_00", "Late Arrival|Später Gast", group_id="001")
    assert trophy_id == 8
    titles = owner.get_json(f"{ME}/trophyTitles")["trophyTitles"]
    title = next(row for row in titles if row["npCommunicationId"] == "NPWR00001_00")
    assert title["trophySetVersion"] == "01.03"
    assert title["definedTrophies"]["bronze"] == 5
    assert title["progress"] == 53
    defined = owner.get_json(f"{TROPHY}/{QUEST}/trophyGroups/001/trophies")
    assert defined["trophies"][-1]["trophyName"] == "Late Arrival"


def test_a_reset_clears_settings_and_faults(sandbox: PsnSandbox, owner: Caller) -> None:
    sandbox.settings["retired_hashes"].append("0" * 64)
    sandbox.settings["stars"] = "closed_empty"
    sandbox.faults.append(InjectedFault("trophySummary", status=429, body="<html>", times=1))
    assert owner.get(SUMMARY).status_code == 429
    sandbox.reset()
    assert sandbox.settings["retired_hashes"] == []
    assert sandbox.settings["stars"] == "open"
    assert not sandbox.faults
    assert not sandbox.calls


def test_two_sandboxes_share_no_state(owner: Caller) -> None:
    other = create_sandbox()
    response = send_request(other, "GET", SUMMARY, headers=owner.headers)
    assert parse_error(response)[0] == 401
