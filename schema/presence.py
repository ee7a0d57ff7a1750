"""Whether an account is online, and what it plays."""

from datetime import datetime

import strawberry


@strawberry.federation.type(
    shareable=True, description="Whether an account is online, where, and what it plays."
)
class PsnPresence:
    online_status: str | None = strawberry.field(
        description="Whether it is online or offline, `primaryPlatformInfo.onlineStatus`."
    )
    platform: str | None = strawberry.field(
        description="PS4, PS5, MOBILE_APP or PSPC, `primaryPlatformInfo.platform`."
    )
    last_online_at: datetime | None = strawberry.field(
        description="`lastOnlineDate`; only while offline."
    )
    title_name: str | None = strawberry.field(
        description="The name of the game that is played, `titleName`."
    )
    np_title_id: strawberry.ID | None = strawberry.field(
        description="The product build that is played, `npTitleId`."
    )
