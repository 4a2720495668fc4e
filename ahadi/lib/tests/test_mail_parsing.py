from __future__ import annotations

import base64
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahadi.lib.mail import Mail, parse
from ahadi.lib.tests.shared import ROOT, data, rows, squeezed


def mail(*lines: str, body: str = "Hello", **encoding: str) -> Mail:
    return parse("\r\n".join([*lines, "", body]).encode(encoding.get("encoding", "utf-8")))


def with_parts(*parts: str, kind: str = "mixed") -> Mail:
    head = f'From: a@example.org\r\nContent-Type: multipart/{kind}; boundary="b"\r\n\r\n'
    return parse((head + "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--\r\n").encode())


def test_every_mail_of_the_shared_collection_is_read():
    files = [path for path in sorted(data("mail").rglob("*")) if path.is_file()]
    files += sorted(data("bounce").rglob("*.eml")) + sorted(data("reply").rglob("*.eml"))

    defects = {path.relative_to(ROOT): parse(path.read_bytes()).defects for path in files}
    broken = [
        path
        for path, found in defects.items()
        if any(d.startswith(("unreadable", "headers:")) for d in found)
    ]

    assert len(files) >= 471
    assert broken == []


def test_the_expected_contents_are_found():
    expectations = rows("mail", "php-mime-mail-parser", "expected.jsonl")

    differing = {}
    for expected in expectations:
        path = data("mail", "php-mime-mail-parser", "mails") / expected["file"]
        if path.exists() and (found := differences(parse(path.read_bytes()), expected)):
            differing[expected["file"]] = found

    # m0018 holds a base64 part cut in the middle: the table counts the bytes that PHP gives up after.
    assert differing.pop("m0018") == ["size of 사진.JPG"]
    assert differing == {}


def differences(read: Mail, expected: dict) -> list[str]:
    boxes = [(box.email, box.name or box.email) for box in [read.sender, *read.to]]
    wanted = [
        (box["address"], box["display"]) for box in expected["from_addresses"] + expected["to_addresses"]
    ]
    found = [] if boxes == wanted else ["addresses"]
    found += [] if read.subject == expected["subject"] else ["subject"]
    for name in ("text", "html"):
        kind, *arguments = expected[name]
        value = getattr(read, name)
        if kind == "MATCH":
            found += [] if value == arguments[0].replace("\r\n", "\n") else [name]
        else:
            found += [] if value.count(arguments[1]) == arguments[0] else [name]
    files = [(file.name, file.content_type) for file in read.attachments]
    found += (
        []
        if files == [(file["filename"], file["content_type"]) for file in expected["attachments"]]
        else ["files"]
    )
    for file, known in zip(read.attachments, expected["attachments"], strict=False):
        found += [] if len(file.content) == known["size"] else [f"size of {file.name}"]
    return found


def test_it_is_imported_without_settings():
    code = "import ahadi.channels.email as door; print(door.parse(b'Subject: x').subject)"

    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": "."}
    )

    assert finished.stdout.strip() == "x", finished.stderr


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2_000))
def test_random_bytes_are_never_refused(raw):
    read = parse(raw)

    assert "\x00" not in read.text
    assert "\n" not in read.subject


WORDS = [
    b"From: ",
    b"To: ",
    b"Subject: ",
    b"=?utf-8?q?",
    b"?=",
    b"Content-Type: multipart/mixed; boundary=a",
    b"\r\n",
    b"--a",
    b"--a--",
    b"Content-Transfer-Encoding: base64",
    b"message/rfc822",
    b"\xff\xfe",
    b"charset=x-unknown",
    b"filename*0*=",
    b"Content-Disposition: attachment; ",
    b"text/html",
    b"<a@b.c>",
    b'"',
    b"Date: Mon, 99 Foo 20000",
    b"%ff",
    b"\x00",
    b"Content-Type: message/delivery-status",
    b"Final-Recipient: rfc822; x@y.z",
    b"\r\n\r\n",
    b"Diagnostic-Code: ",
    b"(",
    b"References: ",
    b"winmail.dat",
    b"Content-Type: text/plain; charset=iso-8859-8",
    b"\xf9\xec\xe5\xed",
    b"mailer-daemon@x",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS) | st.binary(max_size=8), max_size=60))
def test_pieces_of_mail_in_any_order_are_never_refused(pieces):
    read = parse(b"".join(pieces))

    assert not any(defect.startswith(("unreadable", "headers:")) for defect in read.defects)


def test_raw_eight_bit_headers_are_read():
    read = parse("Subject: Îmi pare rău\r\nFrom: Ștefan Țiriac <s@example.ro>\r\n\r\nx".encode())

    assert read.subject == "Îmi pare rău"
    assert read.sender.name == "Ștefan Țiriac"


def test_line_breaks_hidden_in_a_subject_are_taken_out():
    read = mail("Subject: =?utf-8?q?Hello=0D=0ABcc:_all=40example.org?=")

    assert read.subject == "Hello Bcc: all@example.org"


def test_a_character_cut_between_two_encoded_words_is_joined():
    whole = "سلام".encode()
    words = [base64.b64encode(part).decode() for part in (whole[:3], whole[3:])]

    read = mail(f"Subject: =?utf-8?b?{words[0]}?=\r\n =?utf-8?b?{words[1]}?=")

    assert read.subject == "سلام"


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("iso-8859-8-i", "iso-8859-8", "שלום, מה שלומך?"),
        ("x-unknown", "utf-8", "Bună ziua, ăâîșț"),
        ("gb2312", "gb18030", "你好鎔"),
        ("gbk", "gb18030", "你好𠮷"),
        ("shift_jis", "cp932", "第①髙"),
        ("windows-1256", "cp1256", "پيام"),
        ("koi8-r", "koi8-r", "Здравствуйте"),
        ("iso-8859-8-e", "iso-8859-8", "שלום"),
        ("iso-8859-1", "cp1252", "“quoted” €5"),
        ("ks_c_5601-1987", "cp949", "안녕하세요"),
        ("iso-8859-6", "cp1256", "پيام"),
        ("us-ascii", "utf-8", "دیروز سفارش دادم"),
        ('"utf-8"', "utf-8", "ok é"),
    ],
)
def test_a_wrong_or_unknown_character_set_is_repaired(charset, codec, text):
    raw = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode()

    read = parse(raw + text.encode(codec))

    assert squeezed(read.text) == text


@pytest.mark.parametrize("charset", ["iso-2022-jp", "ISO-2022-JP-MS", "cp50220"])
def test_japanese_is_read_with_the_signs_that_windows_adds(charset):
    written = "こんにちは、田中様。\n第".encode("iso2022_jp") + b"\x1b$B-!|b\x1b(B ok \x1b(I1\x1b(B"
    head = f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode()

    read = parse(head + written)

    assert read.text == "こんにちは、田中様。\n第①髙 ok ｱ"
    assert read.defects[-1:] != ["charset"]


def test_hebrew_in_visual_order_is_turned_round():
    visual = "\u05dd\u05d5\u05dc\u05e9 \u05d5\u05db\u05dc"  # "shalom" backwards, final letter first

    read = parse(b"Content-Type: text/plain; charset=iso-8859-8\r\n\r\n" + visual.encode("iso-8859-8"))

    assert read.text.endswith("\u05e9\u05dc\u05d5\u05dd")


def test_text_is_made_from_html_where_there_is_no_other():
    read = mail("Content-Type: text/html", body="<p>Hello <b>you</b></p><ul><li>one<li>two</ul>")

    assert read.text == "Hello you\n\n- one\n- two"


def test_zero_bytes_are_left_out():
    assert parse(b"Subject: a\x00b\r\n\r\nc\x00d").text == "cd"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a" * 400 + ".pdf", "a" * 196 + ".pdf"),
        ("a\x07b.txt", "a b.txt"),
    ],
)
def test_attachment_names_are_made_safe(written, kept):
    encoded = base64.b64encode(written.encode()).decode()

    read = with_parts(f'Content-Disposition: attachment; filename="=?utf-8?b?{encoded}?="\r\n\r\nx')

    assert [file.name for file in read.attachments] == [kept]
    assert len(read.attachments[0].name.encode()) <= 200


def test_a_mail_with_too_many_parts_is_read_up_to_the_limit():
    read = with_parts(*["Content-Type: text/plain\r\n\r\nx"] * 300)

    assert "too-many-parts" in read.defects
    assert read.text.count("x") < 300


def test_parts_that_nest_too_deep_are_not_followed():
    levels = "".join(f"Content-Type: multipart/mixed; boundary=a{n}\r\n\r\n--a{n}\r\n" for n in range(40))

    read = parse(f"From: a@example.org\r\n{levels}\r\nhi".encode())

    assert "too-deep" in read.defects


def test_a_mail_built_to_keep_the_parser_busy_is_read_plainly():
    levels = "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" * 5_000

    read = parse(f"From: a@example.org\r\n{levels}".encode())

    assert read.sender.email == "a@example.org"
    assert "too-many-parts" in read.defects


def test_an_attached_mail_is_one_attachment_named_by_its_subject():
    read = with_parts(
        "Content-Type: text/plain\r\n\r\nSee below",
        "Content-Type: message/rfc822\r\n\r\nSubject: Old\r\n\r\nInner",
    )

    assert read.text.strip() == "See below"
    assert [(file.name, file.content_type) for file in read.attachments] == [("Old.eml", "message/rfc822")]


def test_ids_dates_and_addresses_are_read():
    read = mail(
        "From: Roe, Jane <Jane@EXAMPLE.org>",
        "To: Help <help@example.com>, undisclosed-recipients:;",
        "Cc: =?utf-8?q?B=C3=A9a?= <bea@example.com>",
        "Message-ID: <1@x>",
        "In-Reply-To: <0@x>",
        "References: <a@x>\r\n\t<0@x>",
        "Date: Wed, 2 Dec 2026 11:00:00 +0330 (IRST)",
    )

    assert (read.sender.name, read.sender.email) == ("Roe, Jane", "Jane@example.org")
    assert [box.email for box in read.to] == ["help@example.com"]
    assert read.cc[0].name == "Béa"
    assert (read.message_id, read.in_reply_to, read.references) == ("<1@x>", ["<0@x>"], ["<a@x>", "<0@x>"])
    assert read.date.isoformat() == "2026-12-02T07:30:00+00:00"
