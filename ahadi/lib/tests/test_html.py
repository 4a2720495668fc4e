from __future__ import annotations

import json
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from ahadi.lib import html
from ahadi.lib.tests.shared import data


def dangers(shown: str) -> list[str]:
    """Everything in sanitised HTML that could run, load, send or cover something."""
    found = []
    for node in LexborHTMLParser(shown).root.traverse():
        if node.tag not in html.TAGS | {"html", "head", "body", "-text"}:
            found.append(node.tag)
        for name, value in node.attributes.items():
            if name.startswith("on") or name in (
                "style",
                "srcset",
                "formaction",
                "action",
                "id",
                "name",
                "class",
            ):
                found.append(name)
            if name == "href" and not re.match(r"https?:|mailto:|tel:", value or "", re.IGNORECASE):
                found.append(f"{name}={value}")
            if name == "src" and not re.match(r"data:image/(png|gif|jpe?g|webp);", value or ""):
                found.append(f"{name}={value}")
    return found


def attacks() -> list[str]:
    bleach = [
        path.read_text(errors="replace").split("\n--\n")[0] for path in data("xss", "bleach").glob("*.test")
    ]
    html5lib = [case["input"] for case in json.loads(data("xss", "html5lib-sanitizer.json").read_text())]
    return bleach + html5lib + json.loads(data("naughty", "blns.json").read_text())


def test_no_known_attack_gets_through():
    collected = attacks()

    through = {attack: found for attack in collected if (found := dangers(html.clean(attack)))}

    assert len(collected) > 500
    assert through == {}


@given(
    st.lists(
        st.sampled_from(
            [
                "<",
                ">",
                "script",
                "img src=",
                "'",
                '"',
                "/",
                "onerror=",
                "<a href=",
                "javascript:",
                "&#106;",
                "<svg>",
                "<math>",
                "<style>",
                "<!--",
                "-->",
                "<p ",
                "data:",
                "`",
                "\x00",
                "<template>",
                "<noscript>",
            ]
        )
    )
)
def test_no_mixture_of_markup_gets_through(pieces):
    assert dangers(html.clean("".join(pieces))) == []


@pytest.mark.parametrize(
    "attack",
    [
        "<scr<script>ipt>alert(1)</script>",
        '<form action="https://evil"><input name=q><button formaction=javascript:x>go</button></form>',
        '<div style="position:fixed;top:0;background:url(https://evil)">cover</div>',
        '<a href="java\nscript:alert(1)">x</a><a href=" javascript:alert(1)">y</a><a href="/logout">z</a>',
        '<img src="/desk/logout"><img src=x onerror=alert(1)><img srcset="https://evil 1x">',
        '<img data-remote-src="javascript:x"><img data-missing-cid="a">',
        "<svg><script>alert(1)</script></svg><math><mtext><style><img src=x onerror=alert(1)></style>",
        '<meta http-equiv=refresh content="0;url=https://evil"><base href="//evil"><link href=x>',
    ],
)
def test_nothing_runs_loads_or_covers(attack):
    shown = html.clean(attack)

    assert dangers(shown) == []
    assert "javascript:" not in shown


def test_remote_images_wait_until_somebody_asks_for_them():
    shown = html.clean('<img src="https://tracker.example/a.png?u=1" alt="Logo">')

    assert 'data-remote-src="https://tracker.example/a.png?u=1"' in shown
    assert not re.search(r'(?<!-)\bsrc="', shown.replace("data-remote-src", ""))


def test_pictures_of_one_point_are_left_out():
    assert "img" not in html.clean('<img src="https://tracker.example/p.gif" width="1" height="1">')


def test_pictures_of_the_mail_are_found_by_their_content_id_in_any_case():
    shown = html.clean('<img src="CID:Logo@X"><img src="cid:none">', {"<logo@x>": "/files/abc"})

    assert 'src="/files/abc"' in shown
    assert 'data-missing-cid="none"' in shown


def test_links_open_elsewhere_and_tell_nothing():
    shown = html.clean('<a href="https://example.org/?a=1&b=2" onclick="x()" target="_self">here</a>')

    assert 'rel="noopener noreferrer nofollow"' in shown
    assert 'target="_blank"' in shown
    assert "onclick" not in shown


def test_direction_is_kept_or_found_for_every_block():
    assert html.clean('<body dir="rtl"><p>سلام</p></body>').startswith('<div dir="rtl"><p dir="rtl">')
    assert html.clean("<p>سلام</p><p>Hello</p>") == '<p dir="auto">سلام</p><p dir="auto">Hello</p>'
    assert 'dir="rtl"' in html.clean('<div style="direction: rtl">שלום</div>')


def test_hidden_parts_are_not_shown():
    assert "secret" not in html.clean('<p>a</p><div style="display: none">secret</div>')


def test_html_built_to_keep_the_parser_busy_is_cleaned_at_once():
    started = time.perf_counter()

    html.clean("<div>" * 100_000 + "x")
    html.to_text("<blockquote>" * 100_000 + "x")

    assert time.perf_counter() - started < 5


def test_text_is_readable():
    page = """<h1>Order</h1><p>Hello&nbsp;<b>you</b>,<br>see
      <a href="https://example.org/a">this page</a>.</p>
      <table><tr><td>Price</td><td>5</td></tr></table><blockquote>old<br>words</blockquote><script>x()</script>"""

    assert html.to_text(page) == (
        "Order\n\nHello you,\nsee this page <https://example.org/a>.\n\nPrice 5\n\n> old\n> words"
    )


def test_plain_text_becomes_paragraphs_with_links():
    shown = html.text_to_html("Hello <b>\nyou\n\nسلام (https://example.org/a_(b)). End")

    assert shown.startswith(
        '<p dir="auto">Hello &lt;b&gt;<br>\nyou</p>\n<p dir="auto">سلام (<a href="https://example.org/a_(b)"'
    )
    assert shown.endswith("</a>). End</p>")


@given(st.text())
def test_plain_text_never_becomes_markup(text):
    assert set(re.findall(r"</?([a-z]+)", html.text_to_html(text))) <= {"p", "a", "br"}


PIECES = """\
< > ' " <p> </p> <div\tdir=rtl> </div> <a\thref=https://a.example/b> </a> <a\thref=x> <img\tsrc=cid:a>
<img\tsrc=https://a.example/b.png> <img\tsrc='data:image/png;base64,AAAA'\talt=x> <table> <td> <li> <b> <i>
</b> <script> </script> <style> <svg> <math> <!-- --> &lt; &#60; <body\tdir=rtl> <pre> <blockquote> <h1>
<form>
<p\tstyle='direction:rtl'> <select> <img\twidth=1\theight=1\tsrc=https://a.example/> <title> <noscript>
<template> <a\ttarget=x\trel=y>""".replace("\n", " ").split(" ")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=30))
def test_cleaning_twice_is_cleaning_once(pieces):
    once = html.clean("".join(pieces))

    assert html.clean(once) == once


def test_what_is_shown_of_known_attacks_and_mails_is_the_same_cleaned_again():
    pages = attacks() + [path.read_text(errors="replace") for path in data("reply").rglob("*.html")]

    assert [page for page in pages if html.clean(html.clean(page)) != html.clean(page)] == []


@pytest.mark.parametrize(
    "attributes",
    [
        "width=1 height=1",
        "width=0 height=0",
        'style="width:1px;height:1px"',
        'style="height: 1px !important; width: 0"',
        'width=1 style="height:1px"',
        'style="display:none"',
        'style="visibility:hidden" width=50 height=50',
        'style="opacity:0"',
    ],
)
def test_pictures_that_only_count_readers_are_taken_out(attributes):
    assert "img" not in html.clean(f'<p>a<img src="https://a.example/x.gif" {attributes}></p>')


def test_a_picture_from_elsewhere_waits_and_one_of_the_mail_is_found_in_any_case():
    page = "<img src=https://a.example/x.gif width=40><img src='CID:Logo%40Here'>"

    shown = html.clean(page, {"logo@here": "data:image/png;base64,AAAA"})

    assert 'data-remote-src="https://a.example/x.gif"' in shown
    assert 'src="data:image/png;base64,AAAA"' in shown
