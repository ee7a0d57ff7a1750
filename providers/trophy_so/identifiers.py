"""The patterns of user ids and API keys."""

import re

from providers.kit.text import require_match

SOURCE = "TROPHY_SO"

# Applications choose their users' ids freely; these are the ones that fit into a path and a text.
USER_ID_PATTERN = re.compile(r"(?!\.{1,2}\Z)[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,255}")
# Keys of points systems and leaderboards are names that the application gives them.
KEY_PATTERN = re.compile(r"(?!\.{1,2}\Z)[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,100}")
# The key of an application's client is bound to one user.
BOUND_KEY_PREFIX = "app_"
# Anything that fits into a header.
API_KEY_PATTERN = re.compile(r"[\x21-\x7e]{1,512}")


def check_user_id(user_id: str) -> None:
    """Raise `BadInput` for an id that no user can have."""
    hint = "1 to 255 characters, none of them a control character"
    require_match(USER_ID_PATTERN, user_id, "handle", hint, SOURCE)


def check_key(key: str) -> None:
    """Raise `BadInput` for a key that no points system and no leaderboard can have."""
    hint = "1 to 100 characters, none of them a control character"
    require_match(KEY_PATTERN, key, "key", hint, SOURCE)


def is_bound_key(api_key: str) -> bool:
    """Return whether an API key is that of an application's client, bound to one user."""
    return api_key.startswith(BOUND_KEY_PREFIX)
