"""The form of an NPSSO, and the NPSSO in what a person pastes."""

import re

from providers.kit.text import unwrap_pasted

NPSSO_PAGE = "https://ca.account.sony.com/api/v1/ssocookie"
NPSSO_PLACE = f"The NPSSO is shown by {NPSSO_PAGE} in a browser that is signed in to PlayStation"
NPSSO_HINT = "64 letters and digits alone, without the JSON that PSN's page shows them in"
NPSSO_PATTERN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{64}(?![A-Za-z0-9])")


def parse_npsso(text: str) -> str | None:
    """Return an NPSSO without the blanks and quotes around it; None for anything else."""
    npsso = unwrap_pasted(text)
    return npsso if NPSSO_PATTERN.fullmatch(npsso) else None


def find_npsso(text: str) -> str | None:
    """Return the one NPSSO in a text such as `{"npsso": "..."}`; None if there is not just one."""
    candidates = set(NPSSO_PATTERN.findall(text))
    return candidates.pop() if len(candidates) == 1 else None
