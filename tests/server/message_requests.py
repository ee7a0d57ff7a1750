"""Requests for the messages of the sandbox, whose resources have URLs of this server."""

from collections.abc import Mapping

from providers.psn.sandbox import constants
from tests.harness import RunningServer

MESSAGES_QUERY = f"""
{{
  user(accounts: [{{ source: PSN, handle: "me" }}]) {{
    accounts {{ ... on PsnAccount {{
      messageGroup(groupId: "{constants.DIRECT_GROUP_ID}") {{
        messages(first: 45) {{ edges {{ node {{ resource {{ url }} }} }} }}
      }}
    }} }}
  }}
}}"""


def fetch_resource_urls(
    server: RunningServer, headers: Mapping[str, str] | None = None
) -> list[str]:
    """Return the URL of each resource in the operator's messages."""
    data = server.fetch_data(MESSAGES_QUERY, headers=headers)
    edges = data["user"]["accounts"][0]["messageGroup"]["messages"]["edges"]
    resources = [edge["node"]["resource"] for edge in edges]
    return [resource["url"] for resource in resources if resource]


def fetch_resource_url(server: RunningServer, headers: Mapping[str, str] | None = None) -> str:
    """Return the URL of the first resource in the operator's messages."""
    return fetch_resource_urls(server, headers)[0]
