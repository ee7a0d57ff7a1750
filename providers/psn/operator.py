"""The operator's client: another one takes its place when another person signs in."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from providers.psn.auth.token_store import TokenFile
from providers.psn.client import PsnClient

log = logging.getLogger(__name__)


@dataclass
class OperatorClient:
    """The client of the stored sign-in, as `create` makes it from its token file.

    Each client stays with one person. After `psn login` the following requests get a new client,
    whose scope is another one; those that are running end with the one that they began with.
    """

    create_token_file: Callable[[], TokenFile]
    create: Callable[[TokenFile], PsnClient]
    _client: PsnClient = field(init=False, repr=False)
    _token_file: TokenFile = field(init=False, repr=False)
    _sign_in_id: str = field(init=False, repr=False)
    _version: tuple[int, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        self._open()

    def get(self) -> PsnClient:
        """Return the client of the sign-in that is stored now."""
        version = self._token_file.get_version()
        if version != self._version:
            self._version = version
            self._follow_sign_in()
        return self._client

    def _follow_sign_in(self) -> None:
        try:
            sign_in_id = self._token_file.read_sign_in_id()
            if sign_in_id and sign_in_id != self._sign_in_id:
                self._open()
                log.warning("PSN's operator has signed in anew: the new sign-in is used")
        except ValueError as error:  # prevents a start, but must not stop a running server
            log.warning("PSN's stored sign-in is not used: %s", error)

    def _open(self) -> None:
        token_file = self.create_token_file()
        self._version = token_file.get_version()  # before the rest, so that no change is missed
        self._sign_in_id = token_file.sign_in_id = token_file.read_sign_in_id()
        self._client = self.create(token_file)
        self._token_file = token_file
