"""What stands in the mails of ours: who reads along, what programs thread by, colours, marks, large files."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from ahadi.channels import handouts, links
from ahadi.channels.email import letters, outbound, samples, signature
from ahadi.channels.models import Delivery, Inbox, Letterhead, OutgoingMail, RawMessage
from ahadi.channels.models.letterhead import contrast_with_white
from ahadi.lib import clock, store
from ahadi.outbox import jobs
from ahadi.testing import make
from ahadi.testing.letters import whole
from ahadi.tickets.said import File

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

MB = 1024 * 1024


@pytest.fixture(autouse=True)
def company():
    make.company()
    return make.inbox()


def quiet_ticket(**fields):
    return make.ticket(data={"no_acknowledgement": True}, **fields)


def mails() -> list[EmailMessage]:
    """What would have been sent, as mail programs read it."""
    jobs.run_due()
    kept = OutgoingMail.objects.order_by("pk")
    return [message_from_bytes(bytes(mail.raw), policy=default) for mail in kept]


def answered(ticket, text: str = "We found it.", **fields) -> EmailMessage:
    ticket.reply(text, by=make.agent(), **fields)
    return mails()[-1]


def test_every_reader_has_a_mail_of_their_own_that_names_the_others():
    ticket = quiet_ticket()
    second, third = make.address(name="Ben Adam"), make.address(name="Noor Aziz")
    entry = ticket.reply("We found it.", by=make.agent())
    for address in (second, third):
        number = outbound.message_id_of(ticket, entry.seq, make.inbox())
        Delivery.objects.create(entry=entry, address=address, channel="email", message_id=number)
        jobs.put("channels.send", {"delivery_id": Delivery.objects.latest("pk").pk})

    sent = mails()

    assert [list(mail.recipients) for mail in OutgoingMail.objects.order_by("pk")] == [
        [ticket.address.value],
        [second.value],
        [third.value],
    ]
    for mail in sent:
        assert [one.addr_spec for one in mail["To"].addresses] == [ticket.address.value]
        assert [one.addr_spec for one in mail["Cc"].addresses] == [second.value, third.value]
    assert len({mail.sender for mail in OutgoingMail.objects.all()}) == 3


def test_a_persons_mail_is_from_them_and_not_marked_as_automatic():
    mail = answered(quiet_ticket())

    assert mail["From"].addresses[0].display_name == "Mara via Marlo"
    assert not {"Auto-Submitted", "Precedence", "List-Id", "List-Unsubscribe"} & set(mail.keys())
    assert mail.get_content_type() == "multipart/alternative"
    assert max(len(line) for line in mail.as_bytes().splitlines()) <= 998


def test_answers_come_to_the_plain_address_where_plus_signs_are_refused(company):
    Inbox.objects.update(has_plus_addresses=False)

    mail = answered(quiet_ticket())

    assert mail["Reply-To"].addresses[0].addr_spec == "help@marlo.example"
    assert OutgoingMail.objects.get().sender == "help@marlo.example"


def test_an_address_too_long_for_a_token_stays_plain(company):
    Inbox.objects.update(address=f"{'support' * 7}@marlo.example")

    mail = answered(quiet_ticket())

    assert mail["Reply-To"].addresses[0].addr_spec == f"{'support' * 7}@marlo.example"


def test_references_name_the_first_and_the_newest_and_stay_short():
    ticket = quiet_ticket()
    for number in range(60):
        raw = RawMessage.objects.create(
            sha256=f"{number:064}", size=1, message_id=f"<{number}@{'x' * 40}.example>"
        )
        entry = ticket.entries.get(seq=1) if not number else ticket.receive(_said(ticket, number))
        RawMessage.objects.filter(pk=raw.pk).update(
            entry=entry, outcome="entry", evidence={"thread-index": "AdH0", "thread-topic": "Grinder"}
        )

    mail = answered(ticket)
    ids = mail["References"].split()

    assert len(mail["References"].encode()) <= outbound.LONGEST_REFERENCES
    assert (ids[0], ids[-1]) == (f"<0@{'x' * 40}.example>", f"<59@{'x' * 40}.example>")
    assert mail["In-Reply-To"] == f"<59@{'x' * 40}.example>"
    assert (mail["Thread-Index"], mail["Thread-Topic"]) == ("AdH0", "Grinder")


def _said(ticket, number: int):
    from ahadi.tickets.said import Said

    return Said(kind="message", text=f"Message {number}", by=ticket.requester)


def test_the_subject_never_piles_up():
    ticket = quiet_ticket(subject="AW: Re[4]: پاسخ: Grinder [K7QF-9T2M-XR4D]")

    subject = answered(ticket)["Subject"]

    assert subject == f"Re: Grinder [\u2066{ticket.number}\u2069]"


def test_both_forms_of_a_mail_carry_the_mark_of_their_entry():
    ticket = quiet_ticket()

    mail = answered(ticket)

    marker = signature.marker(ticket.number, 2)
    assert marker in mail.get_body(("html",)).get_content()
    assert mail.get_body(("plain",)).get_content().rstrip().endswith(letters.isolated(marker))
    assert marker not in ticket.entries.get(seq=2).words.text


def test_large_files_are_links_that_ask_who_comes():
    ticket = quiet_ticket()
    files = [File("small.txt", "text/plain", b"x" * 10), File("film.mp4", "video/mp4", b"y" * (10 * MB))]

    mail = answered(ticket, files=files)
    text = mail.get_body(("plain",)).get_content()
    path = next(line for line in text.splitlines() if "/files/" in line).partition("/files/")[2]

    stranger, guest = Client(), Client()
    assert [part.get_filename() for part in mail.iter_attachments()] == ["small.txt"]
    assert stranger.get(f"/files/{path}").headers["Location"] == f"/r/{ticket.number}/"
    token = links.make_link(ticket, ticket.address).rstrip("/").rpartition("/")[2]
    guest.post(f"/r/{ticket.number}/{token}/")
    shown = guest.get(f"/files/{path}")
    assert shown.status_code == 200
    assert shown.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("kind", ["letter", "reply", "code", "notice"])
def test_in_the_text_form_nothing_is_written_as_html(kind):
    said = "Salt & <pepper>"
    letter = letters.Letter(kind, said, said, opening=[said], label=said, time=said, step=said, code="1")
    letter.body = letter.quote = letter.footer = said
    letter.closing, letter.small = [said], [said]

    text = letters.text_of(letter)

    assert said in text
    assert "&amp;" not in text
    assert "&lt;" not in text


def test_a_link_to_a_file_ends_after_its_days_and_cannot_be_changed():
    ticket = quiet_ticket(files=[File("film.mp4", "video/mp4", b"y")])
    file = ticket.entries.get(seq=1).attachments.get()

    assert handouts.until() - clock.now() == timedelta(days=30)
    token = handouts.offer(file, ticket.address).link.rstrip("/").rpartition("/")[2]

    assert handouts.read(token) == (file.pk, ticket.address.pk)
    assert handouts.read(token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    with clock.at(handouts.until()):
        assert handouts.read(token) is None
        assert Client().get(f"/files/{token}/").status_code == 404


def test_another_guest_of_the_ticket_does_not_use_somebody_elses_link():
    ticket = quiet_ticket(files=[File("film.mp4", "video/mp4", b"y")])
    file = ticket.entries.get(seq=1).attachments.get()
    path = handouts.offer(file, make.address()).link.partition("/files/")[2]
    guest = Client()
    token = links.make_link(ticket, ticket.address).rstrip("/").rpartition("/")[2]
    guest.post(f"/r/{ticket.number}/{token}/")

    assert guest.get(f"/files/{path}").status_code == 302


def test_the_letterhead_gives_colour_logo_and_a_foot_in_the_readers_language():
    Letterhead.objects.create(
        pk=1, color="#7A1F5C", logo=store.put(b"picture"), logo_type="image/png", footers={"fa": "شرکت مارلو"}
    )

    english = answered(quiet_ticket())
    persian = answered(quiet_ticket(language="fa", is_language_certain=True))

    html = persian.get_body(("html",)).get_content()
    assert "background:#7A1F5C" in html
    assert "/logo/" in html
    assert "شرکت مارلو" in html
    assert "شرکت مارلو" in persian.get_body(("plain",)).get_content()
    assert "شرکت مارلو" not in english.get_body(("html",)).get_content()


def test_numbers_in_persian_mails_have_persian_digits():
    ticket = quiet_ticket(language="fa", is_language_certain=True)

    mail = answered(ticket, files=[File("a.txt", "text/plain", b"x")])

    line = next(line for line in mail.get_body(("plain",)).get_content().splitlines() if "پیوست" in line)
    assert "۱" in line
    assert "1" not in line


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("fa", "rtl"), ("he", "rtl")])
@pytest.mark.parametrize("kind", list(samples.KINDS))
def test_every_block_of_a_mail_says_its_direction_by_itself(kind: str, language: str, direction: str):
    html = samples.write(kind, language, clock.now()).html

    assert f'<html lang="{language}" dir="{direction}">' in html
    for piece in html.split("<table")[1:]:
        assert f'dir="{direction}"' in piece.split(">")[0]
    assert html.count("<td") > 5


def test_white_can_be_read_on_every_colour_that_is_allowed():
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#FFFFFF") == pytest.approx(1)
    assert contrast_with_white("#0E7480") > 4.5
    assert contrast_with_white("#767676") > 4.5 > contrast_with_white("#777777")


@pytest.fixture
def admin(client):
    client.force_login(make.admin())
    return client


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"


def test_an_administrator_chooses_the_look_and_sees_it_in_each_language(admin, client):
    logo = SimpleUploadedFile("logo.png", PNG, "image/png")

    answer = admin.post(
        "/desk/settings/letterhead/", {"color": "#7a1f5c", "logo": logo, "footer_ro": "Marlo SRL"}
    )
    head = Letterhead.current()
    page = admin.get("/desk/settings/letterhead/?language=fa").content.decode()
    sample = admin.get("/desk/settings/letterhead/answer/fa/")

    assert answer.status_code == 302
    assert (head.color, head.logo_type, head.footers) == ("#7A1F5C", "image/png", {"ro": "Marlo SRL"})
    assert "/desk/settings/letterhead/answer/fa/" in page
    assert 'dir="rtl"' in sample.content.decode()
    assert "sandbox" in sample.headers["Content-Security-Policy"]
    shown = Client().get(f"/logo/{head.logo[:16]}/")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/png")
    assert Client().get("/logo/0000000000000000/").status_code == 404
    assert OutgoingMail.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"color": "#FFEE00"}, "White text cannot be read"),
        ({"color": "red"}, "Write the colour as #"),
        (
            {"logo": SimpleUploadedFile("a.png", b"<svg onload=alert(1)>", "image/png")},
            "no PNG, JPEG or WebP",
        ),
        ({"logo": SimpleUploadedFile("a.png", PNG + b"x" * 210_000, "image/png")}, "larger than 200 kB"),
    ],
)
def test_a_look_that_cannot_be_read_or_is_no_picture_is_refused(admin, fields, sentence: str):
    answer = admin.post("/desk/settings/letterhead/", {"color": "#0E7480", **fields})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Letterhead.objects.exists()


def test_only_administrators_see_the_look_of_the_mails(client):
    client.force_login(make.lead())

    assert client.get("/desk/settings/letterhead/").status_code == 403
    assert client.get("/desk/settings/letterhead/answer/en/").status_code == 403
    assert Client().get("/desk/settings/letterhead/").status_code == 302


def test_the_answer_to_an_encrypted_mail_offers_the_form():
    ticket = make.ticket("", data={"seal": "encrypted pgp"})

    text = mails()[-1].get_body(("plain",)).get_content()

    assert "no key of ours opens it" in text
    assert "/ask/" in text
    assert ticket.number in text


def test_a_mail_that_carries_a_code_is_quoted_to_nobody():
    make.ticket("Your code is 123456", data={"code_mail": True})

    assert "code is 123456" not in whole(mails()[-1])


def test_the_text_of_a_letter_is_the_same_without_html():
    with translation.override("en"):
        text = letters.text_of(letters.acknowledgement(quiet_ticket(), clock.now()))

    assert "<" not in text
