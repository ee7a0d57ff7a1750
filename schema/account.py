"""The interface of an account on one source, and the type of those without fields of their own."""

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import strawberry
from strawberry.types.base import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from providers.records import Profile
from providers.registry import Source
from resolvers.account import get_profile, get_profile_or_none, get_stable_id, get_status
from resolvers.context import AccountRef, Owner
from schema.connection import Connection
from schema.node import Info, Node, encode_node_id
from schema.scalars import URL
from schema.source import SourceStatus
from schema.values import Image

if TYPE_CHECKING:
    from schema.user import User

# Metadata of the fields that need the account's profile.
IN_PROFILE = {"in_profile": True}
# Of those that the source's quicker profile does not have.
IN_FULL_PROFILE = {"in_profile": True, "in_full_profile": True}


@strawberry.interface(description="An account of a person on one source.")
class Account(Node):
    # The key, beside `id`, by which `_entities` finds accounts of the type.
    handle_key: ClassVar[str] = "handle"

    account_ref: strawberry.Private[AccountRef]
    profile: strawberry.Private[Profile | None] = None
    # The source's own id, if a list of the source contains it.
    listed_native_id: strawberry.Private[str | None] = None
    needs_profile: strawberry.Private[bool] = False
    needs_full_profile: strawberry.Private[bool] = False

    @strawberry.field(
        description="Opaque and lasting: the same for every handle of the account. Made from the "
        "handle if the source is not available; where names change hands, `node` does not find "
        "such an id.",
        metadata=IN_PROFILE,
    )
    async def id(self, info: Info) -> strawberry.ID:
        known_id = (self.profile and self.profile.native_id) or self.listed_native_id
        native_id = known_id or await get_stable_id(info.context, self.account_ref)
        owner = Owner(self.account_ref.source, self.account_ref.handle, native_id)
        return encode_node_id(type(self).__name__, owner)

    @strawberry.field(description="The source of the account.")
    def source(self) -> Source:
        return self.account_ref.source

    @strawberry.field(
        description="The account's name: as its owner writes it if the profile is loaded, else as "
        "in the query."
    )
    async def handle(self, info: Info) -> str:
        profile = self.profile
        if profile is None and self.needs_profile:
            profile = await get_profile_or_none(
                info.context, self.account_ref, full_profile=self.needs_full_profile
            )
        return profile.handle if profile else self.account_ref.handle

    @strawberry.field(
        description="The source's own id of the account, such as PSN `accountId`, "
        "RetroAchievements `ULID`, Trophy.so `id`, a SteamID64 or an XUID.",
        metadata=IN_PROFILE,
    )
    async def native_id(self, info: Info) -> strawberry.ID | None:
        return await self.get_profile_attribute(info, "native_id") or None

    @strawberry.field(description="The name to display.", metadata=IN_PROFILE)
    async def display_name(self, info: Info) -> str | None:
        return await self.get_profile_attribute(info, "display_name")

    @strawberry.field(description="The account's picture.", metadata=IN_PROFILE)
    async def avatar(self, info: Info) -> Image | None:
        return await self.get_profile_attribute(info, "avatar")

    @strawberry.field(
        description="The account's page on the source's own site.", metadata=IN_PROFILE
    )
    async def profile_url(self, info: Info) -> URL | None:
        return await self.get_profile_attribute(info, "profile_url")

    @strawberry.field(
        description="Whether the account exists, according to its source.", metadata=IN_PROFILE
    )
    async def status(self, info: Info) -> SourceStatus:
        return SourceStatus.from_status(
            await get_status(info.context, self.account_ref, full_profile=self.needs_full_profile)
        )

    @strawberry.field(description="The user with this account only.")
    def user(self) -> Annotated["User", strawberry.lazy("schema.user")]:
        from schema.user import User  # noqa: PLC0415 - the two types name each other

        return User(account_refs=(self.account_ref,))

    async def get_profile_attribute(self, info: Info, attribute: str) -> Any:
        """Return an attribute of the profile; None if the account does not exist."""
        if attribute == "native_id" and self.listed_native_id is not None:
            return self.listed_native_id
        profile = self.profile or await get_profile(
            info.context, self.account_ref, full_profile=self.needs_full_profile
        )
        value = None if profile is None else getattr(profile, attribute, None)
        return value or None if attribute == "native_id" else value


def profile_field(
    attribute: str, field_type: Any, description: str, *, full_profile: bool = False
) -> Any:
    """Declare a field of an account type with the value of an attribute of the profile."""

    async def resolve(self: Account, info: Info) -> Any:
        return await self.get_profile_attribute(info, attribute)

    resolve.__annotations__["return"] = field_type
    resolve.__name__ = attribute
    return strawberry.field(
        resolver=resolve,
        description=description,
        metadata=IN_FULL_PROFILE if full_profile else IN_PROFILE,
    )


@cache
def list_profile_fields(account_type: type[Account], *, full_profile: bool) -> frozenset[str]:
    """Return the names of the type's fields that need the profile, or only a full one has."""
    key = "in_full_profile" if full_profile else "in_profile"
    fields = get_object_definition(account_type, strict=True).fields
    return frozenset(to_camel_case(each.python_name) for each in fields if each.metadata.get(key))


@strawberry.federation.type(
    keys=["id"], description="An account on a source without fields of its own."
)
class PlainAccount(Account):
    pass


@strawberry.type(description="The accounts that a search found.")
class AccountConnection(Connection[Account]):
    pass
