"""Which rows of a list a cursor has passed, although the list has moved since.

A cursor contains one number: the XOR of the hashes of all rows that were shown. Its difference to
the XOR over the rows that are now before the cursor tells which rows moved across it. The server
stores nothing for this, and makes no call.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

# The candidates are solved for among 256-bit hashes. With 200 of them 56 bits are left, so that
# wrong rows fit by chance once in 2 ** 56 times.
MAX_MOVED = 200
HASH_BYTES = 32


def hash_id(row_id: str) -> int:
    """Return the hash of a row's id, of 256 bits."""
    return int.from_bytes(blake2b(row_id.encode(), digest_size=HASH_BYTES).digest())


def xor_hashes(row_ids: Iterable[str]) -> int:
    """Return the XOR of the hashes of the rows' ids."""
    digest = 0
    for row_id in row_ids:
        digest ^= hash_id(row_id)
    return digest


def solve_xor(row_ids: Sequence[str], target: int) -> set[str] | None:
    """Return the rows whose hashes XOR to the target, by Gaussian elimination; None if none do.

    Members of a combination are the bits of a number, one for each row.
    """
    basis: dict[int, tuple[int, int]] = {}  # highest bit -> combined hash, members

    def reduce(value: int, members: int) -> tuple[int, int]:
        while value and (found := basis.get(value.bit_length())):
            value, members = value ^ found[0], members ^ found[1]
        return value, members

    for index, row_id in enumerate(row_ids if target else ()):
        value, members = reduce(hash_id(row_id), 1 << index)
        basis[value.bit_length()] = value, members
    rest, members = reduce(target, 0)
    if rest:
        return None
    return {row_id for index, row_id in enumerate(row_ids) if members >> index & 1}


def find_seen(row_ids: Sequence[str], index: int, last_id: str, digest: int | None) -> set[str]:
    """Return those of a list's rows that were shown up to a cursor.

    The cursor has the last row's index then, its id, and the digest of all rows shown; without a
    digest, all rows before it count as shown. Where the digest cannot be solved, as a row that was
    shown is gone from the list, likewise: but for that row nothing has moved.
    """
    is_gone = last_id not in row_ids
    end = index if is_gone else row_ids.index(last_id) + 1
    before = set(row_ids[:end])
    if digest is None:
        return before
    target = digest ^ hash_id(last_id) if is_gone else digest
    digests = [0]
    for row_id in row_ids:
        digests.append(digests[-1] ^ hash_id(row_id))
    if target in digests:
        return set(row_ids[: digests.index(target)])
    end = min(end, len(row_ids))
    moved = solve_xor(_list_candidates(row_ids, end), target ^ digests[end])
    return before if moved is None else before ^ moved


def _list_candidates(row_ids: Sequence[str], end: int) -> Sequence[str]:
    """Return the rows that may have moved: all, or those at the start and around the cursor."""
    if len(row_ids) <= MAX_MOVED:
        return row_ids
    half = MAX_MOVED // 2
    first = max(half, end - half // 2)
    return [*row_ids[:half], *row_ids[first : first + half]]
