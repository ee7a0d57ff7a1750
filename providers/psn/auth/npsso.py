"""Reads an NPSSO from what people paste: PSN's page shows it inside of a JSON object."""

import re

NPSSO_HINT = "64 letters and digits, or the JSON that PSN's page shows"
NPSSO_PATTERN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{64}(?![A-Za-z0-9])")


def extract_npsso(text: str) -> str | None:
    """Return the one NPSSO in a text such as `{"npsso": "..."}`; None if there is not just one."""
    candidates = set(NPSSO_PATTERN.findall(text))
    return candidates.pop() if len(candidates) == 1 else None
