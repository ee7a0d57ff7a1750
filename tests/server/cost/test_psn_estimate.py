"""Estimates of friends, messages, played games and mutations, which only PSN has."""

import pytest
from graphql import build_schema

from tests.server.operation_checks import estimate_cost

FRIENDS_SCHEMA = build_schema("""
    type Query { user(accounts: [String!]!): User }
    type User { accounts: [PsnAccount!]! }
    type PsnAccount {
      onlineId: String
      trophySummary: Int
      presence: Int
      friends(first: Int!): PsnAccountConnection!
      messageGroups(first: Int!): PsnMessageGroupConnection!
      playedGames(first: Int!): PsnPlayedGameConnection!
    }
    type PsnAccountConnection { edges: [PsnAccountEdge!]! }
    type PsnAccountEdge { node: PsnAccount! }
    type PsnMessageGroupConnection { edges: [PsnMessageGroupEdge!]! }
    type PsnMessageGroupEdge { node: PsnMessageGroup! }
    type PsnMessageGroup { messages(first: Int!): PsnMessageConnection! }
    type PsnMessageConnection { edges: [PsnMessageEdge!]! }
    type PsnMessageEdge { node: PsnMessage! }
    type PsnMessage { body: String }
    type PsnPlayedGameConnection { edges: [PsnPlayedGameEdge!]! }
    type PsnPlayedGameEdge { node: PsnPlayedGame! }
    type PsnPlayedGame { name: String trophyTitles: [TrophyTitle!] }
    type TrophyTitle { name: String rarestAchievements: [Achievement!] }
    type Achievement { earned: Boolean }
    type Mutation { sendPsnMessage(body: String!): Sent }
    type Sent { messageUid: ID }
""")


@pytest.mark.parametrize(
    ("selection", "calls"),
    [
        ("friends(first: 100) { edges { node { onlineId } } }", 2),
        ("friends(first: 100) { edges { node { onlineId presence } } }", 3),
        ("friends(first: 100) { edges { node { trophySummary } } }", 101),
        (
            """messageGroups(first: 20) { edges { node {
                messages(first: 9) { edges { node { body } } }
            } } }""",
            23,
        ),
        ("playedGames(first: 20) { edges { node { name } } }", 1),
        ("playedGames(first: 20) { edges { node { trophyTitles { name } } } }", 5),
        (
            """playedGames(first: 20) { edges { node { trophyTitles {
                rarestAchievements { earned }
            } } } }""",
            45,
        ),
        (
            """friends(first: 100) { edges { node {
                friends(first: 100) { edges { node { onlineId } } }
            } } }""",
            201,
        ),
    ],
)
def test_calls_of_a_psn_account(selection: str, calls: int) -> None:
    query = f'{{ user(accounts: "me") {{ accounts {{ {selection} }} }} }}'
    assert estimate_cost(query, schema=FRIENDS_SCHEMA).calls.total == calls


def test_equal_mutations_are_counted_separately() -> None:
    sent = " ".join(f'a{number}: sendPsnMessage(body: "hi") {{ messageUid }}' for number in "123")
    assert estimate_cost(f"mutation {{ {sent} }}", schema=FRIENDS_SCHEMA).calls.total == 6
