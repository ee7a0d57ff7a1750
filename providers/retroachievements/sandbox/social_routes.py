"""Endpoints of whom the key's owner follows, who follows them, and what members want to play."""

from providers.kit.sandbox import SandboxResponse
from providers.retroachievements.sandbox import serializers
from providers.retroachievements.sandbox.models import Game, Json, Member
from providers.retroachievements.sandbox.request_handling import ApiRequest, page_rows


def get_users_i_follow(request: ApiRequest) -> SandboxResponse:
    caller = request.caller
    followed = [each for each in request.database.members if each.ulid in caller.following]
    rows = [
        {**_serialize_member(request, each), "IsFollowingMe": caller.ulid in each.following}
        for each in followed
    ]
    return page_rows(request, rows)


def get_users_following_me(request: ApiRequest) -> SandboxResponse:
    caller = request.caller
    followers = [each for each in request.database.members if caller.ulid in each.following]
    rows = [
        {**_serialize_member(request, each), "AmIFollowing": each.ulid in caller.following}
        for each in followers
    ]
    return page_rows(request, rows)


def get_user_want_to_play_list(request: ApiRequest) -> SandboxResponse:
    """Return the list to its member, and to those who follow each other with them."""
    member, caller = request.find_member(), request.caller
    if member is None:
        return SandboxResponse(404, [])
    is_mutual = member.ulid in caller.following and caller.ulid in member.following
    if member is not caller and not is_mutual:
        return SandboxResponse(401, [])
    games = [request.database.games[game_id] for game_id in member.wanted_game_ids]
    return page_rows(request, [_serialize_game(game) for game in games])


def _serialize_member(request: ApiRequest, member: Member) -> Json:
    hardcore, softcore, _ = request.database.compute_points(member)
    return {
        "User": member.name,
        "ULID": member.ulid,
        "Points": hardcore,
        "PointsSoftcore": softcore,
    }


def _serialize_game(game: Game) -> Json:
    return {
        "ID": game.id,
        "Title": game.title,
        **serializers.serialize_console(game),
        "ImageIcon": game.icon,
        "PointsTotal": game.points,
        "AchievementsPublished": len(game.achievements),
    }


ENDPOINTS = {
    "GetUsersIFollow": get_users_i_follow,
    "GetUsersFollowingMe": get_users_following_me,
    "GetUserWantToPlayList": get_user_want_to_play_list,
}
