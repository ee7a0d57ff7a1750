"""The sandbox's own pictures and profile pages, in place of addresses that lead elsewhere.

Sources build addresses on the hosts of real sites, where an invented achievement has no picture, or
that of a real one.
"""

import re
from collections.abc import Callable
from hashlib import blake2s
from inspect import isawaitable
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema, get_named_type

from schema.completers import NEEDS_RESOLVER

IMAGES_PATH = "/sandbox/images"
PROFILES_PATH = "/sandbox/profiles"
PATHS_BY_FIELD = {"profileUrl": PROFILES_PATH, "lockedUrl": f"{IMAGES_PATH}/locked"}
DIGEST_BYTES = 6
LOCKED = re.compile(r"_lock(?=\.\w+$)")

Resolve = Callable[..., Any]


def use_sandbox_addresses(schema: GraphQLSchema) -> None:
    """Replace every URL that is not this server's in the responses of a schema."""
    url = schema.type_map["URL"]
    for graphql_type in schema.type_map.values():
        if not isinstance(graphql_type, GraphQLObjectType):
            continue
        for name, field in graphql_type.fields.items():
            if get_named_type(field.type) is url and field.resolve is not None:
                field.resolve = _wrap(field.resolve, PATHS_BY_FIELD.get(name, IMAGES_PATH))
                field.extensions[NEEDS_RESOLVER] = True


def build_sandbox_address(url: str, public_url: str, path: str = IMAGES_PATH) -> str:
    """Return the address on this server that stands for another; its own stay as they are.

    The picture of a locked achievement has the same name as the one of the earned achievement.
    """
    if url.startswith(f"{public_url}/"):
        return url
    digest = blake2s(LOCKED.sub("", url).encode(), digest_size=DIGEST_BYTES).hexdigest()
    return f"{public_url}{path}/{digest}{'' if path == PROFILES_PATH else '.svg'}"


def _wrap(resolve: Resolve, path: str) -> Resolve:
    def replace(url: str | None, info: Any) -> str | None:
        public_url = info.context.public_url
        # What no request asks for, such as a webhook, has no address of this server to give.
        return build_sandbox_address(url, public_url, path) if url and public_url else None

    async def replace_later(pending: Any, info: Any) -> str | None:
        return replace(await pending, info)

    def resolve_here(source: Any, info: Any, /, **arguments: Any) -> Any:
        value = resolve(source, info, **arguments)
        return replace_later(value, info) if isawaitable(value) else replace(value, info)

    return resolve_here
