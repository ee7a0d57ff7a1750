"""The paths of values in a response, as tuples of the members of graphql-core's own paths.

Only errors, and what graphql-core completes, need its objects, which take longer to build.
"""

from typing import Any

from graphql.pyutils import Path

# The path of the value around it or None, a response name or an index, and the name of a type.
ValuePath = tuple[Any, Any, str | None]


def build_path(path: ValuePath | None) -> Any:
    """Return graphql-core's path with these members; None for None."""
    if path is None or type(path) is Path:
        return path
    before, key, type_name = path
    return Path(build_path(before), key, type_name)
