"""Message groups of the owner: with a friend, a named group, and an unnamed one."""

from providers.psn.sandbox import constants
from providers.psn.sandbox.models import Json, Message, MessageGroup, Resource

_START_MS = 1777000000000
_MINUTE_MS = 60_000
_STICKER: Json = {
    "stickerMessageDetail": {
        "imageUrl": "https://image.invalid/sticker/7.png",
        "manifestFileUrl": "https://image.invalid/sticker/manifest.json",
        "number": "7",
        "packageId": "SAMPLE-STICKERS",
        "type": "2",
    }
}
# The kind, alternative kind, body and detail of each message that is not plain text, by number.
_SPECIAL_MESSAGES: dict[int, tuple[int, int, str, Json | None]] = {
    5: (1013, 1013, "", _STICKER),
    12: (210, 210, "", {"videoMessageDetail": {"ugcId": "sample-clip"}}),
    18: (3, 3, "", {"imageMessageDetail": {"resourceId": constants.IMAGE_RESOURCE_ID}}),
    22: (2020, 1, "", {"voiceChatMessageDetail": {"eventType": "START"}}),
    27: (1011, 1011, "", {"voiceMessageDetail": {"resourceId": constants.VOICE_RESOURCE_ID}}),
    31: (2004, 1, "", {"groupIconChangedMessageDetail": {"isChanged": True}}),
    36: (
        2002,
        1,
        "",
        {"leftMemberMessageDetail": {"accountId": constants.get_extra_account_id(1)}},
    ),
    40: (7777, 1, "", {"laterMessageDetail": {"note": "a kind from a later build"}}),
}


def make_message_uid(number: int) -> str:
    return f"1#{447000000000000 + number}"


def _make_direct_message(number: int) -> Message:
    sender = constants.OWNER_ACCOUNT_ID if number % 3 == 0 else constants.FRIEND_ACCOUNT_ID
    created = _START_MS + number * 7 * _MINUTE_MS
    kind, alternative, body, detail = _SPECIAL_MESSAGES.get(
        number, (1, 1, f"message {number}", None)
    )
    return Message(make_message_uid(number), kind, sender, body, created, alternative, detail)


def _make_group_message(number: int, sender: str, body: str) -> Message:
    return Message(make_message_uid(number), 1, sender, body, _START_MS + number * _MINUTE_MS, 1)


def make_message_groups() -> dict[str, MessageGroup]:
    owner, friend = constants.OWNER_ACCOUNT_ID, constants.FRIEND_ACCOUNT_ID
    second, renamed = constants.SECOND_ACCOUNT_ID, constants.RENAMED_ACCOUNT_ID
    message_groups = [
        MessageGroup(
            constants.DIRECT_GROUP_ID,
            [owner, friend],
            _START_MS,
            direct=True,
            messages=[_make_direct_message(number) for number in range(1, 46)],
        ),
        MessageGroup(
            constants.NAMED_GROUP_ID,
            [owner, friend, second, renamed],
            _START_MS,
            name="Trophy Hunters",
            favourite_of={owner},
            messages=[
                _make_group_message(101, second, "who has the lanterns?"),
                _make_group_message(102, owner, "four of nine"),
            ],
        ),
        MessageGroup(
            constants.UNNAMED_GROUP_ID,
            [owner, second, constants.get_extra_account_id(1)],
            _START_MS,
            messages=[_make_group_message(201, second, "hello")],
        ),
    ]
    return {message_group.group_id: message_group for message_group in message_groups}


def make_resources() -> dict[tuple[str, str], Resource]:
    image = b"\x89PNG\r\n\x1a\n" + b"sandbox image"
    return {
        (constants.DIRECT_GROUP_ID, constants.IMAGE_RESOURCE_ID): Resource(image, "image/png"),
        (constants.DIRECT_GROUP_ID, constants.VOICE_RESOURCE_ID): Resource(b"voice", "audio/3gpp"),
    }
