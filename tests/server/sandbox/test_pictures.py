"""The sandbox's pictures inside documents."""

import asyncio

from server.sandbox.emblem import Emblem, draw_png
from server.sandbox.pictures import SandboxPictures


def test_the_picture_of_an_own_address_is_the_one_that_is_served_there() -> None:
    url = "http://127.0.0.1:8000/sandbox/images/0a1b2c.svg"

    content = asyncio.run(SandboxPictures().download(url, 1.0))

    assert content == draw_png(Emblem("0a1b2c"))
