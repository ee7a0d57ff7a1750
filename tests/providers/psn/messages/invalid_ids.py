"""Ids that must not get into a URL, some of them made to change where it leads."""

from providers.psn.sandbox.constants import DIRECT_GROUP_ID, NAMED_GROUP_ID

INVALID_GROUP_IDS = [
    "",
    ".",
    "..",
    "me",
    "../me",
    "a/b",
    "~1A2B3C4D5E6F7081",
    f"{DIRECT_GROUP_ID}/x",
    f"{DIRECT_GROUP_ID}\n",
    f"{DIRECT_GROUP_ID}?limit=1",
    f"{DIRECT_GROUP_ID}#",
    f"{NAMED_GROUP_ID} ",
    f"{NAMED_GROUP_ID}%2f",
    "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
    "group_\u0661",
    "\ud800",
]
INVALID_RESOURCE_IDS = [
    "",
    ".",
    "..",
    "a..b",
    "a/b",
    "a%2fb",
    "a b",
    "a\n",
    "é",
    "x" * 201,
    "?",
    "#",
]
