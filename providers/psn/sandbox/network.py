"""One invented network: the tables put together, fresh for every sandbox."""

from providers.psn.sandbox import accounts, conversations, library
from providers.psn.sandbox.model import Database
from providers.psn.sandbox.standings import make_trophy_progress
from providers.psn.sandbox.trophy_sets import TROPHY_SETS
from providers.psn.sandbox.world import FRIEND_ACCOUNT_ID, OWNER_ACCOUNT_ID


def build_database() -> Database:
    return Database(
        trophy_sets={known.np_communication_id: known for known in TROPHY_SETS},
        games={game.np_title_id: game for game in library.GAMES},
        accounts={account.account_id: account for account in accounts.ACCOUNTS},
        trophy_progress=make_trophy_progress(),
        played_games=library.make_played_games(),
        friends=accounts.make_friends(),
        friend_requests=accounts.make_friend_requests(),
        blocks=accounts.make_blocks(),
        message_groups=conversations.make_message_groups(),
        resources=conversations.make_resources(),
        wishlists={OWNER_ACCOUNT_ID: ["10000016"]},
        enrolled_account_ids={OWNER_ACCOUNT_ID, FRIEND_ACCOUNT_ID},
    )
