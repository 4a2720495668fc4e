from __future__ import annotations

import base64
import struct

import pytest

from ahadi.lib.mail import Mail, parse
from ahadi.lib.tests.shared import data

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def with_parts(*parts: str, kind: str = "mixed") -> Mail:
    head = f'From: a@example.org\r\nContent-Type: multipart/{kind}; boundary="b"\r\n\r\n'
    return parse((head + "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--\r\n").encode())


def picture(name: str = "", cid: str = "", disposition: str = "") -> str:
    lines = [
        f"Content-Type: image/png{f'; name={name}' if name else ''}",
        "Content-Transfer-Encoding: base64",
    ]
    lines += [f"Content-ID: <{cid}>"] if cid else []
    lines += [f"Content-Disposition: {disposition}"] if disposition else []
    return "\r\n".join([*lines, "", base64.b64encode(PIXEL).decode()])


# ── winmail.dat ──────────────────────────────────────────────────────────────


def tnef(*objects: tuple[int, int, int, bytes]) -> bytes:
    def one(level: int, name: int, kind: int, content: bytes) -> bytes:
        head = struct.pack("<BHHI", level, name, kind, len(content))
        return head + content + struct.pack("<H", sum(content) & 0xFFFF)

    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(one(*each) for each in objects)


def winmail(content: bytes, words: str = "") -> Mail:
    part = "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    texts = [f"Content-Type: text/plain\r\n\r\n{words}"] if words else []
    return with_parts(*texts, part + base64.encodebytes(content).decode())


FILE = [(2, 0x9002, 6, b"\x00" * 14), (2, 0x8010, 1, b"invoice.txt\x00"), (2, 0x800F, 6, b"paid\x00\xff")]


def test_the_files_of_a_winmail_dat_are_taken_out():
    read = winmail(tnef(*FILE), words="Hello")

    assert [(file.name, file.content_type, file.content) for file in read.attachments] == [
        ("invoice.txt", "text/plain", b"paid\x00\xff")
    ]
    assert read.text.strip() == "Hello"


def test_the_words_of_a_winmail_dat_are_read_where_there_are_no_others():
    packed = tnef((1, 0x800C, 2, b"Where is my order?\x00"), *FILE)

    assert winmail(packed).text.strip() == "Where is my order?"
    assert winmail(packed, words="Hello").text.strip() == "Hello"


@pytest.mark.parametrize("content", [b"", b"not at all", tnef(), tnef(*FILE)[:-20]])
def test_a_winmail_dat_that_cannot_be_read_is_kept(content):
    read = winmail(content, words="Hello")

    assert [(file.name, file.content) for file in read.attachments] == [("winmail.dat", content)]
    assert "tnef" in read.defects


# ── pictures ─────────────────────────────────────────────────────────────────


def page(html: str) -> str:
    return f"Content-Type: text/html\r\n\r\n{html}"


def test_a_picture_that_the_mail_shows_is_inside_it_whatever_the_case_of_its_name():
    read = with_parts(page("<img src='CID:Logo%40Here'>"), picture("a.png", "logo@here"), kind="related")

    assert [(file.name, file.inline) for file in read.attachments] == [("a.png", True)]


@pytest.mark.parametrize("disposition", ["", "inline", "inline; filename=a.png"])
def test_a_picture_that_the_mail_does_not_show_is_an_attachment(disposition):
    read = with_parts(page("<p>Hello</p>"), picture("a.png", "unused@here", disposition))

    assert [(file.name, file.inline) for file in read.attachments] == [("a.png", False)]


def test_nameless_pictures_between_words_are_all_kept():
    words = "Content-Type: text/plain\r\n\r\n"

    read = with_parts(
        words + "one", picture(disposition="inline"), words + "two", picture(disposition="inline")
    )

    assert read.text.split() == ["one", "two"]
    assert [(file.content, file.inline) for file in read.attachments] == [(PIXEL, False)] * 2
    assert len({file.name for file in read.attachments}) == 2


def test_a_picture_with_an_empty_file_name_gets_one():
    read = with_parts(page("x"), picture(disposition='attachment; filename=""'))

    assert read.attachments[0].name
    assert read.attachments[0].content == PIXEL


@pytest.mark.parametrize("mark", ['"', "'", ""])
def test_pictures_written_into_the_html_become_files(mark):
    written = f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"

    read = with_parts(page(f"<p>See <img alt=x src={mark}{written}{mark}> here</p>"))

    [file] = read.attachments
    assert (file.content, file.content_type, file.inline) == (PIXEL, "image/png", True)
    assert f'src="cid:{file.content_id}"' in read.html
    assert "base64" not in read.html


def test_a_picture_that_is_none_stays_where_it_is():
    html = '<img src="data:image/png;base64,====">'

    read = with_parts(page(html))

    assert html in read.html
    assert read.attachments == []


# ── calendars ────────────────────────────────────────────────────────────────

EVENT = """\
BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
SUMMARY:Visit of the
  technician
DTSTART;TZID=Asia/Tehran:20261202T110000
DTEND;TZID=Asia/Tehran:20261202T120000
LOCATION:Workshop
ORGANIZER;CN=Dana Levi:mailto:dana@example.org
END:VEVENT
END:VCALENDAR
"""


def calendar(content: str) -> Mail:
    return with_parts(
        "Content-Type: text/plain\r\n\r\nHello", f"Content-Type: text/calendar\r\n\r\n{content}"
    )


def test_an_invitation_is_read_and_its_file_kept():
    read = calendar(EVENT)

    event = read.invitation
    assert (event.summary, event.place) == ("Visit of the technician", "Workshop")
    assert (event.start, event.end) == ("2026-12-02T11:00:00+03:30", "2026-12-02T12:00:00+03:30")
    assert (event.zone, event.organiser, event.organiser_email) == (
        "Asia/Tehran",
        "Dana Levi",
        "dana@example.org",
    )
    assert not event.is_cancelled
    assert read.attachments[0].content_type == "text/calendar"
    assert read.remarks["invitation"]["summary"] == "Visit of the technician"


@pytest.mark.parametrize("change", [("REQUEST", "CANCEL"), ("LOCATION:", "STATUS:CANCELLED\nLOCATION:")])
def test_a_cancelled_event_says_so(change):
    assert calendar(EVENT.replace(*change)).invitation.is_cancelled


def test_a_moment_in_utc_names_no_zone():
    event = calendar(EVENT.replace(";TZID=Asia/Tehran:20261202T110000", ":20261202T073000Z")).invitation

    assert (event.start, event.zone) == ("2026-12-02T07:30:00+00:00", "")


def test_a_whole_day_has_no_hour():
    event = calendar(EVENT.replace(";TZID=Asia/Tehran:20261202T110000", ";VALUE=DATE:20261202")).invitation

    assert (event.start, event.is_all_day, event.zone) == ("2026-12-02", True, "")


@pytest.mark.parametrize("content", ["", "BEGIN:VEVENT", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:x", "\x00"])
def test_a_broken_calendar_is_only_a_file(content):
    read = calendar(content)

    assert [file.content_type for file in read.attachments] == ["text/calendar"]


def test_no_calendar_of_the_shared_collection_is_refused_with_an_error():
    paths = sorted(data("ics").rglob("*.ics"))

    read = [calendar(path.read_text(encoding="utf-8", errors="replace")).invitation for path in paths]

    assert sum(event is not None for event in read) > 100


# ── signed and encrypted ─────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("raw", "seal"),
    [
        (
            'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\n\n--b\n\nx\n--b--',
            "encrypted pgp",
        ),
        ("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nMIIB", "encrypted smime"),
        ("application/x-pkcs7-mime; name=smime.p7m\n\nMIIB", "encrypted smime"),
        ("application/pkcs7-mime; smime-type=signed-data\n\nMIIB", "signed smime"),
        ("text/plain\n\n-----BEGIN PGP MESSAGE-----\n\nx", "encrypted pgp"),
        ("text/plain\n\n-----BEGIN PGP SIGNED MESSAGE-----\n\nx", "signed pgp"),
        ("text/plain\n\nI wrote -----BEGIN PGP MESSAGE----- by hand", ""),
        ("text/plain\n\nHello", ""),
    ],
)
def test_signed_and_encrypted_mails_are_told(raw, seal):
    read = parse(f"From: a@example.org\nContent-Type: {raw}\n".encode())

    assert read.seal == seal
    assert read.remarks == ({"seal": seal} if seal else {})


# ── limits ───────────────────────────────────────────────────────────────────


def test_a_hundred_parts_are_read_and_no_more():
    read = with_parts(*["Content-Type: image/png\r\n\r\nx"] * 110)

    assert "too-many-parts" in read.defects
    assert len(read.attachments) == 99
