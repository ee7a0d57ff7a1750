"""A published Python client uses the sandbox like the network."""

import asyncio
import base64
from io import BytesIO
from typing import Any, cast

import httpx
import pytest
from psnawp_api import PSNAWP
from psnawp_api.core import (
    PSNAWPAuthenticationError,
    PSNAWPBadRequestError,
    PSNAWPForbiddenError,
    PSNAWPNotFoundError,
)
from psnawp_api.core.authenticator import Authenticator
from psnawp_api.models.trophies import PlatformType
from pyrate_limiter import Duration, Rate
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.constants import (
    CLIENT_ID,
    CLIENT_SECRET,
    DIRECT_GROUP_ID,
    FRIEND_ACCOUNT_ID,
    OWNER_ACCOUNT_ID,
    OWNER_NPSSO,
)


class SandboxAdapter(BaseAdapter):
    """Sends the requests of the library `requests` to the sandbox."""

    def __init__(self, sandbox: PsnSandbox) -> None:
        super().__init__()
        self.sandbox = sandbox

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        sandbox_request = httpx.Request(
            str(request.method),
            str(request.url),
            headers=cast("dict[str, str]", request.headers),
            content=cast("bytes | str | None", request.body),
        )
        sandbox_response = asyncio.run(self._send(sandbox_request))
        response = Response()
        response.status_code = sandbox_response.status_code
        response.headers = CaseInsensitiveDict(sandbox_response.headers)
        response.raw = BytesIO(sandbox_response.content)
        response.url = str(request.url)
        response.request = request
        return response

    async def _send(self, request: httpx.Request) -> httpx.Response:
        response = await self.sandbox.handle_request(request)
        await response.aread()
        return response

    def close(self) -> None:
        """Close nothing; the sandbox has no connections."""


def sign_in(sandbox: PsnSandbox, npsso: str) -> PSNAWP:
    client = PSNAWP(npsso, rate_limit=Rate(1000, Duration.SECOND))
    session = client.authenticator.request_builder.session
    session.mount("https://", SandboxAdapter(sandbox))
    return client


@pytest.fixture
def psnawp(sandbox: PsnSandbox, monkeypatch: pytest.MonkeyPatch) -> PSNAWP:
    basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    metadata = {**Authenticator.AUTH_METADATA, "CLIENT_ID": CLIENT_ID}
    monkeypatch.setattr(Authenticator, "AUTH_METADATA", metadata)
    monkeypatch.setattr(Authenticator, "AUTH_HEADER", {"Authorization": f"Basic {basic}"})
    return sign_in(sandbox, OWNER_NPSSO)


def test_it_signs_in_and_finds_its_own_account(sandbox: PsnSandbox, psnawp: PSNAWP) -> None:
    me = psnawp.me()
    assert me.account_id == OWNER_ACCOUNT_ID
    assert me.online_id == "vega_north"
    region = me.get_region()
    assert region is not None
    assert region.alpha_2 == "US"
    assert len(me.get_account_devices()) == 2
    assert sandbox.calls["POST ca.account.sony.com/api/authz/v3/oauth/token"] == 1


def test_it_refreshes_an_expired_token(sandbox: PsnSandbox, psnawp: PSNAWP) -> None:
    sandbox.settings["token_lifetime"] = 0
    psnawp.authenticator.fetch_access_token_from_authorization(
        psnawp.authenticator.get_authorization_code()
    )
    sandbox.settings["token_lifetime"] = 3599
    assert psnawp.me().account_id == OWNER_ACCOUNT_ID
    assert sandbox.calls["POST ca.account.sony.com/api/authz/v3/oauth/token"] == 2


def test_it_raises_on_a_bad_npsso(sandbox: PsnSandbox, psnawp: PSNAWP) -> None:
    assert psnawp is not None
    with pytest.raises(PSNAWPAuthenticationError):
        sign_in(sandbox, "x" * 64).me().trophy_summary()


def test_it_reads_the_summary(psnawp: PSNAWP) -> None:
    summary = psnawp.me().trophy_summary()
    assert (summary.trophy_level, summary.tier, summary.progress) == (42, 1, 25)
    assert summary.earned_trophies.bronze == 67
    with pytest.raises(PSNAWPForbiddenError):
        psnawp.user(online_id="quiet_stranger").trophy_summary()


def test_it_pages_through_the_titles(psnawp: PSNAWP) -> None:
    titles = list(psnawp.me().trophy_titles(page_size=5))
    assert len(titles) == 14
    assert titles[1].title_name == "Sample Quest"
    assert titles[1].title_platform == {PlatformType.PS5, PlatformType.PSPC}
    friend = psnawp.user(online_id="sample_friend")
    assert len(list(friend.trophy_titles())) == 3


def test_it_finds_titles_of_games(psnawp: PSNAWP) -> None:
    titles = psnawp.me().trophy_titles_for_title(title_ids=["PPSA00001_00", "CUSA00001_00"])
    found = {title.np_title_id: title.np_communication_id for title in titles}
    assert found == {"PPSA00001_00": "NPWR00001_00", "CUSA00001_00": "NPWR00002_00"}


@pytest.mark.slow
def test_it_reads_trophies_with_progress(psnawp: PSNAWP) -> None:
    trophies = psnawp.me().trophies(
        np_communication_id="NPWR00001_00",
        platform=PlatformType.PS5,
        trophy_group_id="all",
        include_progress=True,
        page_size=3,
    )
    rows = list(trophies)
    assert len(rows) == 8
    assert (rows[1].trophy_name, rows[1].earned) == ("The Long Road", True)
    assert (rows[2].progress, rows[2].progress_rate) == ("4", 44)


def test_it_reads_groups_with_progress(psnawp: PSNAWP) -> None:
    summary = psnawp.me().trophy_groups_summary(
        np_communication_id="NPWR00004_00", platform=PlatformType.PS4, include_progress=True
    )
    assert [group.trophy_group_id for group in summary.trophy_groups] == ["default", "001", "002"]
    assert summary.progress == 46


def test_it_raises_on_an_unknown_set(psnawp: PSNAWP) -> None:
    with pytest.raises(PSNAWPNotFoundError) as caught:
        psnawp.me().trophy_groups_summary("NPWR99999_00", PlatformType.PS5, include_progress=True)
    assert caught.value.code == 2240525


@pytest.mark.slow
def test_it_reads_profiles_and_presence(psnawp: PSNAWP) -> None:
    friend = psnawp.user(account_id=FRIEND_ACCOUNT_ID)
    assert friend.online_id == "sample_friend"
    assert friend.profile()["isPlus"] is True
    assert friend.get_presence()["basicPresence"]["availability"] == "availableToPlay"
    assert friend.friendship()["friendRelation"] == "friend"
    assert psnawp.user(online_id="old_name").online_id == "new_name"
    presences = psnawp.me().get_presences([FRIEND_ACCOUNT_ID])
    assert presences["basicPresences"][0]["accountId"] == FRIEND_ACCOUNT_ID


@pytest.mark.slow
def test_it_lists_friends(psnawp: PSNAWP) -> None:
    friends = psnawp.me().friends_list()
    assert next(friends).online_id == "sample_friend"
    assert len(list(psnawp.me().blocked_list())) == 1
    assert len(list(psnawp.me().friend_requests())) == 2


@pytest.mark.slow
def test_it_lists_played_games(psnawp: PSNAWP) -> None:
    stats = list(psnawp.me().title_stats(page_size=5))
    assert len(stats) == 13
    assert stats[0].title_id == "PPSA00008_00"
    assert stats[0].play_duration is not None
    entitlements = list(psnawp.me().game_entitlements())
    assert len(entitlements) == 13


@pytest.mark.slow
def test_it_reads_and_sends_messages(psnawp: PSNAWP) -> None:
    group = psnawp.group(group_id=DIRECT_GROUP_ID)
    assert group.get_conversation()["messageCount"] == 20
    sent = group.send_message("hello from a test")
    newest = group.get_conversation(limit=1)["messages"][0]
    assert (newest["messageUid"], newest["body"]) == (sent["messageUid"], "hello from a test")
    group.send_image(b"\x89PNG\r\n\x1a\n")
    detail = group.get_conversation(limit=1)["messages"][0]["messageDetail"]
    content, kind = group.get_resource(detail["imageMessageDetail"]["resourceId"])
    assert (content, kind) == (b"\x89PNG\r\n\x1a\n", "image/png")
    assert len(list(psnawp.me().get_groups())) == 3
    with pytest.raises(PSNAWPBadRequestError):
        group.change_name("Pair")


@pytest.mark.slow
def test_it_opens_a_group_with_people(psnawp: PSNAWP) -> None:
    friend = psnawp.user(online_id="sample_friend")
    assert psnawp.group(users_list=[friend]).group_id == DIRECT_GROUP_ID
    group = psnawp.group(users_list=[friend, psnawp.user(online_id="new_name")])
    group.change_name("Three")
    assert group.get_group_information()["groupName"]["value"] == "Three"
    group.kick_member(friend)
    group.leave_group()
    with pytest.raises(PSNAWPNotFoundError):
        group.get_group_information()
