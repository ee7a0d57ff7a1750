"""Rendered documents are rendered once, one at a time, and kept within a bound."""

import asyncio

import pytest

from server.embeds import renderings
from server.embeds.renderings import Renderings


def test_equal_documents_are_rendered_once_and_one_at_a_time() -> None:
    running, rendered = 0, list[str]()

    def render(name: str) -> bytes:
        nonlocal running
        assert running == 0
        running += 1
        rendered.append(name)
        running -= 1
        return name.encode()

    async def scenario() -> list[bytes]:
        kept = Renderings()
        names = ["a", "b", "a", "c", "b", "a"]
        return await asyncio.gather(
            *(kept.render((name, 1), lambda name=name: render(name)) for name in names)
        )

    assert asyncio.run(scenario()) == [b"a", b"b", b"a", b"c", b"b", b"a"]
    assert sorted(rendered) == ["a", "b", "c"]


def test_what_fails_is_rendered_again() -> None:
    def fail() -> bytes:
        raise ValueError

    async def scenario() -> bytes:
        kept = Renderings()
        with pytest.raises(ValueError):  # noqa: PT011 - the one above
            await kept.render("a", fail)
        return await kept.render("a", lambda: b"x")

    assert asyncio.run(scenario()) == b"x"


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderings, "MAX_BYTES", 10)
    rendered: list[int] = []

    async def scenario() -> None:
        kept = Renderings()
        for number in (1, 2, 3, 1, 20, 20):
            content = b"x" * (number if number > 10 else 4)

            def render(number: int = number, content: bytes = content) -> bytes:
                rendered.append(number)
                return content

            assert await kept.render(number, render) == content

    asyncio.run(scenario())
    assert rendered == [1, 2, 3, 1, 20, 20]
