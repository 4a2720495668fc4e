from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from ahadi.lib.html import text_to_html
from ahadi.lib.markup import to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** words", "<strong>bold</strong> words"),
        ("an _important_ word", "an <em>important</em> word"),
        ("press `Ctrl+K`", "press <code>Ctrl+K</code>"),
        ("`**not bold**`", "<code>**not bold**</code>"),
        ("5 * 3 ** 2 and snake_case_name", "5 * 3 ** 2 and snake_case_name"),
        ("**خیلی مهم** است", "<strong>خیلی مهم</strong> است"),
        ("<b>no</b> & so on", "&lt;b&gt;no&lt;/b&gt; &amp; so on"),
    ],
)
def test_marks_inside_a_line(text: str, html: str):
    assert to_html(text) == f'<p dir="auto">{html}</p>'


def test_lists_quotes_and_code_stand_for_themselves():
    text = "First:\n- one\n- **two**\n\n3. three\n4. four\n\n> said\n> before\n\n```\na <b>\n```"

    page = LexborHTMLParser(to_html(text))

    assert [node.text() for node in page.css("ul li")] == ["one", "two"]
    assert page.css_first("ol").attributes["start"] == "3"
    assert page.css_first("blockquote p").text() == "said\nbefore"
    assert page.css_first("pre code").text() == "a <b>"
    assert all(node.attributes["dir"] == "auto" for node in page.css("p, li, ul, ol, blockquote, pre"))


@pytest.mark.parametrize(
    "text", ["[here](javascript:alert(1))", "[here](data:text/html,x)", '[x](https://a.b" onclick="x)']
)
def test_a_link_leads_to_pages_mails_and_phones_only(text: str):
    page = LexborHTMLParser(to_html(text))

    for link in page.css("a"):
        assert set(link.attributes) == {"href", "rel", "target", "dir"}
        assert link.attributes["href"].startswith("https://")


def test_a_link_has_its_words():
    page = LexborHTMLParser(to_html("See [the **page**](https://marlo.example/a_b_c) now."))

    assert page.css_first("a").text() == "the **page**"
    assert page.css_first("a").attributes["href"] == "https://marlo.example/a_b_c"


@pytest.mark.parametrize(
    "text",
    ["One.\nTwo.\n\nThree.", "See https://marlo.example/a_(b)?c=1_2_3.", "سلام\n\nHello", "", " \n\n "],
)
def test_words_without_marks_read_as_plain_text_does(text: str):
    assert to_html(text) == text_to_html(text)


@given(st.text(alphabet="ab*_`[]()>-1. \n<&\"'\ue000\ue001:/htps"))
def test_nobody_can_write_an_element_of_their_own(text: str):
    page = LexborHTMLParser(to_html(text))

    known = {"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote", "a"}
    assert {node.tag for node in page.body.traverse()} - {"body"} <= known


def test_a_picture_stands_where_the_text_names_it_and_nowhere_else():
    places = {"map.png": "/files/7/?a=1&b=2"}

    shown = to_html("See ![map.png], `![map.png]`, ![other.png] and ![map.png](https://a.example/).", places)

    assert shown.startswith('<p dir="auto">See <img src="/files/7/?a=1&amp;b=2" alt="map.png">,')
    assert shown.count("<img") == 1
    assert "<code>![map.png]</code>" in shown
    assert "![other.png]" in shown
    assert "<img" not in to_html("![map.png]")
