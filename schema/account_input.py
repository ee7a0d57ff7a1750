"""The account in the arguments of a query or a subscription."""

import strawberry

from providers.registry import Source

HANDLE_FORMATS = " ".join(
    f"{source.value.label}: {source.value.handle_format}." for source in Source
)


@strawberry.input(description="An account of a person.")
class AccountInput:
    source: Source = strawberry.field(description="The source of the account.")
    handle: str = strawberry.field(
        description=f"The account's name or id. {HANDLE_FORMATS} A handle that no account can have "
        "is BAD_USER_INPUT."
    )
