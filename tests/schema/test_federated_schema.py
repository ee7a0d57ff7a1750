"""Plans are kept for operations whose selected fields do not depend on the variables."""

from tests.harness import PSN_VEGA, RunningServer

HEAD = "query ($accounts: [AccountInput!]!, $first: Int! = 2, $named: Boolean! = true)"
TITLES = f"""
{HEAD} {{
  user(accounts: $accounts) {{
    trophyTitles(first: $first) {{ edges {{ node {{ nativeId name @include(if: $named) }} }} }}
  }}
}}"""
SEVERAL = """
query A ($accounts: [AccountInput!]!) { user(accounts: $accounts) { trophyTitles(first: 1) {
  edges { node { nativeId } } } } }
query B ($accounts: [AccountInput!]!) { user(accounts: $accounts) { trophyTitles(first: 1) {
  edges { node { progress } } } } }"""


def test_directives_are_applied_anew_for_each_request(server: RunningServer) -> None:
    for named in (True, False, True):
        data = server.fetch_data(TITLES, {"accounts": PSN_VEGA, "named": named})
        nodes = [edge["node"] for edge in data["user"]["trophyTitles"]["edges"]]
        assert [list(node) for node in nodes] == [["nativeId", *["name"] * named]] * 2


def test_arguments_are_read_anew_for_each_request(server: RunningServer) -> None:
    query = TITLES.replace("@include(if: $named)", "").replace(", $named: Boolean! = true", "")
    for first in (1, 3, 2):
        data = server.fetch_data(query, {"accounts": PSN_VEGA, "first": first})
        assert len(data["user"]["trophyTitles"]["edges"]) == first


def test_each_operation_of_a_document_has_plans_of_its_own(server: RunningServer) -> None:
    for name, field in (("A", "nativeId"), ("B", "progress"), ("A", "nativeId")):
        body = {"query": SEVERAL, "operationName": name, "variables": {"accounts": PSN_VEGA}}
        data = server.request("POST", "/graphql", json=body).json()["data"]
        (edge,) = data["user"]["trophyTitles"]["edges"]
        assert list(edge["node"]) == [field]
