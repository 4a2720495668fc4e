"""Machines of ours write seldom, never between people, and not at all when the whole house is too loud."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ahadi.channels import links, notices, restraint, suppressions
from ahadi.channels.email.letters import Letter
from ahadi.channels.models import Delivery, GuestCode, Pause, Suppression, Withheld
from ahadi.lib import clock
from ahadi.lib.environment import ROOT
from ahadi.people.models import Address
from ahadi.testing import make
from ahadi.tickets.models import Entry, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

SILENT = {"no_acknowledgement": True}


@pytest.fixture(autouse=True)
def inbox():
    make.company()
    return make.inbox()


@pytest.fixture
def anna() -> Address:
    return make.address("anna@post.example")


def silent(anna: Address, subject: str = "Grinder") -> Ticket:
    return make.ticket(by=anna, subject=subject, data=SILENT)


def remind(ticket: Ticket, code: str = "reminder", inbox: int = 0) -> Entry | None:
    return notices.say(ticket, code, lambda: Letter("letter", "Marlo", "Hello"), {}, inbox)


def acknowledged() -> int:
    return Delivery.objects.filter(automatic=True).count()


def reasons() -> list[str]:
    return list(Withheld.objects.order_by("pk").values_list("reason", flat=True))


def test_the_second_request_within_an_hour_is_not_confirmed_and_that_is_written_down(anna):
    make.ticket(by=anna, subject="Grinder")
    second = make.ticket(by=anna, subject="Invoice")

    withheld = Withheld.objects.get()
    assert acknowledged() == 1
    assert (withheld.ticket, withheld.address, withheld.code) == (second, anna, "acknowledgement")
    assert withheld.reason == "often"


def test_four_confirmations_a_day_are_enough(anna):
    for hour in range(0, 24, 2):
        with clock.at(clock.now() + timedelta(hours=hour)):
            make.ticket(by=anna, subject=f"Matter {hour}")

    assert acknowledged() == 4
    with clock.at(clock.now() + timedelta(hours=25)):
        make.ticket(by=anna, subject="Tomorrow")
    assert acknowledged() == 5


def test_each_inbox_confirms_for_itself(anna):
    make.ticket(by=anna, subject="Grinder", data={"inbox": 1})
    make.ticket(by=anna, subject="Invoice", data={"inbox": 2})
    make.ticket(by=anna, subject="Label", data={"inbox": 2})

    assert acknowledged() == 2


@pytest.mark.parametrize("prefix", ["", "Re: ", "AW: RE[2]: ", "پاسخ: "])
def test_a_subject_confirmed_twice_is_not_confirmed_again(anna, prefix):
    for hour in range(3):
        with clock.at(clock.now() + timedelta(hours=2 * hour)):
            make.ticket(by=anna, subject=f"{prefix if hour else ''}Grinder")

    assert acknowledged() == 2
    assert reasons() == ["subject"]


def test_one_ticket_gets_ten_automatic_texts_within_ten_minutes(anna):
    ticket = silent(anna)

    for number in range(12):
        remind(ticket, f"text{number}")

    assert acknowledged() == 10
    assert reasons() == ["often", "often"]


def test_one_address_gets_thirty_within_ten_minutes_and_a_hundred_and_twenty_within_an_hour(anna):
    start = clock.now()

    for minutes in range(0, 60, 10):
        with clock.at(start + timedelta(minutes=minutes, seconds=minutes)):
            for number in range(32):
                remind(silent(anna), f"text{minutes}/{number}")
            told = Delivery.objects.filter(automatic=True, created__gt=clock.now() - timedelta(minutes=10))
            assert told.count() <= 30

    assert acknowledged() == 120


def test_a_text_that_is_said_once_is_never_said_again_on_its_ticket(anna):
    ticket = make.ticket(by=anna)

    with clock.at(clock.now() + timedelta(days=30)):
        again = remind(ticket, "acknowledgement")

    assert again is None
    assert reasons() == ["once"]


def test_nothing_automatic_is_said_while_a_person_is_writing(anna):
    ticket = silent(anna)
    ticket.reply("Which light blinks?", by=make.agent())

    make.ticket(by=anna, subject="The red one")
    with clock.at(clock.now() + timedelta(minutes=61)):
        later = remind(ticket)

    assert reasons() == ["conversation"]
    assert later is not None


def test_an_address_whose_mailbox_is_gone_gets_answers_but_nothing_automatic(anna):
    suppressions.begin(anna, Suppression.Reason.MAILBOX, "550 5.1.1 No such user")

    ticket = make.ticket(by=anna, channel="form")
    ticket.reply("Please call us.", by=make.agent())

    assert reasons() == ["suppressed"]
    assert Delivery.objects.get().automatic is False
    with clock.at(clock.now() + timedelta(days=61)):
        assert remind(ticket) is not None


def test_whoever_writes_from_a_suppressed_address_is_heard_and_told_again(anna):
    suppressions.begin(anna, Suppression.Reason.MAILBOX)

    make.ticket(by=anna, channel="email")

    assert acknowledged() == 1
    assert not Suppression.objects.standing().exists()
    assert Suppression.objects.get().lifted == clock.now()


def test_a_form_lifts_nothing_because_anybody_may_type_an_address(anna):
    suppressions.begin(anna, Suppression.Reason.MAILBOX)

    make.ticket(by=anna, channel="form")

    assert Suppression.objects.standing().exists()


@pytest.fixture
def low(monkeypatch) -> None:
    """Three strangers are too many."""
    monkeypatch.setattr(restraint, "MOST_TO_STRANGERS", 3)
    monkeypatch.setattr(restraint, "COUNTED_EACH", 1)


def wave(count: int, proven: bool = False) -> None:
    for _number in range(count):
        make.ticket(by=make.address(proven=proven))


def test_a_wave_of_strangers_pauses_every_machine_and_no_person(low):
    wave(5)

    assert acknowledged() == 3
    assert reasons() == ["paused", "paused"]
    ticket = make.ticket(by=make.address())
    ticket.reply("A person answers.", by=make.agent())
    assert Delivery.objects.filter(automatic=False).count() == 1
    assert Pause.now() is not None


@pytest.mark.parametrize("others", [0, 1])
def test_a_wave_is_counted_whatever_the_numbers_of_its_entries(low, monkeypatch, others):
    monkeypatch.setattr(restraint, "COUNTED_EACH", 2)
    ticket = make.ticket(by=make.address())
    for _number in range(others):
        ticket.note("It was there before.", by=make.agent())

    wave(6)

    assert Pause.now() is not None


def test_a_crowd_of_proven_customers_pauses_nothing(low):
    wave(5, proven=True)

    assert acknowledged() == 5
    assert Pause.now() is None


def test_an_administrator_lets_it_go_on_and_the_wave_before_is_not_counted_again(low):
    wave(4)
    admin = make.admin()

    with clock.at(clock.now() + timedelta(minutes=1)):
        restraint.go_on(admin)
        wave(2)

    pause = Pause.objects.get()
    assert (pause.ended_by, Pause.now()) == (admin, None)
    assert acknowledged() == 5


def test_asking_before_an_automatic_text_takes_one_query(anna):
    ticket = silent(anna)
    for number in range(5):
        remind(ticket, f"text{number}")

    with CaptureQueriesContext(
        connection,
    ) as asked:
        objection = restraint.objection(ticket, anna, "survey")

    holds = 1 if connection.features.has_select_for_update else 0
    assert objection == ""
    assert len(asked) == 1 + holds


def test_the_table_of_limits_is_the_one_that_is_written_down():
    written = (ROOT / "docs/reference/automatic-mail.md").read_text()
    hours = {
        timedelta(minutes=10): "10 minutes",
        timedelta(hours=1): "1 hour",
        timedelta(hours=24): "24 hours",
    }

    rows = [line.split(" | ")[1:] for line in written.splitlines() if line.startswith("| ")][2:]

    assert [[str(limit.enough), f"{hours[limit.within]} |"] for limit in restraint.LIMITS] == rows


def ask_for_codes(anna: Address, tickets: int) -> int:
    """How many codes reach an address that somebody asks for on many tickets."""
    for _number in range(tickets):
        ticket = silent(anna)
        for _time in range(links.MAX_CODES):
            links.send_code(ticket, anna, "browser")
    return GuestCode.objects.filter(address=anna).count()


def test_codes_fill_nobodys_mailbox_however_many_tickets_they_are_asked_for_on(anna):
    within_ten_minutes = restraint.OVERALL[0].enough

    assert ask_for_codes(anna, within_ten_minutes // links.MAX_CODES + 3) == within_ten_minutes


def test_other_automatic_mail_to_an_address_counts_before_a_code_is_sent(anna, monkeypatch):
    make.ticket(by=anna)
    monkeypatch.setattr(restraint, "OVERALL", [restraint.OVERALL[0]._replace(enough=2)])

    assert ask_for_codes(anna, 2) == 1


def test_a_code_can_be_had_again_when_the_time_is_over(anna, frozen, monkeypatch):
    monkeypatch.setattr(restraint, "OVERALL", [restraint.OVERALL[0]._replace(enough=1)])
    first = ask_for_codes(anna, 1)

    with clock.at(frozen + restraint.TEN_MINUTES):
        second = ask_for_codes(anna, 1)

    assert (first, second) == (1, 2)
