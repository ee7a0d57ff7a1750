"""Awards that are not for games: every type, and two hidden ones."""

from datetime import UTC, datetime

from providers.retroachievements.sandbox.models import SiteAward

EVENTS_CONSOLE = (101, "Events")

VEGA_SITE_AWARDS = (
    SiteAward(
        "Event",
        datetime(2025, 1, 31, 23, 59, 59, tzinfo=UTC),
        data=12,
        extra=2,
        order=3,
        title="Winter Marathon",
        icon="/Images/070012.png",
        tier=2,
        console=EVENTS_CONSOLE,
    ),
    SiteAward(
        "Event",
        datetime(2024, 7, 1, 12, 0, 0, tzinfo=UTC),
        data=7,
        extra=0,
        order=-1,
        title="A Short Summer",
        icon="/Images/070007.png",
        console=EVENTS_CONSOLE,
    ),
    SiteAward(
        "Site Event",
        datetime(2025, 6, 30, 20, 0, 0, tzinfo=UTC),
        data=31,
        extra=0,
        order=4,
        title="Ten Thousand Nights",
        icon="/Images/070031.png",
        console=EVENTS_CONSOLE,
    ),
    SiteAward("Achievement Unlocks Yield", datetime(2025, 8, 8, 8, 8, 8, tzinfo=UTC), 2, 0, 1),
    SiteAward("Achievement Points Yield", datetime(2025, 8, 9, 9, 9, 9, tzinfo=UTC), 3, 0, 2),
    SiteAward("Patreon Supporter", datetime(2024, 3, 1, tzinfo=UTC), 0, 1, 5),
    SiteAward("Certified Legend", datetime(2026, 4, 1, tzinfo=UTC), 0, 0, 6),
    SiteAward("Playtest", datetime(2026, 2, 14, 10, 0, 0, tzinfo=UTC), 3, 0, 7),
    SiteAward("Media Contribution", datetime(2026, 2, 14, 10, 0, 0, tzinfo=UTC), 1, 1, 8),
    SiteAward("Media Contribution", datetime(2026, 3, 1, 10, 0, 0, tzinfo=UTC), 2, 1, -1),
    SiteAward("Invalid or deprecated award type", datetime(2023, 12, 1, tzinfo=UTC), 0, 0, 9),
)
