from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahadi.lib import html
from ahadi.lib.mail import new_html, new_text, parse
from ahadi.lib.mail.quotes import split
from ahadi.lib.tests.shared import data, rows, squeezed

NEW = "My new words here.\nAnd a second line."
OLD = "These are the old words.\nAnd more of them."
VALUES = {
    "label_from": "Jane Roe <jane@example.org>",
    "label_to": "help@example.com",
    "label_cc": "team@example.com",
    "label_date": "2 Dec 2026 11:00",
    "label_subject": "Re: Hello",
}


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def header(row: dict, sender: str) -> str:
    filled = row["template"].replace("{sender}", sender).replace("{sent_date}", "2 Dec 2026 11:00")
    return f"{filled} {VALUES[row['kind']]}" if row["kind"] in VALUES else filled


@pytest.mark.parametrize("sender", ["Anna Müller", "Jane Roe <jane@example.org>"])
def test_the_headers_of_a_mail_client_in_61_languages_are_found(sender):
    missed = [
        (row["lang"], row["template"])
        for row in rows("reply", "client-headers.jsonl")
        if new_text(f"{NEW}\n\n{header(row, sender)}\n{quoted(OLD)}\n") != NEW
    ]

    assert missed == []


def test_whole_blocks_of_headers_are_found_in_every_language():
    languages: dict[str, dict[str, str]] = {}
    for row in rows("reply", "client-headers.jsonl"):
        languages.setdefault(row["lang"], {})[row["kind"]] = row["template"]

    missed = []
    for language, words in languages.items():
        kinds = ("label_from", "label_date", "label_to", "label_cc", "label_subject")
        block = "\n".join(f"{words[kind]} {VALUES[kind]}" for kind in kinds if kind in words)
        for head in {block, f"{words.get('original_separator', '---- x ----')}\n{block}"}:
            if len(words) > 4 and new_text(f"{NEW}\n\n{head}\n\n{OLD}\n") != NEW:
                missed.append(language)

    assert missed == []


@pytest.mark.parametrize(
    "head",
    [
        "On Wed, 2 Dec 2026 at 11:00, Jane Roe <jane@example.org> wrote:",
        "On Wed, 2 Dec 2026 at 11:00, Jane Roe\n<jane@example.org>\nwrote:",
        "בתאריך יום ד׳, 2 בדצמ׳ 2026 ב-11:00 מאת Dana <dana@example.org>:",
        "\u200fבתאריך 2.12.2026, דנה כתבה:",
        "در تاریخ چهارشنبه ۲ دسامبر ۲۰۲۶ ساعت ۱۱:۰۰ سارا <sara@example.org> نوشت:",
        "Pe mie., 2 dec. 2026 la 11:00, Ana <ana@example.org> a scris:",
        "În data de 2 dec. 2026, Ana a scris:",
        "Mnamo Jumatano 2 Desemba 2026 saa 11:00 Juma <juma@example.org> aliandika:",
        "-----Original Message-----",
        "-------- הודעה מקורית --------",
        "---------- پیام فوروارد شده ----------",
        "-------- Mesaj redirecționat --------",
        "____________________\nFrom: Jane <jane@example.org>\nSent: 2 Dec 2026\nTo: Help\nSubject: Re: x",
        "מאת: דנה\nנשלח: 2.12.2026\nאל: תמיכה\nנושא: שאלה",
        "از: سارا\nتاریخ: ۱۴۰۵/۹/۱۱\nبه: پشتیبانی\nموضوع: پرسش",
        "De la: Ana\nTrimis: 2 dec 2026\nCătre: Ajutor\nSubiect: întrebare",
        "Kutoka: Juma\nTarehe: 2 Des 2026\nKwa: Msaada\nMada: swali",
        "##- Please write above this line -##",
        "------------------ 原始邮件 ------------------",
        "______\n\nOn 2 Dec 2026 at 11:00, Jane Roe <jane@example.org> wrote:",
        "---- On Tue, 22 Dec 2026 14:17:36 +0530 Jane <jane@example.org> wrote ----",
        "  ----- Forwarded Message ----- From: Jane <jane@example.org>To: h@example.com Subject: Hello",
        "Start på videresendt besked:\n\nFra: Jane <jane@example.org>\nEmne: Hello\nDato: 2. december 2026",
        "From: Jane Roe\n<jane@example.org>\nSent: Monday\nTo: Help\nSubject: Hello",
    ],
)
def test_history_is_cut_also_without_quotation_marks(head):
    assert new_text(f"{NEW}\n\n{head}\n\n{OLD}\n") == NEW


@pytest.mark.parametrize(
    "text",
    [
        "I wrote:\nplease send me\nthe invoice from 2024.",
        "Dear team:\nName: Jane Roe\nEmail: jane@example.org\nOrder: 4711\nDate: 2026-12-02\n\nThanks",
        "Two things\n\n--- First ---\nThe box was open.\n\n--- Second ---\nThe key is missing.",
        "Subject: my order\nIt has not come.",
        "My phone: 0555 1234",
        "Please book:\n\nFrom: London\nTo: Paris\nDate: 2 December 2026\n\nTwo persons.",
        "Vreau bilet:\n\nDe la: Cluj\nLa: Brașov\nData: 2 decembrie 2026\n\nMulțumesc",
        "> a\nfirst answer\n> b\nsecond answer",
        "3 > 2, is it not?",
    ],
)
def test_words_of_the_customer_stay(text):
    assert new_text(text) == text


def test_an_answer_below_the_quotation_is_kept():
    text = f"On 2 Dec 2026 at 11:00, Jane wrote:\n{quoted(OLD)}\n\n{NEW}"

    assert new_text(text) == NEW


def test_a_mail_of_nothing_but_history_is_shown_whole():
    text = f"On 2 Dec 2026, Jane wrote:\n{quoted(OLD)}\n"

    assert new_text(text) == text


def test_the_answers_of_many_programs_are_cut_to_the_new_words():
    for path in sorted(data("reply", "talon", "standard_replies").glob("*.eml")):
        expected = path.with_name(f"{path.stem}_reply_text")
        wanted = expected.read_text() if expected.exists() else "Hello"

        assert squeezed(new_text(parse(path.read_bytes()).text)) == squeezed(wanted), path.name


def test_the_html_of_many_programs_is_cut_to_the_new_words():
    for path in sorted(data("reply", "talon", "html_replies").glob("*.html")):
        shown = html.to_text(new_html(path.read_text(encoding="utf-8", errors="replace")))

        assert squeezed(shown) == "Hi. I am fine. Thanks, Alex", path.name


@pytest.mark.parametrize(
    "name",
    ["apple_reply", "gmail_reply", "ios_mail_reply_unescaped_address", "yahoo_reply_unescaped_address"],
)
def test_html_answers_lose_the_old_mail(name):
    page = data("reply", "quotequail-html", f"{name}.html").read_text()

    shown = html.to_text(new_html(page))

    assert shown
    assert "wrote:" not in shown
    assert "Jane Roe" not in shown


def test_html_below_the_line_of_outlook_is_cut_with_all_that_follows():
    page = '<p>New</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: x</div><div>Old</div>'

    assert html.to_text(new_html(page)) == "New"


OUTLOOK = "<p class=MsoNormal><b>From:</b> x</p></div>"


@pytest.mark.parametrize(
    "old",
    [
        '<div class="gmail_quote gmail_quote_container">On x wrote:<blockquote>Old</blockquote></div>',
        "<BLOCKQUOTE TYPE=cite>Old</BLOCKQUOTE>",
        '<div class="protonmail_quote">On 2 Dec 2026<blockquote type=cite>Old</blockquote></div>',
        '<div id="ydp12yahoo_quoted_34">Old</div>',
        '<hr><div id="divRplyFwdMsg">From: x</div><div>Old</div><p>Old</p>',
        '<div id="appendonsend"></div><hr><div>Old</div>',
        '<span id="OLK_SRC_BODY_SECTION">From: x</span><div>Old</div>',
        '<blockquote><div class="OutlookMessageHeader">From: x</div>Old</blockquote><p>Old</p>',
        f'<div style="border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in">{OUTLOOK}<p>Old</p>',
        f'<div style="border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm">{OUTLOOK}<p>Old</p>',
        '<div id="mail-editor-reference-message-container">Old</div>',
        "<div>------------------ 原始邮件 ------------------</div><div>Old</div>",
        "<div>##- Please write above this line -##</div><div>Old</div>",
        '<div class="moz-cite-prefix">On 2 Dec 2026, x wrote:</div><blockquote type=cite>Old</blockquote>',
        "<blockquote>Среда, 2 декабря 2026, 11:00 +03:00 от Jane &lt;jane@a.example&gt;:<br>Old</blockquote>",
    ],
)
def test_every_mark_of_old_html_is_known(old):
    shown = html.to_text(new_html(f"<div class=WordSection1><p>New</p>{old}</div>"))

    assert shown == "New"


def test_html_of_nothing_but_history_is_shown_whole():
    page = '<div class="gmail_quote">On 2 Dec wrote:<blockquote>Old</blockquote></div>'

    assert new_html(page) == page


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["> a", "", "On 1.1.2026 x@y.z wrote:", "From: a <b@c.d>", "-- ", "-----", "b", "----- x -----"]
        )
        | st.text(max_size=20)
    )
)
def test_nothing_is_invented_and_something_is_left(lines):
    text = "\n".join(lines).replace("\r", "")

    shown = new_text(text)

    assert all(line in text for line in shown.split("\n"))
    assert bool(shown.strip()) == bool(text.strip())


PIECES = [
    "> a",
    "\r\n",
    "\n",
    "\r",
    "On 1.1.2026 x@y.z wrote:",
    "From: a <b@c.d>",
    "-- ",
    "----- x -----",
    "b",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=20)))
def test_what_is_shown_and_what_is_hidden_are_the_whole_text(pieces):
    text = "".join(pieces)

    parts = split(text)

    assert "".join(part for part, _ in parts) == text


@pytest.mark.parametrize(
    "piece",
    [
        "\n",
        "> ",
        ">" * 300 + "\n",
        "-----\n",
        "From: a@b.c\n",
        "a@b.c wrote:\n",
        "On 1.1.2026 x@y.z\n",
        "<" * 50,
        "- x -\n",
    ],
)
def test_a_megabyte_of_one_thing_is_cut_in_a_moment(piece):
    text = (piece * (1_000_000 // len(piece)))[:1_000_000]

    started = time.process_time()
    new_text(text)

    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<blockquote type=cite>",
        "<blockquote>x wrote:",
        "<hr>",
        "<p>a</p>",
        '<div style="border-top:solid #000000 1.0pt">',
    ],
)
def test_a_megabyte_of_html_is_cut_in_a_moment(piece):
    page = (piece * (1_000_000 // len(piece)))[:1_000_000]

    started = time.process_time()
    new_html(page)

    assert time.process_time() - started < 4


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<div>",
                "</div>",
                "<blockquote type=cite>",
                "</blockquote>",
                "<hr>",
                "a",
                "<p>",
                "x wrote:",
                "<div id=appendonsend>",
                "<body>",
                "<table>",
            ]
        )
        | st.text(max_size=9)
    )
)
def test_html_in_any_order_is_never_refused(pieces):
    new_html("".join(pieces))
    html.clean("".join(pieces))
    html.to_text("".join(pieces))
