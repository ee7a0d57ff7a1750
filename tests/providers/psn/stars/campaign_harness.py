"""Loads campaigns over the sandbox."""

from providers.psn.client import PsnClient
from providers.psn_records import Campaign

NOVEMBER_ID = "a8faa377-f08b-5d1d-a27c-68cc32930105"


async def load_campaigns(client: PsnClient) -> tuple[Campaign, ...]:
    return (await client.get_campaigns()).value


async def load_november(client: PsnClient) -> Campaign:
    return (await client.get_campaign(NOVEMBER_ID)).value
