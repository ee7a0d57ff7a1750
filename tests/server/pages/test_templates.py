"""Templates escape what they show, and miss nothing silently."""

import pytest
from jinja2 import UndefinedError

from server.pages.templates import FOLDER, get_environment, render


@pytest.mark.slow
def test_every_template_can_be_compiled() -> None:
    names = sorted(path.name for path in FOLDER.iterdir())
    assert "trophy_case.html" in names
    for name in names:
        assert get_environment().get_template(name).name == name


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("no_account.html")


def test_texts_are_escaped_in_every_template() -> None:
    template = get_environment().from_string('<a title="{{ text }}">{{ text }}</a>')
    assert template.render(text="<b>'\"&") == (
        '<a title="&lt;b&gt;&#39;&#34;&amp;">&lt;b&gt;&#39;&#34;&amp;</a>'
    )
