"""Calls about a member: profile, points, rank."""

from providers.kit.sandbox import Reply
from providers.retroachievements.sandbox.asked import Asked
from providers.retroachievements.sandbox.model import Json, Member
from providers.retroachievements.sandbox.world import World

RANKED = 51_234


def profile_of(world: World, member: Member) -> Json:
    """What several calls say of a member."""
    hardcore, softcore, weighted = world.points(member)
    played = world.played(member)
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


def rank_of(world: World, member: Member) -> int:
    """The place among the members of this world, from the first."""
    points = sorted((world.points(other)[0] for other in world.members), reverse=True)
    return points.index(world.points(member)[0]) + 1


def get_user_profile(asked: Asked) -> Reply:
    member = asked.member()
    return Reply(404, []) if member is None else Reply(200, profile_of(asked.world, member))


def get_user_points(asked: Asked) -> Reply:
    member = asked.member()
    if member is None:
        return Reply(404, [])
    hardcore, softcore, _ = asked.world.points(member)
    return Reply(200, {"Points": hardcore, "SoftcorePoints": softcore})


def get_user_rank_and_score(asked: Asked) -> Reply:
    member = asked.member()
    if member is None:
        return Reply(200, {"Score": 0, "SoftcoreScore": 0, "Rank": None, "TotalRanked": RANKED})
    hardcore, softcore, _ = asked.world.points(member)
    rank = rank_of(asked.world, member) if hardcore else None
    body = {"Score": hardcore, "SoftcoreScore": softcore, "Rank": rank, "TotalRanked": RANKED}
    return Reply(200, body)


CALLS = {
    "GetUserProfile": get_user_profile,
    "GetUserPoints": get_user_points,
    "GetUserRankAndScore": get_user_rank_and_score,
}
