"""The newest unlocks as an Atom feed (RFC 4287)."""

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from server.embeds.answers import Unlock
from server.embeds.profile_reader import ReadProfile
from server.embeds.unlock_texts import describe_unlock, name_unlock
from server.pages.texts import clean_text, name_source

MEDIA_TYPE, HTML = "application/atom+xml", "text/html"
NAMESPACE = "http://www.w3.org/2005/Atom"
# Under which ids are made: the same whatever the server's address is.
IDS = uuid5(NAMESPACE_URL, "https://trophycase.invalid/unlocks")
PROFILES = uuid5(NAMESPACE_URL, "https://trophycase.invalid/profiles")
# When a feed without entries has changed, which it has to say.
NEVER = datetime.fromtimestamp(0, UTC)


def build_unlock_id(unlock: Unlock) -> UUID:
    """Return the id of an unlock, the same for as long as there is the account."""
    return uuid5(IDS, unlock.id)


def render_feed(profile: ReadProfile) -> bytes:
    """Render the feed; an unlock whose time is not known is left out."""
    root = Element("feed", {"xmlns": NAMESPACE})
    _add(root, "id", uuid5(PROFILES, profile.name.lower()).urn)
    _add(root, "title", f"Achievements of {profile.display_name}")
    _add(root, "updated", _format(profile.newest_at or NEVER))
    _add(SubElement(root, "author"), "name", profile.display_name)
    _add_link(root, "self", f"{profile.page_url}/feed.atom", MEDIA_TYPE)
    _add_link(root, "alternate", profile.page_url, HTML)
    _add(root, "generator", "trophycase")
    for when, unlock in profile.dated_unlocks:
        _add_entry(root, profile.page_url, unlock, _format(when))
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _add_entry(root: Element, page_url: str, unlock: Unlock, when: str) -> None:
    entry = SubElement(root, "entry")
    _add(entry, "id", build_unlock_id(unlock).urn)
    _add(entry, "title", name_unlock(unlock))
    _add(entry, "published", when)
    _add(entry, "updated", when)
    _add_link(entry, "alternate", page_url, HTML)
    SubElement(entry, "category", {"term": unlock.source, "label": name_source(unlock.source)})
    _add(entry, "summary", describe_unlock(unlock))
    if unlock.icon_url is not None:
        _add_link(entry, "enclosure", unlock.icon_url)


def _add_link(parent: Element, relation: str, url: str, media_type: str | None = None) -> None:
    attributes = {"rel": relation, "href": url}
    SubElement(parent, "link", attributes | ({"type": media_type} if media_type else {}))


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = "\n".join(map(clean_text, text.split("\n")))


def _format(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
