"""What pages are made with, and who sees what on them."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from providers.errors import BadInput
from resolvers.context import AccountRef
from server.authentication import Authenticator, Caller, get_client_address
from server.pages.page_client import Answer, PageClient
from server.pages.profile import SOURCES_BY_PARAMETER, Profile, find_profile
from server.request_error import RequestRejected
from server.settings import Settings

NAME_PARAMETER = "profile"


@dataclass(frozen=True)
class PageSubject:
    """The accounts that a page is about, and the caller whose rights it has.

    Without a profile the page is for its caller alone.
    """

    accounts: tuple[AccountRef, ...]
    caller: Caller
    profile: Profile | None = None

    @property
    def account_inputs(self) -> list[dict[str, str]]:
        """The accounts as the variable `accounts` of an operation."""
        return [{"source": each.source.name, "handle": each.handle} for each in self.accounts]


@dataclass(frozen=True)
class PageServices:
    """The services that the endpoints of pages share."""

    settings: Settings
    authenticator: Authenticator
    client: PageClient

    async def execute(
        self, request: Request, subject: PageSubject, operation: str, **variables: Any
    ) -> Answer:
        """Execute an operation about the subject's accounts, with the rights of its caller."""
        given = {"accounts": subject.account_inputs, **variables}
        return await self.client.execute(request, subject.caller, operation, given)

    def find_profile_subject(self, request: Request) -> PageSubject:
        """Return the public profile of a path; reject the request if there is none.

        The request chooses nothing but the profile, and its headers no rights.
        """
        name = request.path_params.get(NAME_PARAMETER, "")
        profile = find_profile(self.settings.profiles, name)
        if profile is None:
            raise RequestRejected(404, "There is no profile of this name.", "NOT_FOUND")
        caller = self.authenticator.authenticate_visitor(profile.name)
        return PageSubject(profile.accounts, caller, profile)

    def find_caller_subject(self, request: Request) -> PageSubject:
        """Return the accounts in the query, by default the viewer's own, with the caller's rights.

        Raise `CallerUnauthenticated` or `Forbidden` for a caller who may not see them.
        """
        caller = self.authenticator.authenticate(request.headers, get_client_address(request))
        accounts = _read_accounts(request)
        if not accounts and caller.viewer.access_error is not None:
            raise caller.viewer.access_error
        return PageSubject(accounts or caller.viewer.accounts, caller)


def _read_accounts(request: Request) -> tuple[AccountRef, ...]:
    found: list[AccountRef] = []
    for parameter, source in SOURCES_BY_PARAMETER.items():
        handles = [each.strip() for each in request.query_params.getlist(parameter)]
        if len(handles) > 1:
            raise BadInput(f"{parameter}: must have one account.", argument=parameter)
        found += [AccountRef(source, handle) for handle in handles if handle]
    return tuple(found)
