"""The messages of the subprotocol `graphql-transport-ws`, declared and decoded."""

from typing import Annotated, Any

import msgspec

SUBPROTOCOL = "graphql-transport-ws"
MAX_ID_LENGTH = 128  # characters

OperationId = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID_LENGTH)]
Payload = dict[str, Any] | None


class OperationPayload(msgspec.Struct, frozen=True, rename="camel"):
    """An operation; its document may be persisted, and then it has a hash in its extensions."""

    query: str | None = None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.query is None and "persistedQuery" not in (self.extensions or {}):
            raise ValueError("an operation has a query, or the hash of one")


class ConnectionInit(msgspec.Struct, frozen=True, tag="connection_init", tag_field="type"):
    """The client's first message, with its credentials."""

    payload: Payload = None


class ConnectionAck(msgspec.Struct, frozen=True, tag="connection_ack", tag_field="type"):
    """The server's answer to the first message."""


class Ping(msgspec.Struct, frozen=True, omit_defaults=True, tag="ping", tag_field="type"):
    """A question whether the other side is there."""

    payload: Payload = None


class Pong(msgspec.Struct, frozen=True, omit_defaults=True, tag="pong", tag_field="type"):
    """The answer to a ping."""

    payload: Payload = None


class Subscribe(msgspec.Struct, frozen=True, tag="subscribe", tag_field="type"):
    """The start of any operation."""

    id: OperationId
    payload: OperationPayload


class Next(msgspec.Struct, frozen=True, tag="next", tag_field="type"):
    """A result of an operation, as encoded JSON."""

    id: str
    payload: msgspec.Raw


class Error(msgspec.Struct, frozen=True, tag="error", tag_field="type"):
    """The errors of an operation of which nothing was executed; it ends with them."""

    id: str
    payload: list[dict[str, Any]]


class Complete(msgspec.Struct, frozen=True, tag="complete", tag_field="type"):
    """The end of an operation."""

    id: OperationId


ClientMessage = ConnectionInit | Ping | Pong | Subscribe | Complete
ServerMessage = ConnectionAck | Ping | Pong | Next | Error | Complete

_decoder = msgspec.json.Decoder(ClientMessage)
_encoder = msgspec.json.Encoder()


class MessageInvalid(Exception):
    """A message that the subprotocol does not know."""


def decode_message(text: str) -> ClientMessage:
    """Decode a client's message; raise `MessageInvalid` for anything else."""
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        raise MessageInvalid from None


def encode_message(message: ServerMessage) -> str:
    """Encode a message of the server."""
    return _encoder.encode(message).decode()
