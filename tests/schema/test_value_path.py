"""A path is the same as graphql-core's, made when it is needed."""

from graphql.pyutils import Path

from schema.value_path import build_path


def test_a_path_has_the_members_of_its_tuple_and_those_around_it() -> None:
    root = Path(None, "user", "Query")
    built = build_path(((root, "titles", "User"), 3, None))

    assert built == root.add_key("titles", "User").add_key(3)
    assert built.as_list() == ["user", "titles", 3]
    assert built.prev.prev is root


def test_the_root_has_no_path() -> None:
    assert build_path(None) is None
