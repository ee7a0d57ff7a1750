"""Operations of pages in a running server, for a public profile or for a caller."""

from typing import Any

from starlette.requests import Request

from server.live.event_stream import EventStreams
from server.live.subscription import Subscriptions
from server.pages.page_client import FRAGMENTS, OPERATIONS, Answer, PageClient
from server.pages.page_services import PageServices, PageSubject
from tests.harness import RunningServer

VEGA = "vega=psn:vega_north+ra:VegaNorth+trophy:vega+steam:76561190000000001+xbox:2535400000000001"
SECOND = "second=psn:second_player+ra:SecondSam"
PROFILES = {"TROPHYCASE_PROFILES": f"{VEGA},{SECOND}"}
KEYS = {"TROPHYCASE_API_KEYS": "reader:key-of-the-reader:read,public:key-of-the-public:public"}
OPERATION_NAMES = sorted({path.stem for path in OPERATIONS.iterdir()} - {FRAGMENTS})
READER = {"authorization": "Bearer key-of-the-reader"}
PUBLIC = {"authorization": "Bearer key-of-the-public"}


def make_services(server: RunningServer) -> PageServices:
    """Make the services of pages from the parts of a running server."""
    state = server.app.state
    subscriptions = Subscriptions(state.operation_runner, state.live_connections)
    client = PageClient(state.operation_runner, state.operation_log, EventStreams(subscriptions))
    return PageServices(state.settings, state.authenticator, client)


def make_request(
    path: str = "/", query: str = "", headers: dict[str, str] | None = None, **parameters: str
) -> Request:
    """Make a request as the router hands it on."""
    encoded = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": path,
            "path_params": parameters,
            "query_string": query.encode(),
            "headers": encoded,
            "client": ("127.0.0.1", 40_000),
            "server": ("127.0.0.1", 8000),
            "state": {},
        }
    )


def run_for_profile(
    server: RunningServer, profile: str, operation: str, **variables: Any
) -> Answer:
    """Run an operation of a profile's pages."""
    services, request = make_services(server), make_request(f"/@{profile}", profile=profile)
    return run(server, request, services.find_profile_subject(request), operation, **variables)


def run(
    server: RunningServer, request: Request, subject: PageSubject, operation: str, **variables: Any
) -> Answer:
    """Run an operation for a subject."""
    return server.run(make_services(server).execute(request, subject, operation, **variables))
