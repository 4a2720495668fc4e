"""An abusive talk: nobody ends it unwarned, alone, or over a complaint; no word and no way is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from ahadi.channels.models import OutgoingMail
from ahadi.complaints import ending, handling
from ahadi.complaints.handling import Handed
from ahadi.complaints.models import Ending, Rules
from ahadi.lib import clock
from ahadi.notices import telling
from ahadi.notices.models import Notice
from ahadi.outbox import jobs
from ahadi.people.models import Team
from ahadi.portal import progress
from ahadi.promises.models import Promise
from ahadi.testing import make
from ahadi.tickets import batches, intake
from ahadi.tickets.ending import Ended
from ahadi.tickets.intake import Inbound
from ahadi.tickets.models import Ticket

pytestmark = pytest.mark.django_db

# A Friday: two working days later is Tuesday.
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon():
    with clock.at(NOON):
        yield


@pytest.fixture
def mara():
    return make.agent()


def write(ticket, text="You idiots.", **more):
    return intake.receive(
        Inbound(channel="email", address=ticket.address, text=text, new_text=text, ticket=ticket, **more)
    ).entry


def ended(mara):
    """A talk that was warned and ended an hour later."""
    ticket = make.ticket(assignee=mara)
    ending.warn(ticket, "insults", "Four insults in two mails.", by=mara)
    write(ticket)
    with clock.at(NOON + timedelta(hours=1)):
        ending.conclude(ticket, by=mara)
    return ticket


def audit():
    return [fault for path in settings.AUDITS for fault in import_string(path)()]


def test_a_talk_is_ended_after_a_warning_and_looked_at_again(mara, client):
    lead = make.lead(email="jonas@marlo.example")
    ticket = ended(mara)
    found = ending.standing(ticket)

    # The letter names the reason and every way that stays open.
    said = ticket.entries.select_related("words").get(code="talk_ended")
    for words in ("insult the people", "by letter", "formal complaint", f"about={ticket.number}"):
        assert words in said.words.text
    assert (said.agent, said.automatic) == (mara, False)
    assert found.review_by == datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC)
    assert OutgoingMail.objects.filter(recipients=[lead.email]).exists()
    assert [step.name for step in progress.steps(ticket, [])][-1] == "Talk ended by us"
    # The code alone does not call it solved.
    state = client.get(f"/r/{ticket.number}/").content.decode()
    assert "We ended this talk" in state
    assert "It is solved" not in state
    # The promise that stood was not kept.
    last = Promise.objects.filter(ticket=ticket).latest("pk")
    assert (last.kept, last.reason) == (None, "talk_ended")

    ending.review(found, True, "I would have ended it too.", by=lead)

    assert found.state == "kept"
    assert ticket.entries.latest("seq").code == "talk_kept"
    assert audit() == []


def test_what_is_said_afterwards_is_kept_answered_once_and_put_before_nobody(mara):
    telling.tell()
    ticket = ended(mara)
    telling.tell()
    Notice.objects.all().delete()

    with clock.at(NOON + timedelta(hours=3)):
        entries = [write(ticket, "Still idiots."), write(ticket, "Fools.")]
        telling.tell()

    ticket.refresh_from_db()
    assert [entry.words.text for entry in entries] == ["Still idiots.", "Fools."]
    assert all(entry.leaf_id for entry in entries)
    assert ticket.entries.filter(code="talk_over").count() == 1
    assert (ticket.status, ticket.waiting_since) == ("solved", None)
    assert not Notice.objects.exists()
    assert audit() == []


def test_nobody_ends_a_talk_without_a_warning_and_words_after_it(mara):
    ticket = make.ticket()
    with pytest.raises(ending.NotPossible, match="unwarned"):
        ending.conclude(ticket, by=mara)

    ending.warn(ticket, "threats", "He knows where we live.", by=mara)
    with pytest.raises(ending.NotPossible, match="unwarned"):
        ending.conclude(ticket, by=mara)

    # A month later the old warning is forgotten.
    write(ticket)
    with clock.at(NOON + timedelta(days=31)), pytest.raises(ending.NotPossible, match="unwarned"):
        ending.conclude(ticket, by=mara)


def test_a_warning_answers_nothing_that_was_promised(mara):
    ticket = make.ticket()
    due = ticket.due

    ending.warn(ticket, "hatred", "Against a colleague.", by=mara)

    promise = Promise.objects.open().get(ticket=ticket)
    assert (promise.due, promise.kept) == (due, None)


def test_an_open_complaint_is_never_ended_nor_what_it_is_about(mara):
    team = Team.objects.create(name="Management", is_private=True)
    Rules.objects.create(pk=1, team=team)
    chief = make.lead("Elena Pop", teams=[team])
    ticket = make.ticket()
    complaint = handling.take_in(Handed(address=ticket.address, text="It is bad.", about=ticket))

    for talk in (ticket, complaint.ticket):
        with pytest.raises(ending.NotPossible, match="complaint"):
            ending.warn(talk, "insults", "Rude.", by=chief)
    with pytest.raises(PermissionDenied):
        complaint.ticket.change("talk_ended", {}, chief)


def test_a_complaint_about_an_ended_talk_reaches_management(mara):
    team = Team.objects.create(name="Management", is_private=True)
    Rules.objects.create(pk=1, team=team)
    make.lead("Elena Pop", teams=[team])
    ticket = ended(mara)

    complaint = handling.take_in(Handed(address=ticket.address, text="It is bad.", about=ticket))

    assert complaint.ticket.status == Ticket.Status.OPEN
    assert complaint.handler is not None
    assert write(complaint.ticket, "And another thing.").code == ""


def test_whoever_warned_or_ended_does_not_look_at_it_again():
    jonas, ada = make.lead(), make.admin()
    ticket = make.ticket()
    ending.warn(ticket, "insults", "Rude.", by=jonas)
    write(ticket)
    found = ending.conclude(ticket, by=ada)

    for party in (jonas, ada, make.agent("Ben Oak")):
        with pytest.raises(PermissionDenied):
            ending.review(found, True, "Right.", by=party)
        assert not ending.to_review(party).filter(ended_by=party).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Ending.objects.update(reviewed=clock.now(), reviewed_by=jonas)


def test_a_lead_lets_the_talk_go_on_with_a_promise(mara):
    ticket = ended(mara)

    ending.review(ending.standing(ticket), False, "He was right to be angry.", by=make.lead())

    ticket.refresh_from_db()
    assert (ticket.status, ticket.step_code) == ("open", "answer")
    assert Promise.objects.open().filter(ticket=ticket).exists()
    assert ending.standing(ticket) is None
    assert write(ticket, "Thank you.").code == ""
    assert audit() == []


def test_an_end_that_no_lead_has_looked_at_in_time_is_lifted(mara):
    ticket = ended(mara)

    with clock.at(NOON + timedelta(days=4, hours=11)):
        assert ending.lapse() == 0
    with clock.at(NOON + timedelta(days=4, hours=12)):
        assert ending.lapse() == 1
        assert ending.lapse() == 0

    ticket.refresh_from_db()
    assert (ticket.status, ticket.entries.latest("seq").code) == ("open", "talk_lifted")
    assert audit() == []


def test_no_other_door_opens_an_ended_talk(mara):
    ticket = ended(mara)

    for act in (
        lambda: ticket.reopen(by=mara),
        lambda: ticket.reply("Hello again.", by=mara),
        lambda: ticket.wait(by=mara),
    ):
        with pytest.raises(Ended), transaction.atomic():
            act()
        ticket.refresh_from_db()
    ticket.note("He called.", by=mara)


def test_an_ending_that_no_entry_tells_of_is_found(mara):
    ticket = ended(mara)
    Ending.objects.update(ended_by=make.agent("Ben Oak"))

    assert [(fault.code, fault.place) for fault in audit()] == [("other_ending", ticket.number)]


def test_the_way_through_the_desk_from_warning_to_review(client, mara):
    ticket = make.ticket()
    door = f"/desk/tickets/{ticket.number}/ending/"
    client.force_login(mara)

    # A reason and an account are asked for; the end is refused before the warning.
    assert client.post(f"{door}warning/", {"reason": "insults"}).status_code == 422
    assert "only after a warning" in client.post(f"{door}conclusion/", follow=True).content.decode()
    client.post(f"{door}warning/", {"reason": "insults", "account": "Four insults."})
    write(ticket)
    assert "exactly this letter" in client.get(door).content.decode()
    client.post(f"{door}conclusion/")
    assert "only a lead" not in client.get(door).content.decode()
    assert client.get("/desk/endings/").status_code == 403
    answer = {"finding": "Right.", "decision": "keep"}
    assert client.post(f"{door}review/", answer).status_code == 403

    # At the ticket nobody writes any more; a lead finds it in their list.
    shown = client.get(f"/desk/open/{ticket.number}/").content.decode()
    assert "This talk was ended." in shown
    assert 'name="text"' not in shown
    client.force_login(make.lead())
    assert ticket.subject in client.get("/desk/endings/").content.decode()
    client.post(f"{door}review/", answer)
    assert ending.standing(ticket).state == "kept"


def test_the_customer_reads_why_and_which_ways_stay_open(client, mara):
    Rules.objects.create(pk=1, letterhead="Marlo, 5 Mill Lane")
    ticket = ended(mara)
    session = client.session
    now = int(clock.now().timestamp())
    session["guest"] = {ticket.number: [ticket.address_id, now, now]}
    session.save()

    shown = client.get(f"/r/{ticket.number}/").content.decode()

    for words in ("We ended this talk", "A lead who had no part", "5 Mill Lane", "Make a formal complaint"):
        assert words in shown
    assert "Still not solved" not in shown


def test_among_many_tickets_an_ended_talk_is_left_and_the_others_go_on(mara):
    talk, other = ended(mara), make.ticket()
    other.solve(by=mara)

    batch = batches.plan(mara, [talk.pk, other.pk], {"status": "open"})
    batches.start(batch)
    jobs.run_due()

    batch.refresh_from_db()
    assert (batch.state, batch.done, batch.skipped) == ("done", 1, {"forbidden": 1})
