"""Whatever is mailed to us ends where somebody sees it, once; what we send says whose turn it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest
from django.urls import reverse

from ahadi.channels import intake, links, quarantine
from ahadi.channels.email import signature
from ahadi.channels.models import Delivery, GuestLink, OutgoingMail, RawMessage
from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.outbox.models import Job
from ahadi.testing import make
from ahadi.tickets.models import Entry, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

ARASH = "Arash Rad <arash@post.example>"


@pytest.fixture(autouse=True)
def inbox():
    make.company()
    return make.inbox()


def write(
    text: str = "The grinder stops after two seconds.",
    sender: str = ARASH,
    subject: str = "Grinder",
    to: str = "help@marlo.example",
    message_id: str = "<first@post.example>",
    **headers: str,
) -> bytes:
    mail = EmailMessage(policy=SMTP)
    if sender:
        mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Message-ID"] = message_id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def arrive(raw: bytes, to: str = "help@marlo.example") -> RawMessage:
    message = intake.accept(raw, "envelope@post.example", [to])
    jobs.run_due()
    message.refresh_from_db()
    return message


def sent() -> list[EmailMessage]:
    kept = OutgoingMail.objects.order_by("pk")
    return [message_from_bytes(bytes(mail.raw), policy=default) for mail in kept]


def text_of(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content()


def html_of(mail: EmailMessage) -> str:
    return mail.get_body(("html",)).get_content()


@pytest.fixture
def ticket() -> Iterator[Ticket]:
    """Arash has asked, proven his address and been answered by Mara."""
    first = arrive(write())
    first.entry.address.prove()
    mara = make.agent("Mara Lind")
    first.entry.ticket.reply("Which light blinks?", by=mara)
    jobs.run_due()
    return first.entry.ticket


# ── mail in ──────────────────────────────────────────────────────────────────


def test_a_mail_becomes_a_ticket_with_its_raw_bytes_kept():
    raw = write()

    message = arrive(raw)

    assert (message.outcome, message.read()) == ("ticket", raw)
    assert message.entry.words.text.strip() == "The grinder stops after two seconds."
    assert message.entry.ticket.requester.name == "Arash Rad"
    assert message.evidence == {"decision": "new"}


def test_the_same_bytes_again_add_nothing():
    arrive(write())
    before = Entry.objects.count(), OutgoingMail.objects.count()

    arrive(write())

    assert RawMessage.objects.count() == 1
    assert (Entry.objects.count(), OutgoingMail.objects.count()) == before


def test_the_same_bytes_again_bring_back_a_lost_job():
    message = intake.accept(write(), "a@post.example", ["help@marlo.example"])
    Job.objects.all().delete()

    arrive(write())

    message.refresh_from_db()
    assert message.outcome == "ticket"


def test_a_mail_that_came_twice_by_different_roads_is_one_message():
    first = arrive(write())

    second = arrive(b"Received: from b.example by mx.example; Wed, 2 Dec 2026 09:59:00 +0000\r\n" + write())

    assert second.entry == first.entry
    assert second.evidence == {"decision": "copy", "of": first.pk}


def test_other_words_under_the_same_message_id_are_kept_and_flagged():
    first = arrive(write())

    second = arrive(write("Something else entirely."))

    assert second.entry != first.entry
    assert second.evidence["same_id"] == first.pk


@pytest.mark.parametrize(
    ("evidence", "strength"),
    [("token", "strong"), ("our_id", "strong"), ("their_id", "medium")],
)
def test_an_answer_of_the_customer_finds_its_ticket(ticket, evidence, strength):
    ours = sent()[-1]
    to, headers = "help@marlo.example", {}
    if evidence == "token":
        to = ours["Reply-To"].upper()
    elif evidence == "our_id":
        headers = {"References": f"<x@y.example> {ours['Message-ID']} <unknown@else.example>"}
    else:
        headers = {"In_Reply_To": "<first@post.example>"}

    message = arrive(write("Red.", subject="Light", to=to, message_id="<2@post.example>", **headers), to)

    assert (message.outcome, message.entry.ticket) == ("entry", ticket)
    assert (message.evidence["by"], message.evidence["strength"]) == (evidence, strength)
    assert message.entry.words.data["evidence"] == message.evidence


def test_a_reply_address_proves_who_answers_from_it():
    first = arrive(write())
    address = first.entry.address
    assert address.proven is None

    arrive(write("Yes.", to=sent()[0]["Reply-To"], message_id="<2@post.example>"))

    address.refresh_from_db()
    assert address.proven is not None


@pytest.mark.parametrize("place", range(8, 60, 7))
def test_a_forged_id_of_ours_counts_for_nothing(ticket, place):
    ours = str(sent()[-1]["Message-ID"])
    end = ours.index("@")
    place = min(place, end - 1)
    forged = ours[:place] + ("a" if ours[place] != "a" else "b") + ours[place + 1 :]

    message = arrive(write("Red.", message_id="<2@post.example>", In_Reply_To=forged))

    assert message.outcome == "ticket"
    assert message.entry.ticket != ticket


def test_guessed_ids_hit_nothing(ticket):
    plain = ticket.number.replace("-", "").lower()

    hits = [
        seq
        for seq in range(1_000)
        if signature.read_message_id(f"<c.{plain}.{seq}.{'a' * 16}@marlo.example>")
    ]

    assert hits == []


def test_a_stranger_with_the_reply_address_is_held_where_agents_see_it(ticket):
    to = sent()[-1]["Reply-To"]

    message = arrive(
        write("I am his brother.", "Kian <kian@else.example>", to=to, message_id="<k@else.example>"), to
    )

    assert message.outcome == "entry"
    assert (message.entry.kind, message.entry.code) == ("note", "held")
    assert message.entry.words.data["held"] == "stranger"
    ticket.refresh_from_db()
    assert ticket.requester.name == "Arash Rad"


def test_a_stranger_who_only_knows_the_code_opens_a_ticket_of_their_own(ticket):
    subject = f"Re: Grinder [{ticket.number}]"

    message = arrive(write("Show me all.", "Eve <eve@else.example>", subject, message_id="<e@else.example>"))

    assert message.outcome == "ticket"
    assert message.entry.ticket != ticket
    assert message.evidence["ticket"] == ticket.number


def test_our_own_agent_cannot_speak_by_a_forged_sender(ticket):
    agent = make.agent("Noor Aziz")
    to = sent()[-1]["Reply-To"]

    message = arrive(
        write("Refund granted.", f"Noor <{agent.email}>", to=to, message_id="<n@else.example>"), to
    )

    assert message.entry.code == "held"
    assert message.entry.words.data["held"] == "agent"


def test_an_answer_to_a_solved_ticket_opens_it_again(ticket):
    ticket.solve(by=make.agent())

    arrive(write("Still broken.", message_id="<2@post.example>", In_Reply_To="<first@post.example>"))

    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_held_words_on_a_solved_ticket_are_put_before_somebody(ticket):
    to = sent()[-1]["Reply-To"]
    ticket.solve(by=make.agent())

    arrive(write("It is mine.", "Kian <kian@else.example>", to=to, message_id="<k@else.example>"), to)

    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_an_absence_note_is_attached_without_waking_anybody(ticket):
    ticket.solve(by=make.agent())
    count = OutgoingMail.objects.count()

    message = arrive(
        write(
            "I am on holiday.",
            message_id="<ooo@post.example>",
            Auto_Submitted="auto-replied",
            In_Reply_To=sent()[-1]["Message-ID"],
        )
    )

    ticket.refresh_from_db()
    assert (message.entry.ticket, message.entry.automatic) == (ticket, True)
    assert ticket.status == "solved"
    assert OutgoingMail.objects.count() == count


def test_a_bounce_of_our_answer_brings_the_ticket_back_to_its_owner(ticket):
    delivery = Delivery.objects.get(entry__code="", automatic=False)
    report = (
        "From: MAILER-DAEMON@mx.example\r\nTo: help@marlo.example\r\nSubject: Undelivered Mail\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nMessage-ID: <b@mx.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n"
        "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        "Final-Recipient: rfc822; arash@post.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such user\r\n\r\n"
        f"--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {delivery.message_id}\r\n\r\n--x--\r\n"
    )

    message = arrive(report.encode())

    delivery.refresh_from_db()
    ticket.refresh_from_db()
    assert (message.outcome, message.entry.kind, message.entry.code) == ("entry", "note", "bounce")
    assert delivery.state == "failed"
    assert "No such user" in delivery.last_error
    assert (ticket.status, ticket.step_code) == ("open", "delivery")


def bounce_of_nothing() -> bytes:
    return (
        b"From: MAILER-DAEMON@mx.example\r\nTo: help@marlo.example\r\nSubject: Undelivered Mail\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        b"--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; victim@post.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--x--\r\n"
    )


@pytest.mark.parametrize(
    ("reason", "raw"),
    [
        ("loop", lambda: write(X_Ahadi_Loop=signature.instance_id())),
        ("self", lambda: write(sender="help@marlo.example")),
        ("self", lambda: write(sender="help+abc@marlo.example")),
        ("spam", lambda: write(X_Spam_Flag="YES")),
        ("empty", lambda: b"From: arash@post.example\r\n\r\n"),
        ("bounce", bounce_of_nothing),
    ],
)
def test_what_is_put_aside_says_why_and_can_be_let_go(reason, raw):
    message = arrive(raw())
    assert (message.outcome, message.reason) == ("quarantine", reason)

    entry = quarantine.release(message)

    message.refresh_from_db()
    assert (message.outcome, message.entry, message.reason) == ("ticket", entry, "")
    assert OutgoingMail.objects.count() == 0


def test_a_mail_without_a_sender_becomes_a_ticket_that_nothing_is_sent_to():
    message = arrive(write(sender=""))

    assert message.outcome == "ticket"
    assert message.entry.address.value.endswith("@unknown.invalid")
    message.entry.ticket.reply("Who are you?", by=make.agent())
    jobs.run_due()
    assert Delivery.objects.get().state == "kept"
    assert OutgoingMail.objects.count() == 0


def test_a_mail_that_breaks_the_reading_becomes_a_ticket_with_its_raw_file(monkeypatch):
    from ahadi.channels.email import inbound

    def refuse(*_: object) -> None:
        raise ValueError("never seen before")

    monkeypatch.setattr(inbound, "place", refuse)
    raw = write()

    message = arrive(raw)

    file = message.entry.attachments.get()
    assert message.outcome == "ticket"
    assert (file.content_type, file.size) == ("message/rfc822", len(raw))
    assert Job.objects.count() == 0


def test_a_mail_of_too_many_parts_keeps_its_raw_file():
    parts = b"".join(b"--x\r\nContent-Type: text/plain; boundary=y\r\n\r\na\r\n" for _ in range(500))
    raw = b"From: a@post.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + parts + b"--x--\r\n"

    message = arrive(raw)

    assert message.entry.attachments.filter(content_type="message/rfc822").exists()


# ── acknowledgements ─────────────────────────────────────────────────────────


def test_an_acknowledgement_says_code_time_and_owner_and_repeats_nothing_of_a_stranger():
    arrive(write("CHEAP PILLS http://spam.example", "Winner <arash@post.example>", "BUY X"))

    [mail] = sent()
    number = Ticket.objects.get().number
    said = f"{mail['Subject']} {mail['To']} {text_of(mail)} {html_of(mail)}"
    assert number in text_of(mail)
    assert "Wednesday 2 December, 12:00" in text_of(mail)
    assert "Support" in text_of(mail)
    assert not any(word in said for word in ("BUY", "CHEAP", "PILLS", "spam.example", "Winner"))


def test_an_acknowledgement_carries_the_headers_of_a_machine():
    arrive(write())

    [mail] = sent()
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["X-Ahadi-Loop"] == signature.instance_id()
    assert mail["In-Reply-To"] == "<first@post.example>"
    assert "List-Id" not in mail
    assert OutgoingMail.objects.get().sender == ""


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-generated"},
        {"X_Auto_Response_Suppress": "All"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.example>"},
        {"In_Reply_To": "<c.aaaaaaaaaaaa.2.bbbbbbbbbbbbbbbb@marlo.example>"},
    ],
)
def test_machines_get_no_acknowledgement(headers):
    message = arrive(write(**headers))

    assert message.outcome == "ticket"
    assert sent() == []


def test_a_human_who_says_so_is_acknowledged():
    arrive(write(Auto_Submitted="no"))

    assert len(sent()) == 1


def test_one_address_is_acknowledged_once_an_hour_and_four_times_a_day():
    start = clock.now()

    for hour in range(12):
        for half in (0, 20):
            with clock.at(start + timedelta(hours=hour, minutes=half)):
                arrive(write(subject=f"Matter {hour}/{half}", message_id=f"<{hour}.{half}@post.example>"))

    assert Ticket.objects.count() == 24
    assert len(sent()) == 4


def test_two_machines_that_answer_each_other_fall_silent():
    arrive(write())

    for turn in range(10):
        ours = sent()[-1]
        arrive(
            write(
                "We got your mail.",
                subject=f"Re: {ours['Subject']}",
                to=ours["Reply-To"],
                message_id=f"<{turn}@post.example>",
                In_Reply_To=ours["Message-ID"],
            ),
            ours["Reply-To"],
        )

    assert Ticket.objects.count() == 1
    assert len(sent()) == 1


def test_a_proven_customer_reads_their_own_words_in_their_own_language():
    make.address("arash@post.example", name="آرش راد", language="fa")

    arrive(write("آسیاب روندو بعد از دو ثانیه خاموش می‌شود و چراغش قرمز می‌زند.", subject="آسیاب خاموش می‌شود"))

    [mail] = sent()
    number = Ticket.objects.get().number
    page = html_of(mail)
    assert '<html lang="fa" dir="rtl">' in page
    assert "آسیاب روندو" in page
    assert f"\u2066{number}\u2069" in text_of(mail)
    assert f"\u2066{number}\u2069" in mail["Subject"]
    assert "آذر" in text_of(mail)
    blocks = re.findall(r"<(?:body|table)\b[^>]*>", page)
    assert blocks
    assert all('dir="rtl"' in block for block in blocks)


# ── mail out ─────────────────────────────────────────────────────────────────


def test_an_answer_leads_back_to_its_ticket(ticket):
    mail = sent()[-1]

    delivery = Delivery.objects.get(automatic=False)
    assert str(mail["From"]) == "Mara via Marlo <help@marlo.example>"
    assert signature.read_reply_address(mail["Reply-To"]) == ticket.number
    assert len(mail["Reply-To"].partition("+")[2].partition("@")[0]) <= 24
    assert mail["Message-ID"] == delivery.message_id
    assert signature.read_message_id(delivery.message_id) == (ticket.number, delivery.entry.seq)
    assert mail["In-Reply-To"] == "<first@post.example>"
    assert mail["References"].split()[0] == "<first@post.example>"
    assert mail["Subject"] == f"Re: Grinder [\u2066{ticket.number}\u2069]"
    assert "Which light blinks?" in text_of(mail)
    assert not {"Auto-Submitted", "Precedence", "X-Auto-Response-Suppress"} & set(mail.keys())
    assert delivery.state == "kept"


@pytest.mark.parametrize("prefix", ["Re: ", "AW: Re[5]: ", "پاسخ: ", "השב: ", "Odp: RE: re : "])
def test_reply_prefixes_never_pile_up(prefix):
    first = arrive(write(subject=f"{prefix}Grinder"))

    first.entry.ticket.reply("Yes.", by=make.agent())
    jobs.run_due()

    assert sent()[-1]["Subject"] == f"Re: Grinder [\u2066{first.entry.ticket.number}\u2069]"


def test_a_long_talk_keeps_its_references_short(ticket):
    for turn in range(40):
        with clock.at(clock.now() + timedelta(minutes=turn)):
            arrive(
                write(
                    f"{turn}",
                    message_id=f"<{turn}.{'x' * 60}@post.example>",
                    In_Reply_To="<first@post.example>",
                )
            )

    ticket.refresh_from_db()
    ticket.reply("Thank you.", by=make.agent())
    jobs.run_due()

    mail = sent()[-1]
    ids = mail["References"].split()
    assert len(mail["References"]) <= 1_500
    assert (ids[0], mail["In-Reply-To"]) == ("<first@post.example>", f"<39.{'x' * 60}@post.example>")
    assert mail["In-Reply-To"] in ids


def test_a_note_never_reaches_the_customer(ticket):
    count = OutgoingMail.objects.count()

    ticket.note("CANARY: he is difficult", by=make.agent())
    ticket.reply("Thank you.", by=make.agent())
    jobs.run_due()

    assert OutgoingMail.objects.count() == count + 1
    assert not any(b"CANARY" in bytes(mail.raw) for mail in OutgoingMail.objects.all())


def test_files_go_along_with_an_answer(ticket):
    from ahadi.tickets.said import File

    ticket.reply("See the drawing.", by=make.agent(), files=[File("طرح.pdf", "application/pdf", b"%PDF-1.4")])
    jobs.run_due()

    [file] = [part for part in sent()[-1].walk() if part.get_filename()]
    assert (file.get_filename(), file.get_content()) == ("طرح.pdf", b"%PDF-1.4")


def test_the_link_in_a_mail_opens_one_ticket_for_one_person(ticket):
    [_number, token] = re.findall(r"/r/([0-9A-Z-]+)/([\w-]+)/", text_of(sent()[-1]))[-1]

    link = links.redeem(ticket.number, token)

    assert reverse("portal:link", args=[ticket.number, token]) == f"/r/{ticket.number}/{token}/"
    assert link.address.value == "arash@post.example"
    assert links.redeem(make.ticket().number, token) is None
    with clock.at(clock.now() + timedelta(days=31)):
        assert links.redeem(ticket.number, token) is None
    links.revoke(ticket, link.address)
    assert links.redeem(ticket.number, token) is None
    assert not GuestLink.objects.filter(token_hash=token).exists()


def test_a_code_is_good_once_in_the_browser_that_asked(ticket):
    links.send_code(ticket, "ARASH@post.example", "browser")
    code = re.search(r"\d{8}", text_of(sent()[-1]).replace(ticket.number, ""))[0]
    persian = code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))

    assert links.check_code(ticket, "arash@post.example", "another browser", code) is None
    assert links.check_code(ticket, "arash@post.example", "browser", persian) == ticket.address
    assert links.check_code(ticket, "arash@post.example", "browser", code) is None


def test_a_code_dies_after_five_wrong_tries_and_after_ten_minutes(ticket):
    links.send_code(ticket, "arash@post.example", "browser")
    code = re.search(r"\d{8}", text_of(sent()[-1]).replace(ticket.number, ""))[0]

    with clock.at(clock.now() + timedelta(minutes=11)):
        assert links.check_code(ticket, "arash@post.example", "browser", code) is None
    for _ in range(5):
        links.check_code(ticket, "arash@post.example", "browser", "wrong")
    assert links.check_code(ticket, "arash@post.example", "browser", code) is None


def test_no_code_goes_to_an_address_that_is_not_of_the_ticket(ticket):
    count = OutgoingMail.objects.count()

    links.send_code(ticket, "eve@else.example", "browser")

    assert OutgoingMail.objects.count() == count
