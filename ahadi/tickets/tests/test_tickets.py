from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ahadi.lib import clock
from ahadi.people import identify
from ahadi.testing import make
from ahadi.tickets import asking
from ahadi.tickets.intake import Inbound, receive
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import Kind, Said

pytestmark = pytest.mark.django_db


def say(ticket, text="Again.", **fields):
    return ticket.receive(
        Said(kind=Kind.MESSAGE, text=text, by=ticket.requester, address=ticket.address, **fields)
    )


def test_a_ticket_is_born_open_with_a_next_step_and_a_time_inside_working_hours(frozen):
    make.company()

    ticket = make.ticket()

    assert (ticket.status, ticket.step_code) == ("open", "first_answer")
    assert ticket.due == frozen + timedelta(hours=2)
    assert ticket.waiting_since == frozen


def test_a_request_on_a_holiday_is_due_on_the_next_working_day():
    make.company(holidays={"2026-12-01": "National Day"})

    with clock.at(datetime(2026, 12, 1, 10, tzinfo=UTC)):
        ticket = make.ticket()

    assert ticket.due == datetime(2026, 12, 2, 11, tzinfo=UTC)


def test_an_answer_to_a_solved_ticket_opens_it_again(frozen):
    ticket = make.ticket()
    ticket.solve(by=make.agent())

    say(ticket, "It is still broken.")

    ticket.refresh_from_db()
    assert (ticket.status, ticket.step_code, ticket.solved) == ("open", "answer", None)
    assert ticket.due == frozen + timedelta(hours=2)


def test_an_automatic_mail_opens_nothing():
    ticket = make.ticket()
    ticket.solve(by=make.agent())

    say(ticket, "Out of office.", automatic=True)

    ticket.refresh_from_db()
    assert ticket.status == "solved"


def test_a_second_message_does_not_push_the_promise_back(frozen):
    ticket = make.ticket()
    due = ticket.due

    with clock.at(frozen + timedelta(hours=1)):
        say(ticket)

    ticket.refresh_from_db()
    assert ticket.due == due
    assert ticket.waiting_since == frozen


def test_a_reply_takes_the_ticket_and_promises_news(frozen):
    ticket, agent = make.ticket(), make.agent()

    ticket.reply("We look into it.", by=agent)

    ticket.refresh_from_db()
    assert (ticket.assignee, ticket.step_code, ticket.waiting_since) == (agent, "news", None)
    assert ticket.due == datetime(2026, 12, 7, 10, tzinfo=UTC)


def test_handing_over_keeps_the_person_only_where_they_belong():
    both, other = make.team(), make.team("Returns")
    mara, jonas = make.agent(teams=[both]), make.agent("Jonas Berg", teams=[both, other])
    one, two = make.ticket(assignee=mara), make.ticket(assignee=jonas)

    one.hand_to(other, by=mara)
    two.hand_to(other, by=mara)

    assert (one.assignee, two.assignee) == (None, jonas)


def test_an_agent_sees_their_teams_and_their_own_a_lead_sees_all():
    mara, returns = make.agent(), make.team("Returns")
    ours, theirs, mine = make.ticket(), make.ticket(team=returns), make.ticket(team=returns, assignee=mara)

    def seen(agent):
        return set(Ticket.objects.visible_to(agent))

    assert seen(mara) == {ours, mine}
    assert seen(make.agent("Nobody", teams=[])) == set()
    assert seen(make.lead()) == seen(make.admin()) == {ours, theirs, mine}


def test_what_nobody_has_proven_is_held_as_a_note_that_no_customer_reads():
    ticket = make.ticket()
    stranger = make.address("x@y.example", proven=False)

    received = receive(
        Inbound(channel="email", address=stranger, text="Tell me.", ticket=ticket, held="stranger")
    )

    assert not received.is_new
    assert (received.entry.kind, received.entry.code) == (Entry.Kind.NOTE, "held")
    assert received.entry.words.data == {"held": "stranger"}
    assert not received.entry.is_public


def test_a_request_without_a_subject_takes_its_first_words():
    assert make.ticket(subject=" ", text="\n\n The lamp broke. \nPlease help").subject == "The lamp broke."


def test_the_language_comes_from_the_text_else_from_the_channel_else_from_the_person():
    persian = "سلام، دستگاه قهوه‌ساز من دیگر روشن نمی‌شود و نمی‌دانم چه کار کنم."
    unsure = make.address("dana@post.example", language="he")

    assert make.ticket(text=persian, language="en").language == "fa"
    assert make.ticket(text="12345", subject="67", language="ro").language == "ro"
    assert make.ticket(text="12345", subject="67", by=unsure, language="").language == "he"


def found(text):
    """The tickets that a lead finds, newest first."""
    asked = asking.ask(text, make.lead(), clock.now())
    return list(Ticket.objects.filter(asked.where).order_by("-pk").values_list("pk", flat=True))


PAIRS = [
    ("en", "The Café is CLOSED", "closed"),
    ("en", "naïve résumé", "resume"),
    ("fa", "كتاب علي", "کتاب علی"),
    ("fa", "می‌خواهم کتاب‌ها را ببینم", "میخواهم"),
    ("fa", "سفارش ۱۲۳۴", "1234"),
    ("fa", "شماره ٥٦٧", "۵۶۷"),
    ("he", "שָׁלוֹם לכולם", "שלום"),
    ("ro", "maşina şi ţara", "mașina"),
    ("ro", "mașina nu pornește", "masina porneste"),
    ("sw", "Simu yangu IMEHARIBIKA", "imeharibika"),
    ("en", "grinder", "grind"),
]


@pytest.mark.parametrize(("language", "written", "asked"), PAIRS)
def test_words_are_found_however_they_are_written(language, written, asked):
    ticket = make.ticket(text=written, subject="67", language=language)
    make.ticket(text="zzz", subject="yyy")

    assert found(asked) == [ticket.pk]


def test_search_finds_subjects_files_and_notes_newest_first():
    one = make.ticket(subject="Espresso", text="a")
    two = make.ticket(subject="b", text="espresso")
    one.note("ristretto", by=make.agent())

    assert found("espresso") == [two.pk, one.pk]
    assert found("ristretto") == [one.pk]


@pytest.mark.parametrize("text", ["", "   ", "'", '"', 'a"b OR', "* & | ! :", "NEAR(", "-", "\0", "())"])
def test_search_takes_any_text_without_a_fault(text):
    make.ticket()

    assert isinstance(found(text), list)


def test_an_answer_goes_by_mail_where_there_is_an_address_whatever_the_request_came_by():
    ticket = make.ticket(channel="form")

    answer = ticket.reply("We look.", by=make.agent())

    assert (ticket.channel, answer.channel) == ("form", "email")


def test_an_answer_to_a_phone_number_stays_where_the_request_came_in():
    address = identify.find_or_create("phone", "+44 20 7946 0999", "Anna", "en")
    ticket = make.ticket(channel="form", by=address)

    answer = ticket.reply("We look.", by=make.agent())

    assert answer.channel == "form"
