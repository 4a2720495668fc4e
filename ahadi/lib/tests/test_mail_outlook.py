from __future__ import annotations

import base64
import random
import struct
from datetime import UTC, datetime

import pytest

from ahadi.lib.mail import Mail, original_message, outlook, parse
from ahadi.lib.mail.bounded import end
from ahadi.lib.tests import compound

SENT = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)
WORDS = {
    0x001A: "IPM.Note",
    0x0037: "سفارش من کجاست؟",
    0x1000: "Where is my order?\r\n\r\nJane",
    0x0C1A: "Jane Roe",
    0x0C1F: "/O=EXCHANGE/CN=JANE",
    0x5D01: "jane@example.org",
    0x0039: SENT,
    0x1035: "<7@example.org>",
}
RECIPIENTS = [
    {0x0C15: 1, 0x3001: "Help", 0x39FE: "help@example.com"},
    {0x0C15: 2, 0x3001: "Dana", 0x3003: "dana@example.org"},
    {0x0C15: 3, 0x3001: "Boss", 0x39FE: "boss@example.org"},
]
INVOICE = {0x3705: 1, 0x3707: "invoice.pdf", 0x3701: b"%PDF" + bytes(5_000)}
LOGO = {0x3705: 1, 0x3707: "logo.png", 0x3701: b"\x89PNG", 0x3712: "logo@here"}


@pytest.fixture(autouse=True, scope="module")
def _end():
    yield
    end()


def inner(content: bytes) -> Mail:
    raw = outlook.translate(content)
    assert raw is not None
    return parse(raw)


def sent(*files: tuple[str, bytes], words: str = "See the mail") -> Mail:
    head = "From: agent@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    parts = [f"--b\r\n\r\n{words}\r\n"]
    for name, content in files:
        parts.append(
            f"--b\r\nContent-Type: application/vnd.ms-outlook; name={name}\r\n"
            f"Content-Transfer-Encoding: base64\r\n\r\n{base64.encodebytes(content).decode()}\r\n"
        )
    return parse((head + "".join(parts) + "--b--\r\n").encode())


def test_a_message_of_outlook_is_read_like_a_mail():
    read = inner(compound.message(WORDS, recipients=RECIPIENTS, files=[INVOICE]))

    assert (read.subject, str(read.sender)) == ("سفارش من کجاست؟", "Jane Roe <jane@example.org>")
    assert [str(box) for box in read.to] == ["Help <help@example.com>"]
    assert [str(box) for box in read.cc] == ["Dana <dana@example.org>"]
    assert (read.date, read.message_id) == (SENT, "<7@example.org>")
    assert read.text == "Where is my order?\n\nJane"
    assert [(file.name, file.content_type, file.content) for file in read.attachments] == [
        ("invoice.pdf", "application/pdf", INVOICE[0x3701])
    ]
    assert read.defects == []


def test_who_got_a_hidden_copy_is_not_told():
    assert b"boss" not in outlook.translate(compound.message(WORDS, recipients=RECIPIENTS))


def test_the_head_it_came_with_is_believed_before_what_outlook_made_of_it():
    came = "From: Jane <jane@home.example>\r\nTo: a@b.example\r\nDate: Tue, 1 Dec 2026 09:00:00 +0000\r\n"

    read = inner(compound.message({**WORDS, 0x007D: came}, recipients=RECIPIENTS))

    assert str(read.sender) == "Jane <jane@home.example>"
    assert [box.email for box in read.to] == ["a@b.example"]
    assert read.date == datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def test_a_sender_who_is_only_a_path_of_a_directory_keeps_the_name():
    read = inner(compound.message({key: value for key, value in WORDS.items() if key != 0x5D01}))

    assert (read.sender.email, read.sender.name) == ("", "Jane Roe")


@pytest.mark.parametrize(
    ("number", "codepage", "words"),
    [
        (1255, "cp1255", "שלום"),
        (38598, "iso-8859-8", "שלום"),
        (1256, "cp1256", "سلام"),
        (65001, "utf-8", "سلام"),
    ],
)
def test_words_of_an_older_outlook_are_read_by_their_code_page(number, codepage, words):
    old = {0x0037: words, 0x1000: words * 3, 0x3FFD: number, 0x3FDE: number}

    read = inner(compound.message(old, wide=False, codepage=codepage))

    assert (read.subject, read.text.strip()) == (words, words * 3)


def test_a_page_is_read_by_its_own_code_page_with_the_pictures_in_it():
    page = '<p>שלום</p><img src="cid:logo@here">'.encode("iso-8859-8")

    read = inner(compound.message({**WORDS, 0x1013: page, 0x3FDE: 38598}, files=[LOGO, INVOICE]))

    assert "שלום" in read.html
    assert [(file.name, file.inline) for file in read.attachments] == [
        ("logo.png", True),
        ("invoice.pdf", False),
    ]


def test_a_message_inside_a_message_is_a_mail_inside_a_mail():
    deep = compound.enclosed(compound.folder({0x0037: "Deeper", 0x1000: "Words"}, head=24))

    read = inner(compound.message(WORDS, files=[deep]))

    [file] = read.attachments
    assert (file.name, file.content_type) == ("Deeper.eml", "message/rfc822")
    assert parse(file.content).text.strip() == "Words"


def test_the_file_stays_and_the_mail_it_is_stands_beside_it():
    content = compound.message(WORDS, recipients=RECIPIENTS, files=[INVOICE])

    read = sent(("Order.msg", content))

    assert [(file.name, file.content_type) for file in read.attachments] == [
        ("Order.msg", "application/vnd.ms-outlook"),
        ("Order.eml", "message/rfc822"),
    ]
    assert read.attachments[0].content == content
    assert read.attachments[1].content == outlook.translate(content) == outlook.translate(content)
    [mail] = read.enclosed
    assert (mail.sender_email, mail.files) == ("jane@example.org", ("invoice.pdf",))
    assert mail.text.startswith("Where is my order?")


def test_what_was_passed_on_as_a_file_of_outlook_is_its_writers():
    found = original_message(sent(("Order.msg", compound.message(WORDS, files=[INVOICE, LOGO]))))

    assert (found.sender.email, found.subject) == ("jane@example.org", "سفارش من کجاست؟")
    assert [(file.name, file.inline) for file in found.files] == [("invoice.pdf", False), ("logo.png", False)]


@pytest.mark.parametrize("cut", [8, 600, 2_000, 4_000])
def test_a_message_that_cannot_be_read_is_kept(cut):
    content = compound.message(WORDS, recipients=RECIPIENTS)[:cut]

    read = sent(("Order.msg", content))

    assert [(file.name, file.content) for file in read.attachments] == [("Order.msg", content)]
    assert read.text.strip() == "See the mail"
    assert "outlook" in read.defects


def test_another_file_of_that_name_is_only_a_file():
    read = sent(("notes.msg", b"some words"))

    assert [file.name for file in read.attachments] == ["notes.msg"]
    assert read.defects == ["no-date", "no-message-id"]


def test_lines_of_a_message_begin_no_lines_of_a_head():
    words = {**WORDS, 0x0037: "Hello\r\nBcc: x@y.example", 0x1035: "<1@x>\r\nX-A: b", 0x0C1A: 'A\r\nX-B: "c'}

    raw = outlook.translate(compound.message(words, recipients=RECIPIENTS))

    head = raw.split(b"\n\n", 1)[0].lower()
    assert not any(line.startswith((b"bcc:", b"x-a:", b"x-b:")) for line in head.splitlines())
    assert parse(raw).sender.email == "jane@example.org"


def test_damage_anywhere_raises_nothing_and_loses_nothing():
    whole = compound.message(WORDS, recipients=RECIPIENTS, files=[INVOICE, LOGO])
    chance = random.Random(57)
    for _ in range(300):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(8, len(broken))] = chance.randrange(256)

        read = sent(("Order.msg", bytes(broken)))

        assert read.attachments[0].content == bytes(broken)


@pytest.mark.parametrize("stream", ["__substg1.0_1000001F", "Root Entry"])
def test_a_chain_that_runs_in_a_circle_is_not_followed(stream):
    bomb = bytearray(compound.message({**WORDS, 0x1000: "y" * 4_000}))
    entry = bomb.find(stream.encode("utf-16-le"))
    (first,) = struct.unpack_from("<I", bomb, entry + 116)
    # The stream says that it is 50 MB long, and its first piece that it is followed by itself.
    struct.pack_into("<Q", bomb, entry + 120, 50_000_000)
    struct.pack_into("<I", bomb, 512 * (1 + struct.unpack_from("<I", bomb, 76)[0]) + 4 * first, first)

    assert outlook.translate(bytes(bomb)) is None


@pytest.mark.parametrize("place", [44, 64, 72])
def test_a_table_longer_than_the_file_is_not_looked_for(place, monkeypatch):
    bomb = bytearray(compound.message(WORDS))
    struct.pack_into("<I", bomb, place, 100_000_000)
    monkeypatch.setattr(outlook.olefile, "OleFileIO", pytest.fail)

    assert outlook.translate(bytes(bomb)) is None


def test_messages_beyond_the_size_that_is_read_in_one_mail_stay_files(monkeypatch):
    content = compound.message(WORDS)
    monkeypatch.setattr(outlook, "MAX_SIZE", len(content) + 1)

    read = sent(("one.msg", content), ("two.msg", content))

    assert [file.name for file in read.attachments] == ["one.msg", "one.eml", "two.msg"]


def test_messages_within_messages_are_read_so_deep_and_no_deeper():
    deep = compound.folder({0x0037: "0", 0x1000: "x"}, head=24)
    for number in range(1, 12):
        deep = compound.folder({0x0037: str(number), 0x1000: "x"}, files=[compound.enclosed(deep)], head=24)

    raw = outlook.translate(compound.message(WORDS, files=[compound.enclosed(deep)]))

    assert raw.count(b"message/rfc822") == outlook.MAX_DEPTH
