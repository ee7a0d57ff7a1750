"""One invented network: the tables put together, fresh for every sandbox."""

from providers.psn.sandbox import accounts, conversations, library
from providers.psn.sandbox.model import World
from providers.psn.sandbox.standings import standings
from providers.psn.sandbox.trophy_sets import SETS
from providers.psn.sandbox.world import FRIEND_ACCOUNT_ID, OWNER_ACCOUNT_ID


def build_world() -> World:
    return World(
        sets={known.np_communication_id: known for known in SETS},
        games={game.np_title_id: game for game in library.GAMES},
        accounts={account.account_id: account for account in accounts.ACCOUNTS},
        standings=standings(),
        played=library.played(),
        friends=accounts.friends(),
        requests=accounts.requests(),
        blocks=accounts.blocks(),
        lounges=conversations.lounges(),
        resources=conversations.resources(),
        wishlists={OWNER_ACCOUNT_ID: ["10000016"]},
        enrolled={OWNER_ACCOUNT_ID, FRIEND_ACCOUNT_ID},
    )
