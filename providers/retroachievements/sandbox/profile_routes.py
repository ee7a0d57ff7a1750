"""Endpoints of a member's profile, points and rank."""

from providers.kit.sandbox import SandboxResponse
from providers.retroachievements.sandbox.database import Database
from providers.retroachievements.sandbox.models import Json, Member
from providers.retroachievements.sandbox.request_handling import ApiRequest

RANKED_MEMBER_COUNT = 51_234


def serialize_profile(database: Database, member: Member) -> Json:
    """Serialize the members of the profile that several endpoints share."""
    hardcore, softcore, weighted = database.compute_points(member)
    played = database.list_game_progress(member)
    return {
        "User": member.name,
        "ULID": member.ulid,
        "UserPic": f"/UserPic/{member.username}.png",
        "MemberSince": member.member_since,
        "RichPresenceMsg": member.rich_presence,
        "LastGameID": played[0].game.id if played else None,
        "ContribCount": 0,
        "ContribYield": 0,
        "TotalPoints": hardcore,
        "TotalSoftcorePoints": softcore,
        "TotalTruePoints": weighted,
        "Permissions": 1,
        "Untracked": 0,
        "ID": member.id,
        "UserWallActive": 1,
        "Motto": member.motto,
    }


def compute_rank(database: Database, member: Member) -> int:
    """Return the rank among the members of the sandbox, from 1."""
    points = sorted((database.compute_points(other)[0] for other in database.members), reverse=True)
    return points.index(database.compute_points(member)[0]) + 1


def get_user_profile(request: ApiRequest) -> SandboxResponse:
    member = request.find_member()
    return (
        SandboxResponse(404, [])
        if member is None
        else SandboxResponse(200, serialize_profile(request.database, member))
    )


def get_user_points(request: ApiRequest) -> SandboxResponse:
    member = request.find_member()
    if member is None:
        return SandboxResponse(404, [])
    hardcore, softcore, _ = request.database.compute_points(member)
    return SandboxResponse(200, {"Points": hardcore, "SoftcorePoints": softcore})


def get_user_rank_and_score(request: ApiRequest) -> SandboxResponse:
    member = request.find_member()
    if member is None:
        return SandboxResponse(
            200, {"Score": 0, "SoftcoreScore": 0, "Rank": None, "TotalRanked": RANKED_MEMBER_COUNT}
        )
    hardcore, softcore, _ = request.database.compute_points(member)
    rank = compute_rank(request.database, member) if hardcore else None
    body = {
        "Score": hardcore,
        "SoftcoreScore": softcore,
        "Rank": rank,
        "TotalRanked": RANKED_MEMBER_COUNT,
    }
    return SandboxResponse(200, body)


ENDPOINTS = {
    "GetUserProfile": get_user_profile,
    "GetUserPoints": get_user_points,
    "GetUserRankAndScore": get_user_rank_and_score,
}
