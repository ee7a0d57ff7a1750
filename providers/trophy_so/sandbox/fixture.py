"""Who and what can be asked for in this sandbox."""

ADMIN_KEY = "sandbox.trophy-key"
APPLICATION_KEY = "app_sandbox.second"
OWNER = "vega"
SECOND = "second user"
TEAM = "team/blue"
FRESH = "fresh"
SAMPLE = "user-id"
# Whom a key is bound to; an admin key is bound to nobody.
KEYS = {ADMIN_KEY: None, APPLICATION_KEY: SECOND}
OPENED = "2024-01-01T00:00:00.000Z"
TODAY = "2026-10-14"
NOW = f"{TODAY}T12:00:00.000Z"
