"""Endpoints of whom the key's owner follows, who follows them, and what members want to play."""

from providers.kit.sandbox import SandboxResponse
from providers.retroachievements.sandbox import serializers
from providers.retroachievements.sandbox.models import Game, Json, Member
from providers.retroachievements.sandbox.request_handling import ApiRequest, page_rows


def get_users_i_follow(request: ApiRequest) -> SandboxResponse:
    members, following = request.database.members, request.caller.following
    followed = [each for each in members if each.ulid in following]
    return page_rows(
        request, [_serialize_follow(request, "IsFollowingMe", each) for each in followed]
    )


def get_users_following_me(request: ApiRequest) -> SandboxResponse:
    members, ulid = request.database.members, request.caller.ulid
    followers = [each for each in members if ulid in each.following]
    return page_rows(
        request, [_serialize_follow(request, "AmIFollowing", each) for each in followers]
    )


def get_user_want_to_play_list(request: ApiRequest) -> SandboxResponse:
    """Return the list to its member, and to those who follow each other with them."""
    member, caller = request.find_member(), request.caller
    if member is None:
        return SandboxResponse(404, [])
    if member is not caller and not _is_mutual(member, caller):
        return SandboxResponse(401, [])
    games = [request.database.games[game_id] for game_id in member.wanted_game_ids]
    return page_rows(request, [_serialize_game(game) for game in games])


def _is_mutual(first: Member, second: Member) -> bool:
    return first.ulid in second.following and second.ulid in first.following


def _serialize_follow(request: ApiRequest, mutual_name: str, member: Member) -> Json:
    hardcore, softcore, _ = request.database.compute_points(member)
    return {
        **serializers.serialize_member(member),
        "Points": hardcore,
        "PointsSoftcore": softcore,
        mutual_name: _is_mutual(member, request.caller),
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
