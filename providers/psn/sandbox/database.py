"""Builds the database of a sandbox from the tables."""

from providers.psn.sandbox import account_data, message_data, played_game_data
from providers.psn.sandbox.constants import FRIEND_ACCOUNT_ID, OWNER_ACCOUNT_ID
from providers.psn.sandbox.models import Database
from providers.psn.sandbox.trophy_progress_data import make_trophy_progress
from providers.psn.sandbox.trophy_set_data import TROPHY_SETS


def build_database() -> Database:
    return Database(
        trophy_sets={trophy_set.np_communication_id: trophy_set for trophy_set in TROPHY_SETS},
        games={game.np_title_id: game for game in played_game_data.GAMES},
        accounts={account.account_id: account for account in account_data.ACCOUNTS},
        trophy_progress=make_trophy_progress(),
        played_games=played_game_data.make_played_games(),
        friends=account_data.make_friends(),
        friend_requests=account_data.make_friend_requests(),
        blocks=account_data.make_blocks(),
        message_groups=message_data.make_message_groups(),
        resources=message_data.make_resources(),
        enrolled_account_ids={OWNER_ACCOUNT_ID, FRIEND_ACCOUNT_ID},
    )
