"""The error of a page or a batch that is larger than an upstream allows."""

import re

from providers.errors import BadResponse

NUMBER_PATTERN = re.compile(r"(?<![0-9])[1-9][0-9]{0,5}(?![0-9])")
LIMIT_PATTERN = re.compile(
    r"limit|size|too (?:many|long|large)|at most|maximum|greater|exceed|allow|between|fewer",
    re.IGNORECASE,
)


class LimitRefused(BadResponse):
    """A page or a batch is larger than the source allows; `numbers` are those that it names."""

    numbers: tuple[int, ...] = ()

    def get_allowed(self, refused: int) -> int | None:
        """Return the allowed size that the source names; None if it names no smaller one."""
        return max((number for number in self.numbers if number < refused), default=None)


def is_about_limit(message: str) -> bool:
    """Return whether an upstream's error message is about the size of a page or a batch."""
    return LIMIT_PATTERN.search(message) is not None


def build_limit_refused(message: str, source: str) -> LimitRefused:
    """Build the error of a refusal; `message` is the upstream's and is never shown."""
    error = LimitRefused("The source allows fewer items in a request.", source=source)
    error.numbers = tuple(int(number) for number in NUMBER_PATTERN.findall(message))
    return error
