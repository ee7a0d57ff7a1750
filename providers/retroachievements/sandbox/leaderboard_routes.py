"""Endpoints of games' leaderboards, and of a member's places on them."""

from providers.kit.sandbox import SandboxResponse
from providers.retroachievements.sandbox import serializers
from providers.retroachievements.sandbox.leaderboard_data import format_score
from providers.retroachievements.sandbox.member_data import OPERATOR_USERNAME, VEGA_ULID
from providers.retroachievements.sandbox.models import Json, Leaderboard, Member
from providers.retroachievements.sandbox.request_handling import ApiRequest, page_rows


def get_game_leaderboards(request: ApiRequest) -> SandboxResponse:
    """Return a game's leaderboards, each with its best score."""
    game = request.find_game("i")
    if game is None:
        return SandboxResponse(404, [])
    rows = [
        {
            **_serialize(leaderboard),
            "TopEntry": _serialize_top(request, leaderboard),
            "Author": OPERATOR_USERNAME,
            "AuthorULID": VEGA_ULID,
            "State": "active",
        }
        for leaderboard in _list_leaderboards(request, game.id)
    ]
    return page_rows(request, rows)


def get_user_game_leaderboards(request: ApiRequest) -> SandboxResponse:
    """Return a member's places; a list without any is refused."""
    game, member = request.find_game("i"), request.find_member()
    if game is None or member is None:
        return SandboxResponse(404, ["Game not found" if game is None else "User not found"])
    leaderboards = _list_leaderboards(request, game.id)
    if not leaderboards:
        return SandboxResponse(422, ["Game has no leaderboards"])
    rows = [
        {**_serialize(each), "UserEntry": _serialize_place(each, member)}
        for each in leaderboards
        if member.ulid in each.scores
    ]
    if not rows:
        return SandboxResponse(422, ["User has no leaderboards on this game"])
    return page_rows(request, rows, default=200)


def _list_leaderboards(request: ApiRequest, game_id: int) -> list[Leaderboard]:
    return [each for each in request.database.leaderboards if each.game_id == game_id]


def _list_ranking(leaderboard: Leaderboard) -> list[str]:
    """List the members' ULIDs, the best first."""
    return sorted(
        leaderboard.scores,
        key=lambda ulid: leaderboard.scores[ulid][0],
        reverse=not leaderboard.lower_is_better,
    )


def _serialize(leaderboard: Leaderboard) -> Json:
    return {
        "ID": leaderboard.id,
        "RankAsc": leaderboard.lower_is_better,
        "Title": leaderboard.title,
        "Description": leaderboard.description,
        "Format": leaderboard.format,
    }


def _serialize_top(request: ApiRequest, leaderboard: Leaderboard) -> Json | None:
    ranking = _list_ranking(leaderboard)
    member = request.database.find_member(ranking[0]) if ranking else None
    return None if member is None else _serialize_score(leaderboard, member)


def _serialize_score(leaderboard: Leaderboard, member: Member) -> Json:
    score, _ = leaderboard.scores[member.ulid]
    return {
        **serializers.serialize_member(member),
        "Score": score,
        "FormattedScore": format_score(leaderboard, score),
    }


def _serialize_place(leaderboard: Leaderboard, member: Member) -> Json:
    _, when = leaderboard.scores[member.ulid]
    return {
        **_serialize_score(leaderboard, member),
        "Rank": _list_ranking(leaderboard).index(member.ulid) + 1,
        "DateUpdated": serializers.format_with_offset(when),
    }


ENDPOINTS = {
    "GetGameLeaderboards": get_game_leaderboards,
    "GetUserGameLeaderboards": get_user_game_leaderboards,
}
