"""A signed-in client of a sandbox, with one request at a time."""

import asyncio
from typing import Any

import httpx

from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.constants import CLIENT_ID, CLIENT_SECRET

TOKEN_URL = "https://ca.account.sony.com/api/authz/v3/oauth/token"
MOBILE = "https://m.np.playstation.com"
TROPHY = f"{MOBILE}/api/trophy/v1"


def send_request(sandbox: PsnSandbox, method: str, url: str, **options: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.MockTransport(sandbox.handle_request)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.request(method, url, **options)

    return asyncio.run(send())


def sign_in(sandbox: PsnSandbox, npsso: str) -> dict[str, Any]:
    form = {"grant_type": "sso_token", "npsso": npsso, "token_format": "jwt"}
    response = send_request(sandbox, "POST", TOKEN_URL, data=form, auth=(CLIENT_ID, CLIENT_SECRET))
    assert response.status_code == 200
    return response.json()


class Caller:
    def __init__(self, sandbox: PsnSandbox, npsso: str) -> None:
        self.sandbox = sandbox
        token = sign_in(sandbox, npsso)["access_token"]
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en-US"}

    def request(
        self, method: str, url: str, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        all_headers = {**self.headers, **(headers or {})}
        return send_request(self.sandbox, method, url, headers=all_headers, **options)

    def get(
        self, url: str, headers: dict[str, str] | None = None, /, **query: Any
    ) -> httpx.Response:
        return self.request("GET", url, headers, params=query)

    def get_json(self, url: str, **query: Any) -> Any:
        response = self.get(url, **query)
        assert response.status_code == 200, response.text
        return response.json()


def parse_error(response: httpx.Response) -> tuple[int, int, str]:
    """Return the status, code and message of an error response."""
    body = response.json()["error"]
    return response.status_code, body["code"], body["message"]
