"""Whoever pretends to be somebody: each row of the table of decisions, and every trick that is known."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest

from ahadi.channels import intake, links, participants
from ahadi.channels.email import signature
from ahadi.channels.models import OutgoingMail, Participant, RawMessage, Trust
from ahadi.lib import clock, dns
from ahadi.lib.tests import compound
from ahadi.outbox import jobs
from ahadi.people.models import Address
from ahadi.testing import make
from ahadi.testing.letters import sealed, signed, write, zone
from ahadi.tickets.models import Entry, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

HELP = "help@marlo.example"
ARASH, EVE, NOOR = "arash@post.example", "eve@else.example", "noor@house.example"
HOUSES = {ARASH: "post.example", EVE: "else.example", NOOR: "house.example"}
OPEN = ""


@pytest.fixture(autouse=True)
def inbox():
    make.company()
    return make.inbox(HELP)


@pytest.fixture
def noor():
    return make.agent("Noor Aziz", email=NOOR)


@pytest.fixture
def ticket(noor) -> Ticket:
    """Arash has asked and proven his address."""
    first = arrive(write())
    first.entry.address.prove()
    return first.entry.ticket


def arrive(raw: bytes, to: str = HELP, names: dict | None = None, **called: str) -> RawMessage:
    message = intake.accept(raw, "envelope@post.example", [to], **called)
    with dns.answering(names or {}):
        jobs.run_due()
    message.refresh_from_db()
    return message


def mail_of(sender: str, verdict: str, **parts: str) -> tuple[bytes, dict]:
    """A mail whose sender passes, fails, or of whom nothing is known."""
    house = HOUSES[sender]
    raw = write("I wrote this.", sender, message_id=f"<2.{verdict}@{house}>", **parts)
    names = zone(house, policy=OPEN if verdict == "none" else "v=DMARC1; p=reject")
    return (signed(raw, house) if verdict == "pass" else raw), names


def pointing(ticket: Ticket, strength: str, agent) -> dict[str, str]:
    """What in a mail points to a ticket."""
    return {
        "bound": {"to": signature.agent_address(ticket.number, HELP, agent.pk, "reply")},
        "strong": {"to": signature.reply_address(ticket.number, HELP)},
        "medium": {"In_Reply_To": "<first@post.example>"},
        "weak": {"subject": f"Re: Grinder [{ticket.number}]"},
    }[strength]


# ── the table (rule E-30) ────────────────────────────────────────────────────

TABLE = [
    # sender   proven   strong    medium    weak
    (ARASH, "pass", "message", "message", "message"),
    (ARASH, "none", "message", "message", "new"),
    (ARASH, "fail", "held", "held", "held"),
    (EVE, "pass", "held", "new", "new"),
    (EVE, "none", "held", "new", "new"),
    (EVE, "fail", "held", "new", "new"),
    (NOOR, "pass", "held", "held", "held"),
    (NOOR, "none", "held", "held", "held"),
    (NOOR, "fail", "held", "held", "held"),
]
CASES = [
    (sender, verdict, strength, outcome)
    for sender, verdict, *outcomes in TABLE
    for strength, outcome in zip(("strong", "medium", "weak"), outcomes, strict=True)
]


@pytest.mark.parametrize(("sender", "verdict", "strength", "outcome"), CASES)
def test_the_table_decides(ticket, noor, sender, verdict, strength, outcome):
    parts = pointing(ticket, strength, noor)
    raw, names = mail_of(sender, verdict, **parts)
    count = OutgoingMail.objects.count()

    message = arrive(raw, parts.get("to", HELP), names)

    entry = message.entry
    if outcome == "new":
        assert (message.outcome, entry.ticket == ticket) == ("ticket", False)
        assert message.evidence["ticket"] == ticket.number
    else:
        assert (message.outcome, entry.ticket) == ("entry", ticket)
        assert (entry.kind, entry.code) == (("note", "held") if outcome == "held" else ("message", ""))
    # Where a proof changes nothing, nobody waits for one.
    assert message.evidence["authentication"] == (verdict if outcome != "new" or sender == ARASH else "none")
    ticket.refresh_from_db()
    assert ticket.requester.addresses.get().value == ARASH
    if outcome == "held" and sender != NOOR:
        assert OutgoingMail.objects.count() == count


@pytest.mark.parametrize(("verdict", "kind"), [("pass", "reply"), ("none", "note"), ("fail", "note")])
def test_an_agent_answers_by_mail_from_an_address_of_their_own(ticket, noor, verdict, kind):
    to = signature.agent_address(ticket.number, HELP, noor.pk, "reply")
    raw, names = mail_of(NOOR, verdict, to=to)

    message = arrive(raw, to, names)

    assert (message.entry.ticket, message.entry.kind) == (ticket, kind)
    assert message.entry.agent == (noor if verdict == "pass" else None)


def test_an_agent_adds_a_note_by_mail(ticket, noor):
    to = signature.agent_address(ticket.number, HELP, noor.pk, "note")
    raw, names = mail_of(NOOR, "pass", to=to)

    entry = arrive(raw, to, names).entry

    assert (entry.kind, entry.agent, entry.words.text.strip()) == ("note", noor, "I wrote this.")


def test_an_address_of_one_agent_is_none_of_another(ticket, noor):
    mara = make.agent("Mara Lind")
    to = signature.agent_address(ticket.number, HELP, mara.pk, "reply")
    raw, names = mail_of(NOOR, "pass", to=to)

    assert arrive(raw, to, names).entry.kind != "reply"


def test_an_agent_who_may_not_see_a_ticket_cannot_answer_it(ticket):
    other = make.agent("Sam Okello", email="sam@house.example", teams=[make.team("Billing")])
    to = signature.agent_address(ticket.number, HELP, other.pk, "reply")
    raw = signed(
        write("Refund granted.", "sam@house.example", to=to, message_id="<s@house.example>"), "house.example"
    )

    entry = arrive(raw, to, zone("house.example")).entry

    assert (entry.kind, entry.code) == ("note", "held")


def test_an_absent_agents_machine_says_nothing_to_the_customer(ticket, noor):
    to = signature.agent_address(ticket.number, HELP, noor.pk, "reply")
    raw, names = mail_of(NOOR, "pass", to=to, Auto_Submitted="auto-replied")
    count = OutgoingMail.objects.count()

    entry = arrive(raw, to, names).entry

    assert (entry.kind, entry.code) == ("note", "held")
    assert OutgoingMail.objects.count() == count


def test_an_agent_is_told_once_a_day_that_a_mail_in_their_name_waits(ticket, noor):
    to = signature.reply_address(ticket.number, HELP)

    for turn in range(3):
        arrive(write("Pay him.", NOOR, to=to, message_id=f"<{turn}@house.example>"), to)

    told = OutgoingMail.objects.filter(recipients=[NOOR])
    assert told.count() == 1
    reply_to = signature.agent_address(ticket.number, HELP, noor.pk, "reply")
    assert reply_to.encode() in bytes(told.get().raw)
    assert b"Pay him" not in bytes(told.get().raw)


def test_a_mail_an_agent_passes_on_is_its_writers(noor):
    raw, names = mail_of(NOOR, "pass", subject="Fwd: Parcel")
    forwarded = (
        "---------- Forwarded message ---------\nFrom: Lea Ray <lea@shop.example>\n"
        "Date: Mon, 30 Nov 2026 at 09:00\nSubject: Parcel\nTo: <noor@house.example>\n\nIt never came.\n"
    )
    raw = signed(write(forwarded, NOOR, "Fwd: Parcel", message_id="<f@house.example>"), "house.example")

    by_agent = arrive(raw, names=names).entry
    by_stranger = arrive(write(forwarded, EVE, "Fwd: Parcel", message_id="<f@else.example>")).entry

    assert by_agent.ticket.requester.name == "Lea Ray"
    assert by_agent.words.text.strip() == "It never came."
    assert by_agent.words.data["forwarded_by"] == "Noor Aziz"
    assert by_stranger.address.value == EVE


def test_a_message_of_outlook_an_agent_passes_on_is_its_writers_with_their_files(noor):
    bill = {0x3705: 1, 0x3707: "bill.pdf", 0x3701: b"%PDF-1.4 bill"}
    words = {0x0037: "Parcel", 0x1000: "It never came.", 0x0C1A: "Lea Ray", 0x5D01: "lea@shop.example"}
    _, names = mail_of(NOOR, "pass")
    passed = EmailMessage()
    passed["From"], passed["To"], passed["Subject"] = NOOR, HELP, "Please look"
    passed["Message-ID"] = "<o@house.example>"
    passed.set_content("See below.")
    passed.add_attachment(
        compound.message(words, files=[bill]), "application", "vnd.ms-outlook", filename="Parcel.msg"
    )

    entry = arrive(signed(passed.as_bytes(), "house.example"), names=names).entry

    assert entry.ticket.requester.name == "Lea Ray"
    assert (entry.ticket.subject, entry.words.text.strip()) == ("Parcel", "It never came.")
    assert [file.name for file in entry.attachments.order_by("pk")] == [
        "Parcel.msg",
        "Parcel.eml",
        "bill.pdf",
    ]
    assert "enclosed" not in entry.words.data


# ── forgeries ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("place", range(24))
def test_a_token_with_one_other_letter_leads_nowhere(ticket, place):
    plain = signature.reply_address(ticket.number, HELP)
    start = plain.index("+") + 1 + place
    forged = plain[:start] + ("b" if plain[start] != "b" else "c") + plain[start + 1 :]

    message = arrive(write("It is mine.", message_id="<2@post.example>", to=forged), forged)

    assert (message.outcome, message.entry.ticket != ticket) == ("ticket", True)


def test_a_marker_with_another_letter_leads_nowhere(ticket):
    right = signature.marker(ticket.number, 1)
    forged = right.replace(right[-6], "b" if right[-6] != "b" else "c", 1)[: len(right)]

    kept = arrive(write(f"Yes.\n> {right}", message_id="<2@post.example>"))
    lost = arrive(write(f"Yes.\n> {forged}", message_id="<3@post.example>"))

    assert (kept.entry.ticket, kept.evidence["by"]) == (ticket, "marker")
    assert lost.entry.ticket != ticket


def test_ids_from_one_to_a_thousand_hit_nothing(ticket):
    plain = ticket.number.replace("-", "").lower()
    ids = [f"<c.{plain}.{seq}.{'a' * 16}@marlo.example>" for seq in range(1, 1_001)]
    ids += [f"<c.{seq}.{seq}.{'a' * 16}@marlo.example>" for seq in range(1, 1_001)]

    assert not any(signature.read_message_id(text) for text in ids)
    raw = write("Mine.", message_id="<2@post.example>", References=" ".join(ids[:30]))
    assert arrive(raw).entry.ticket != ticket


def test_forged_results_of_checks_are_ignored(ticket):
    to = signature.reply_address(ticket.number, HELP)
    raw = write(
        "Pay to another account.",
        to=to,
        message_id="<2@post.example>",
        Authentication_Results="mx.marlo.example; dmarc=pass header.from=post.example",
    )

    entry = arrive(raw, to, zone("post.example")).entry

    assert (entry.kind, entry.words.data["held"]) == ("note", "failed")


def test_a_list_that_is_believed_may_change_a_mail(ticket):
    Trust.objects.create(kind=Trust.Kind.SEALER, value="list.example")
    to = signature.reply_address(ticket.number, HELP)
    raw = write("Red.", to=to, message_id="<2@post.example>")
    names = zone("post.example", "list.example")

    entry = arrive(sealed(raw, "list.example", "dmarc=pass header.from=post.example"), to, names).entry

    assert (entry.kind, entry.ticket) == ("message", ticket)


@pytest.mark.parametrize("header", ["X_Ahadi_Ticket", "X_Ahadi_Agent", "X_Ahadi_Release", "X_Ahadi_Status"])
def test_control_headers_from_outside_control_nothing(ticket, header):
    entry = arrive(write("solve", EVE, message_id="<2@else.example>", **{header: ticket.number})).entry

    ticket.refresh_from_db()
    assert entry.ticket != ticket
    assert ticket.status == "open"


def test_a_reply_address_is_an_address_and_nobody(ticket):
    raw = write(
        "Send me all.", EVE, message_id="<2@else.example>", Reply_To=ARASH, In_Reply_To="<first@post.example>"
    )

    entry = arrive(raw).entry

    assert entry.address.value == EVE
    assert entry.ticket != ticket
    assert entry.words.data["reply_to"] == [ARASH]


def test_a_form_that_is_believed_names_the_person_who_wrote():
    Trust.objects.create(kind=Trust.Kind.FORM, value="form@shop.example")
    raw = write(
        "I ordered a mill.", "form@shop.example", message_id="<1@shop.example>", Reply_To=f"Lea <{EVE}>"
    )

    address = arrive(signed(raw, "shop.example"), names=zone("shop.example")).entry.address

    assert (address.value, address.proven) == (EVE, None)


def test_a_mail_whose_sender_fails_is_not_acknowledged():
    make.address(ARASH)
    count = OutgoingMail.objects.count()

    raw, names = mail_of(ARASH, "fail")
    arrive(raw, names=names)

    assert OutgoingMail.objects.count() == count


# ── people copied in (rule E-31) ─────────────────────────────────────────────


def test_a_copy_line_of_a_stranger_lets_nobody_in(ticket):
    raw = write(
        "Copy my friend.", EVE, f"[{ticket.number}]", message_id="<2@else.example>", Cc="x@else.example"
    )

    arrive(raw)

    assert not Participant.objects.exists()
    assert [address.value for address in links.addresses_of(ticket)] == [ARASH]


def test_a_new_participant_sees_only_what_is_said_later(ticket, noor):
    participants.add(ticket, "Kian@else.example", by=noor, name="Kian")
    kian = Address.objects.get(value="kian@else.example")
    ticket.reply("Hello to both of you.", by=noor)

    seen = [entry.words.text for entry in links.seen_by(ticket, kian)]

    assert seen == ["Hello to both of you."]
    assert len(links.seen_by(ticket, ticket.address)) > 1
    assert [address.value for address in links.recipients_of(ticket)] == [ARASH, "kian@else.example"]


def test_a_participants_page_tells_nothing_older(client, ticket, noor):
    """As in CVE-2024-49193, where being copied in showed the whole history."""
    to = signature.reply_address(ticket.number, HELP)
    files = b'--x\r\nContent-Disposition: attachment; filename="iban.txt"\r\n\r\nIBAN\r\n--x--\r\n'
    head = (
        f"From: {ARASH}\r\nMessage-ID: <2@post.example>\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    )
    older = arrive(head.encode() + files, to).entry.attachments.get()
    participants.add(ticket, EVE, by=noor)
    eve = Address.objects.get(value=EVE)
    ticket.reply("Hello Eve.", by=noor)
    token = links.make_link(ticket, eve).rstrip("/").rpartition("/")[2]
    client.post(f"/r/{ticket.number}/{token}/")

    page = client.get(f"/r/{ticket.number}/").content.decode()

    assert "Hello Eve." in page
    assert "two seconds" not in page
    assert "iban.txt" not in page
    assert client.get(f"/r/{ticket.number}/files/{older.pk}/").status_code == 404
    assert "two seconds" not in client.get(f"/r/{ticket.number}/asked/", follow=True).content.decode()


def test_a_stranger_with_slow_servers_keeps_nobody_waiting(ticket):
    raw = write("Hm.", EVE, f"[{ticket.number}]", message_id="<2@else.example>")
    asked: list[str] = []

    class Slow(dict):
        def get(self, name, default=None):
            asked.append(name)
            return dns.SILENCE

    message = intake.accept(raw, EVE, [HELP])
    with dns.answering({}):
        dns._zone = Slow()
        jobs.run_due()

    message.refresh_from_db()
    assert message.outcome == "ticket"
    assert asked == []


def test_somebody_taken_off_has_no_way_in(ticket, noor):
    participants.add(ticket, "kian@else.example", by=noor)
    kian = Address.objects.get(value="kian@else.example")
    token = links.make_link(ticket, kian).rstrip("/").rpartition("/")[2]

    participants.remove(ticket, kian, by=noor)

    assert links.redeem(ticket.number, token) is None
    assert kian not in links.addresses_of(ticket)
    assert not links.seen_by(ticket, kian).exists()


def test_a_participant_writes_and_stays_a_participant(ticket, noor):
    participants.add(ticket, EVE, by=noor)
    to = signature.reply_address(ticket.number, HELP)

    entry = arrive(write("I am the neighbour.", EVE, to=to, message_id="<2@else.example>"), to).entry

    ticket.refresh_from_db()
    assert (entry.kind, entry.ticket) == ("message", ticket)
    assert ticket.requester.name == "Arash Rad"
    assert links.seen_by(ticket, entry.address).count() == 1


def test_no_more_than_twenty_take_part(ticket, noor):
    for number in range(participants.MOST):
        participants.add(ticket, f"p{number}@else.example", by=noor)

    with pytest.raises(participants.Full):
        participants.add(ticket, "one-more@else.example", by=noor)


def test_only_who_the_requester_copied_in_is_proposed():
    messages = [{"cc": ["Kian@else.example", HELP, "help+abc@marlo.example", "kian@else.example"]}, {}]

    assert participants.proposed([], messages) == ["kian@else.example"]
    assert participants.proposed(["kian@else.example"], messages) == []


def test_many_copies_cost_no_more_than_one(django_assert_num_queries):
    one = [{"cc": ["kian@else.example"]}]
    many = [{"cc": [f"p{number}@else.example" for number in range(place, place + 10)]} for place in (0, 10)]

    with django_assert_num_queries(1):
        participants.proposed([], one)
    with django_assert_num_queries(1):
        assert len(participants.proposed([], many)) == participants.MOST
    with django_assert_num_queries(0):
        participants.proposed(["kian@else.example"], one)


# ── codes of other services (rule E-32) ──────────────────────────────────────


@pytest.mark.parametrize("is_known", [False, True])
def test_a_code_that_was_mailed_here_is_shown_to_no_guest(client, ticket, is_known):
    to = signature.reply_address(ticket.number, HELP)
    sender = ARASH if is_known else "no-reply@service.example"
    raw = write("Your code is 123456", f"Service <{sender}>", "Verify your email", to, "<2@service.example>")
    message = arrive(raw, to)
    token = links.make_link(ticket, ticket.address).rstrip("/").rpartition("/")[2]
    client.post(f"/r/{ticket.number}/{token}/")

    page = client.get(f"/r/{ticket.number}/").content.decode()

    assert message.entry.ticket == ticket
    assert "two seconds" in page
    assert "123456" not in page
    assert not any(b"123456" in bytes(mail.raw) for mail in OutgoingMail.objects.all())


# ── what was, what follows, and who else was asked ───────────────────────────


@pytest.mark.parametrize(("days", "is_same"), [(29, True), (31, False)])
def test_what_was_solved_long_ago_begins_anew(ticket, noor, days, is_same):
    ticket.solve(by=noor)
    to = signature.reply_address(ticket.number, HELP)

    with clock.at(clock.now() + timedelta(days=days)):
        entry = arrive(write("Again.", to=to, message_id="<2@post.example>"), to).entry

    ticket.refresh_from_db()
    assert (entry.ticket == ticket) is is_same
    assert ticket.is_solved is not is_same
    assert entry.ticket.follows == (None if is_same else ticket)


def test_a_tracker_is_known_by_its_own_key():
    jira = "JIRA.10417.1764583200000"
    sender = "Jira <jira@tracker.example>"
    first = arrive(write("New.", sender, message_id=f"<{jira}.11.1764583200123@tracker.example>"))
    parts = {
        "message_id": f"<{jira}.12.1764583299999@tracker.example>",
        "In_Reply_To": f"<{jira}@tracker.example>",
    }
    other = "<JIRA.1041.1764583200000.9.1@tracker.example>"

    assert arrive(write("Done.", sender, **parts)).entry.ticket == first.entry.ticket
    assert arrive(write("Else.", sender, message_id=other)).entry.ticket != first.entry.ticket


def test_service_now_is_known_by_its_number():
    parts = {"sender": "it@now.example", "X_ServiceNow_Generated": "true"}
    first = arrive(write("New.", subject="INC0012345 opened", message_id="<1@now.example>", **parts))

    second = arrive(write("Done.", subject="INC0012345 resolved", message_id="<2@now.example>", **parts))
    foreign = write("Hm.", EVE, "INC0012345", message_id="<3@else.example>", X_ServiceNow_Generated="true")

    assert second.entry.ticket == first.entry.ticket
    assert arrive(foreign).entry.ticket != first.entry.ticket


def test_one_mail_to_two_inboxes_is_one_ticket_of_both_teams(ticket):
    billing = make.team("Billing")
    make.inbox("billing@marlo.example", "Billing", billing)
    clerk = make.agent("Bea Roth", teams=[billing])
    raw = write("For both.", message_id="<2@post.example>", to=f"{HELP}, billing@marlo.example")
    message = intake.accept(raw, "a@post.example", [HELP, "billing@marlo.example"])
    jobs.run_due()
    message.refresh_from_db()

    twice = arrive(
        b"Received: from a by b; Wed, 2 Dec 2026 09:59:00 +0000\r\n" + raw, "billing@marlo.example"
    )

    both = message.entry.ticket
    assert twice.entry == message.entry
    assert both.team.name == "Support"
    assert Ticket.objects.visible_to(clerk).filter(pk=both.pk).exists()
    assert not Ticket.objects.visible_to(clerk).filter(pk=ticket.pk).exists()
    assert Entry.objects.filter(ticket=both, code="shown").count() == 1


def test_an_answer_sent_to_another_inbox_stays_in_its_ticket_and_both_teams_see_it(ticket):
    billing = make.team("Billing")
    make.inbox("billing@marlo.example", "Billing", billing)
    clerk = make.agent("Bea Roth", teams=[billing])
    to = "billing@marlo.example"

    entry = arrive(
        write("And?", to=to, message_id="<2@post.example>", In_Reply_To="<first@post.example>"), to
    ).entry

    assert entry.ticket == ticket
    assert Ticket.objects.visible_to(clerk).filter(pk=ticket.pk).exists()
    ticket.refresh_from_db()
    assert ticket.team.name == "Support"
