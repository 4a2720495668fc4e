"""An answer between "send" and gone: taken back, sent later, stopped by what was said meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ahadi.channels import leaving, participants
from ahadi.channels.models import Delivery, Draft
from ahadi.desk.tests.test_ticket import place, reply
from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.promises.models import Promise
from ahadi.testing import make
from ahadi.tickets.models import Entry
from ahadi.tickets.said import Said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def ticket():
    return make.ticket(data={"no_acknowledgement": True})


def pass_time(**length) -> None:
    with clock.at(clock.now() + timedelta(**length)):
        jobs.run_due()


def answers(ticket) -> list[str]:
    return list(ticket.entries.filter(kind="reply").values_list("words__text", flat=True))


def draft_of(desk, ticket, **fields) -> Draft:
    """An answer that was sent from the page and has not left."""
    assert desk.post(place(ticket, "replies/"), reply(ticket, **fields)).status_code == 302
    return Draft.objects.latest("pk")


def local(moment) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


def test_an_answer_leaves_after_ten_seconds_and_not_before(desk, ticket):
    draft_of(desk, ticket)
    page = desk.get(place(ticket)).content.decode()

    pass_time(seconds=9)
    before = (answers(ticket), Delivery.objects.count())
    pass_time(seconds=10)

    assert "Leaves in 10 seconds" in page
    assert "Undo" in page
    assert before == ([], 0)
    assert answers(ticket) == ["We found it."]
    assert Delivery.objects.count() == 1
    assert not Draft.objects.exists()


def test_taken_back_nothing_has_left_and_the_words_are_in_the_editor(desk, ticket, client):
    draft = draft_of(desk, ticket, then="solve")

    desk.post(place(ticket, f"drafts/{draft.pk}/withdrawal/"))
    pass_time(hours=2)

    ticket.refresh_from_db()
    page = desk.get(place(ticket)).content.decode()
    assert (answers(ticket), Delivery.objects.count(), ticket.status) == ([], 0, "open")
    assert ticket.entries.count() == 1
    assert ">We found it.</textarea>" in page
    assert "Taken back before it left." in page


def test_until_it_leaves_the_promise_stands_as_it_was_made(desk, ticket):
    before = Promise.objects.get(ticket=ticket)

    draft_of(desk, ticket, due=local(clock.now() + timedelta(hours=5)))
    standing = Promise.objects.get(ticket=ticket)
    pass_time(seconds=10)

    before.refresh_from_db()
    assert (standing.pk, standing.kept, standing.due) == (before.pk, None, before.due)
    assert before.kept is not None
    assert Promise.objects.open().get(ticket=ticket).due == clock.now() + timedelta(hours=5)


def test_an_answer_to_a_promise_that_is_due_in_seconds_leaves_at_once(desk, ticket):
    with clock.at(ticket.due - timedelta(seconds=8)):
        draft_of(desk, ticket)
        jobs.run_due()

    assert answers(ticket) == ["We found it."]
    assert Promise.objects.filter(ticket=ticket).earliest("pk").is_late is False


def test_what_was_taken_back_is_sent_anew_with_the_files_that_were_kept(desk, ticket):
    file = SimpleUploadedFile("label.txt", b"torn", "text/plain")
    draft = draft_of(desk, ticket, files=file)
    desk.post(place(ticket, f"drafts/{draft.pk}/withdrawal/"))

    page = desk.get(place(ticket)).content.decode()
    draft_of(desk, ticket, text="We found it!", draft=draft.pk, kept="0")
    pass_time(seconds=10)

    assert "label.txt" in page
    assert answers(ticket) == ["We found it!"]
    assert Entry.objects.get(ticket=ticket, kind="reply").attachments.get().name == "label.txt"
    assert not Draft.objects.exists()


def test_a_message_of_the_customer_stops_it_and_its_writer_is_asked(desk, ticket):
    draft_of(desk, ticket)
    ticket.receive(Said(kind="message", text="It works again!", by=ticket.requester))

    pass_time(seconds=10)

    page = desk.get(place(ticket)).content.decode()
    assert answers(ticket) == []
    assert "Stopped: something was said before it left." in page
    assert "1 new message" in page
    assert ">We found it.</textarea>" in page


@pytest.mark.parametrize("change", ["solved", "deactivated", "moved"])
def test_it_is_stopped_when_the_ground_has_moved(desk, ticket, agent, change: str):
    other = make.agent("Ben Otieno")
    draft_of(desk, ticket)
    with clock.at(clock.now() + timedelta(seconds=5)):
        if change == "solved":
            ticket.solve(by=other)
        elif change == "moved":
            ticket.hand_to(make.team("Workshop"), by=other)
        else:
            agent.is_active = False
            agent.save()

    pass_time(seconds=10)

    assert answers(ticket) == []
    assert Draft.objects.get().reason == {"solved": "solved"}.get(change, "writer")


def test_two_answers_of_one_person_leave_in_their_order(desk, ticket):
    draft_of(desk, ticket)
    draft_of(desk, ticket, text="And one thing more.")

    pass_time(seconds=10)

    assert answers(ticket) == ["We found it.", "And one thing more."]


def test_a_colleagues_answer_in_between_stops_the_second_one(desk, ticket, client):
    draft_of(desk, ticket)
    client.force_login(make.agent("Ben Otieno"))
    with clock.at(clock.now() + timedelta(seconds=3)):
        draft_of(client, ticket, text="It is on its way.")

    pass_time(seconds=20)

    assert answers(ticket) == ["We found it."]
    assert Draft.objects.get().reason == "newer"


def test_sent_later_it_says_when_and_leaves_then(desk, ticket):
    moment = clock.now() + timedelta(hours=1)

    draft_of(desk, ticket, later="1", leaves=local(moment))
    page = desk.get(place(ticket)).content.decode()
    pass_time(minutes=59)
    before = answers(ticket)
    pass_time(hours=1)

    assert "An answer leaves today" in page
    assert "Take back and edit" in page
    assert (before, answers(ticket)) == ([], ["We found it."])


def test_the_time_offered_for_later_keeps_the_promise(desk, ticket):
    page = desk.get(place(ticket)).content.decode()
    offered = page.partition('name="leaves" value="')[2].partition('"')[0]

    assert clock.now() < ticket.due
    assert offered == local(ticket.due - timedelta(minutes=15))
    draft_of(desk, ticket, later="1", leaves=offered)


def test_its_time_can_be_changed_and_the_old_time_means_nothing(desk, ticket):
    draft = draft_of(desk, ticket, later="1", leaves=local(clock.now() + timedelta(hours=1)))

    desk.post(
        place(ticket, f"drafts/{draft.pk}/time/"), {"leaves": local(clock.now() + timedelta(minutes=90))}
    )
    pass_time(hours=1)
    before = answers(ticket)
    pass_time(minutes=90)

    assert (before, answers(ticket)) == ([], ["We found it."])


def test_it_can_leave_now_after_all(desk, ticket):
    draft = draft_of(desk, ticket, later="1", leaves=local(clock.now() + timedelta(hours=1)))

    desk.post(place(ticket, f"drafts/{draft.pk}/time/"), {"now": "1"})
    jobs.run_due()

    assert answers(ticket) == ["We found it."]


@pytest.mark.parametrize(
    ("hours", "due", "sentence"),
    [
        (None, None, "Say when the answer should leave."),
        (-1, None, "This time has passed"),
        (30, None, "promised to hear from you before"),
        (1, 0.5, "must lie after the moment"),
    ],
)
def test_a_time_that_breaks_a_promise_is_refused(desk, ticket, hours, due, sentence: str):
    fields = {"later": "1", "leaves": local(clock.now() + timedelta(hours=hours)) if hours else ""}
    if due:
        fields["due"] = local(clock.now() + timedelta(hours=due))

    answer = desk.post(place(ticket, "replies/"), reply(ticket, **fields))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Draft.objects.exists()


def test_a_later_time_may_not_break_it_either(desk, ticket):
    draft = draft_of(desk, ticket, later="1", leaves=local(clock.now() + timedelta(hours=1)))

    answer = desk.post(
        place(ticket, f"drafts/{draft.pk}/time/"), {"leaves": local(clock.now() + timedelta(hours=40))}
    )

    assert answer.status_code == 422
    assert "promised to hear from you before" in answer.content.decode()


def test_what_has_left_cannot_be_taken_back(desk, ticket):
    draft = draft_of(desk, ticket)
    pass_time(seconds=10)

    answer = desk.post(place(ticket, f"drafts/{draft.pk}/withdrawal/"), follow=True)

    assert "It had left already" in answer.content.decode()
    assert answers(ticket) == ["We found it."]


def test_a_draft_is_thrown_away_by_its_writer_only(desk, ticket, client):
    draft = draft_of(desk, ticket)
    leaving.take_back(draft, by=draft.agent)

    client.force_login(make.agent("Ben Otieno"))
    refused = client.post(place(ticket, f"drafts/{draft.pk}/removal/")).status_code
    client.force_login(draft.agent)
    client.post(place(ticket, f"drafts/{draft.pk}/removal/"))

    assert refused == 404
    assert not Draft.objects.exists()


@pytest.mark.parametrize("noun", ["withdrawal", "time", "removal"])
def test_nobody_reaches_a_draft_of_a_ticket_they_may_not_see(desk, ticket, client, noun: str):
    draft = draft_of(desk, ticket)
    client.force_login(make.agent("Ben Otieno", teams=[make.team("Workshop")]))

    assert client.post(place(ticket, f"drafts/{draft.pk}/{noun}/")).status_code == 404
    assert client.get(place(ticket, f"drafts/{draft.pk}/{noun}/")).status_code == 405
    client.logout()
    assert client.post(place(ticket, f"drafts/{draft.pk}/{noun}/")).status_code == 302
    assert Draft.objects.get().leaves is not None


def test_a_colleague_sees_what_was_stopped_and_takes_it_over(desk, ticket, client):
    draft = draft_of(desk, ticket)
    ticket.receive(Said(kind="message", text="It works again!", by=ticket.requester))
    pass_time(seconds=10)
    client.force_login(make.agent("Ben Otieno"))

    before = client.get(place(ticket)).content.decode()
    client.post(place(ticket, f"drafts/{draft.pk}/withdrawal/"))
    after = client.get(place(ticket)).content.decode()

    assert "Take over and edit" in before
    assert ">We found it.</textarea>" not in before
    assert ">We found it.</textarea>" in after
    assert "Stopped: something was said before it left." in after


def test_what_a_colleague_took_back_is_nobody_elses(desk, ticket, client):
    draft = draft_of(desk, ticket)
    leaving.take_back(draft, by=draft.agent)
    client.force_login(make.agent("Ben Otieno"))

    assert "We found it." not in client.get(place(ticket)).content.decode()


def test_everybody_who_will_read_the_answer_stands_above_the_editor(desk, ticket, agent):
    participants.add(ticket, "ben@other.example", by=agent, name="Ben Adam")

    page = desk.get(place(ticket)).content.decode()
    to = page.partition('class="composer__to"')[2].partition("</p>")[0]

    assert ticket.address.value in to
    assert "ben@other.example" in to
    assert "Ben Adam" in to


def test_a_customer_without_mail_has_no_reader_above_the_editor(desk):
    from ahadi.channels.form.channel import Form, receive_form

    ticket = receive_form(Form(problem="It is broken.", phone="+40 721 234 567")).ticket

    assert "No mail leaves" in desk.get(place(ticket)).content.decode()


def test_a_ticket_without_drafts_asks_for_none(desk, ticket):
    without = _questions_for_drafts(desk, ticket)
    draft_of(desk, ticket)

    assert (without, _questions_for_drafts(desk, ticket) > 0) == (0, True)


def _questions_for_drafts(desk, ticket) -> int:
    with CaptureQueriesContext(connection) as seen:
        desk.get(place(ticket))
        return sum('FROM "channels_draft" INNER' in query["sql"] for query in seen.captured_queries)


def test_nobody_answers_past_an_answer_of_a_colleague_that_is_about_to_leave(desk, client, ticket):
    draft = draft_of(desk, ticket)
    client.force_login(make.agent("Ioana Pop"))

    stopped = client.post(place(ticket, "replies/"), reply(ticket, text="We look for it.", beside=""))
    seen = reply(ticket, text="We look for it.", beside=f"{draft.pk} ")
    sent = client.post(place(ticket, "replies/"), seen)

    page = stopped.content.decode()
    assert stopped.status_code == 409
    assert "is about to leave – review it" in page
    assert "We look for it.</textarea>" in page
    assert f'name="beside" value="{draft.pk} "' in page
    assert "Send anyway" in page
    assert sent.status_code == 302
    assert Draft.objects.count() == 2


@pytest.mark.parametrize(("chosen", "length"), [(0, 0), (30, 30)])
def test_how_long_an_answer_can_be_taken_back_is_up_to_its_writer(desk, agent, ticket, chosen, length):
    page = {"name": agent.name, "language": "en", "time_zone": "UTC", "undo": chosen}
    desk.post("/desk/settings/profile/", page)

    draft = draft_of(desk, ticket)

    assert draft.leaves == clock.now() + timedelta(seconds=length)


def test_nobody_can_take_back_for_longer_than_half_a_minute(desk, agent):
    page = {"name": agent.name, "language": "en", "time_zone": "UTC", "undo": 31}

    answer = desk.post("/desk/settings/profile/", page)

    agent.refresh_from_db()
    assert answer.status_code == 422
    assert "undo" not in agent.preferences
