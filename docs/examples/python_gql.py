"""Write all achievements of the viewer as CSV, newest first: python python_gql.py > FILE."""

import csv
import sys

from gql import Client, gql
from gql.transport.httpx import HTTPXTransport

QUERY = gql(
    """
    query Timeline($after: String) {
      viewer {
        achievements(first: 100, after: $after) {
          edges { node { id name earnedAt source title { name } } }
          pageInfo { hasNextPage endCursor }
          sources { source state message }
        }
      }
    }
    """
)
COLUMNS = ["earnedAt", "source", "title", "name"]
SOUND_STATES = {"OK", "STALE"}

transport = HTTPXTransport(
    "https://HOST/graphql", headers={"authorization": "Bearer KEY"}, timeout=30
)
writer = csv.DictWriter(sys.stdout, COLUMNS, extrasaction="ignore")
writer.writeheader()
with Client(transport=transport) as session:
    after = None
    while True:
        QUERY.variable_values = {"after": after}
        page = session.execute(QUERY)["viewer"]["achievements"]
        for edge in page["edges"]:
            achievement = edge["node"]
            title = achievement["title"] or {}
            writer.writerow({**achievement, "title": title.get("name")})
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

# A source that fails leaves the others there, and says why.
for status in page["sources"]:
    if status["state"] not in SOUND_STATES:
        sys.stderr.write(f"{status['source']}: {status['message'] or status['state']}\n")
