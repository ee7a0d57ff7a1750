"""Keys, users and dates of the sandbox, by name."""

ADMIN_KEY = "sandbox.trophy-key"
APPLICATION_KEY = "app_sandbox.second"
OWNER_ID = "vega"
SECOND_ID = "second user"
TEAM_ID = "team/blue"
FRESH_ID = "fresh"
SAMPLE_ID = "user-id"
# The user that a key is bound to; an admin key is bound to none.
USER_ID_BY_KEY = {ADMIN_KEY: None, APPLICATION_KEY: SECOND_ID}
CREATED_AT = "2024-01-01T00:00:00.000Z"
TODAY = "2026-10-14"
NOW = f"{TODAY}T12:00:00.000Z"
