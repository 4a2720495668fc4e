"""The page of a request: by its code the state, with proof everything, and never a note."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ahadi.lib import clock
from ahadi.portal import access, quota
from ahadi.portal.tests.visits import WEDNESDAY, ask, key_in, write
from ahadi.testing import make
from ahadi.tickets.models import Attachment, Entry, Ticket
from ahadi.tickets.said import File

pytestmark = pytest.mark.django_db

CANARY = "CANARY-7f3a-only-for-colleagues"


def see(client, number, after=timedelta(minutes=1)):
    with clock.at(WEDNESDAY + after):
        return client.get(f"/r/{number}/")


def test_the_one_who_asked_sees_promise_steps_and_talk(client):
    number = ask(client, problem="It stops after two seconds.")
    with clock.at(WEDNESDAY + timedelta(minutes=10)):
        mara = make.agent("Mara Lind")
        Ticket.objects.get(number=number).reply("I ask the workshop.", by=mara, step="The workshop looks.")

    shown = see(client, number, timedelta(minutes=20)).content.decode()

    assert "It stops after two seconds." in shown
    assert "I ask the workshop." in shown
    assert "The workshop looks." in shown
    assert "You hear from Mara by" in shown
    assert "Mara takes care of it" in shown
    assert "Lind" not in shown


def test_the_code_alone_shows_the_state_and_no_word(client):
    with clock.at(WEDNESDAY):
        ticket = make.ticket(
            "My grinder is blue.", subject="A blue grinder", by=make.address(name="Anna Kern")
        )

    page = see(client, ticket.number)

    shown = page.content.decode()
    assert page.status_code == 200
    assert "2 December, 12:00" in shown
    assert "grinder" not in shown
    assert "Anna" not in shown
    assert "anna" not in shown.replace("anna@example.com", "")


def test_an_unknown_code_says_so_and_a_code_typed_in_any_way_is_found(client):
    ticket = make.ticket()
    typed = ticket.number.lower().replace("-", " ").replace("0", "o").replace("1", "l")

    unknown = client.get("/r/0000-0000-0000/")
    found = client.get("/r/", {"code": typed})

    assert unknown.status_code == 404
    assert "There is no request with this code" in unknown.content.decode()
    assert found["Location"] == f"/r/{ticket.number}/"


@pytest.mark.parametrize("typed", ["", "K7QF", "no code at all, sorry", "\u202e<b>"])
def test_what_cannot_be_a_code_is_told_beside_the_field(client, typed):
    page = client.get("/r/", {"code": typed})

    assert page.status_code == 422
    assert "code-error" in page.content.decode()


def test_whoever_tries_out_codes_is_slowed_down(client):
    ticket = make.ticket()
    for _ in range(quota.LOOKUPS.amount):
        client.get("/r/0000-0000-0000/")

    assert client.get(f"/r/{ticket.number}/").status_code == 429


def test_personal_pages_are_kept_nowhere_and_found_by_nobody(client):
    number = ask(client)

    for page in (see(client, number), client.get(f"/r/{make.ticket().number}/")):
        assert page["Cache-Control"] == "no-store, private"
        assert page["Referrer-Policy"] == "same-origin"
        assert "noindex" in page["X-Robots-Tag"]


def test_a_note_never_reaches_a_page_of_the_customer(client):
    number = ask(client)
    ticket = Ticket.objects.get(number=number)
    mara = make.agent("Mara Lind")
    secret = File(f"{CANARY}.txt", "text/plain", CANARY.encode())
    with clock.at(WEDNESDAY):
        ticket.note(CANARY, by=mara, files=[secret])
        ticket.reply("We look into it.", by=mara)
        pages = [client.get(path) for path in (f"/r/{number}/", f"/r/{number}/asked/", "/", "/ask/")]
        file = Attachment.objects.get(name=f"{CANARY}.txt")
        fetched = client.get(f"/r/{number}/files/{file.pk}/")

    assert [page.status_code for page in pages] == [200, 200, 200, 200]
    assert all(CANARY not in page.content.decode() for page in pages)
    assert fetched.status_code == 404


def test_a_second_message_belongs_to_the_same_request(client):
    number = ask(client)

    answer = write(client, number, "The number is RND-2291.", WEDNESDAY + timedelta(minutes=5))

    ticket = Ticket.objects.get()
    said = ticket.entries.filter(kind=Entry.Kind.MESSAGE).last()
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"/r/{number}/#entry-")
    assert (said.channel, said.words.text) == ("form", "The number is RND-2291.")


def test_a_message_sent_twice_is_one_entry(client):
    number = ask(client)
    at = WEDNESDAY + timedelta(minutes=5)
    with clock.at(at):
        key = key_in(client.get(f"/r/{number}/"))
    with clock.at(at + timedelta(minutes=1)):
        for _ in range(2):
            client.post(f"/r/{number}/messages/", {"key": key, "text": "Once."})

    assert Entry.objects.filter(ticket__number=number, kind="message").count() == 2


def test_a_message_opens_a_solved_request_again(client):
    number = ask(client)
    with clock.at(WEDNESDAY + timedelta(minutes=1)):
        Ticket.objects.get(number=number).reply("Done.", by=make.agent(), solve=True)

    solved = see(client, number, timedelta(minutes=2)).content.decode()
    write(client, number, "It is still broken.", WEDNESDAY + timedelta(minutes=5))

    ticket = Ticket.objects.get(number=number)
    assert "Still not solved" in solved
    assert (ticket.status, ticket.due) == ("open", WEDNESDAY + timedelta(hours=2, minutes=5))


def test_an_empty_message_is_told_beside_the_field_and_its_file_stays(client):
    number = ask(client)
    photo = SimpleUploadedFile("label.png", b"\x89PNG", "image/png")

    page = write(client, number, "  ", WEDNESDAY + timedelta(minutes=5), files=[photo])

    shown = page.content.decode()
    assert page.status_code == 422
    assert "Write a word or two" in shown
    assert "label.png" in shown


def test_files_are_for_those_who_see_the_request(client, client_of_somebody_else):
    photo = SimpleUploadedFile("label.png", b"\x89PNG", "image/png")
    number = ask(client, files=[photo])
    path = f"/r/{number}/files/{Attachment.objects.get().pk}/"

    with clock.at(WEDNESDAY):
        own, other = client.get(path), client_of_somebody_else.get(path)

    assert own.status_code == 200
    assert b"".join(own.streaming_content) == b"\x89PNG"
    assert own["X-Content-Type-Options"] == "nosniff"
    assert other.status_code == 404


def test_a_file_of_another_request_is_not_reached_through_ones_own(client):
    other = make.ticket(files=[File("bill.pdf", "application/pdf", b"%PDF")])
    number = ask(client)

    with clock.at(WEDNESDAY):
        page = client.get(f"/r/{number}/files/{Attachment.objects.get(entry__ticket=other).pk}/")

    assert page.status_code == 404


def test_somebody_else_can_neither_read_nor_write(client, client_of_somebody_else):
    number = ask(client, problem="Very private.")

    seen = see(client_of_somebody_else, number)
    with clock.at(WEDNESDAY):
        client_of_somebody_else.post(f"/r/{number}/messages/", {"text": "Send it to me instead."})

    assert "Very private." not in seen.content.decode()
    assert Entry.objects.filter(ticket__number=number, kind="message").count() == 1


def test_a_proof_ends_after_half_an_hour_without_a_visit_and_after_a_day(client):
    number = ask(client, problem="Very private.")

    def sees(after):
        quota.limiter().storage.reset()
        return "Very private." in see(client, number, after).content.decode()

    assert sees(timedelta(minutes=29))
    assert not sees(timedelta(minutes=29) + access.IDLE + timedelta(seconds=1))

    number = ask(client, problem="Very private.")
    for minutes in range(20, 24 * 60, 20):
        assert sees(timedelta(minutes=minutes))
    assert not sees(access.LIFETIME + timedelta(minutes=1))


def test_words_outlive_a_proof_that_ran_out(client):
    number = ask(client)

    late = write_late(client, number)
    page = see(client, number, timedelta(hours=2))

    assert late.status_code == 302
    assert Entry.objects.filter(ticket__number=number, kind="message").count() == 1
    assert "is kept here" in page.content.decode()


def write_late(client, number):
    with clock.at(WEDNESDAY + timedelta(hours=1)):
        return client.post(f"/r/{number}/messages/", {"text": "A long story."})


def test_leaving_closes_the_request_in_this_browser(client):
    number = ask(client, problem="Very private.")

    with clock.at(WEDNESDAY):
        client.post(f"/r/{number}/leaving/")

    assert "Very private." not in see(client, number).content.decode()


def test_a_broken_promise_is_owned_up_to(client, monkeypatch):
    monkeypatch.setattr(access, "IDLE", timedelta(days=1))
    number = ask(client)

    shown = see(client, number, timedelta(hours=3)).content.decode()

    assert "promise--broken" in shown
    assert "we are sorry" in shown


def test_mail_in_html_is_text_on_the_page(client):
    number = ask(client)
    ticket = Ticket.objects.get(number=number)
    with clock.at(WEDNESDAY):
        ticket.reply("Look: https://marlo.example/a", by=make.agent(), html="<img src=x onerror=alert(1)>")

    shown = see(client, number).content.decode()

    assert 'href="https://marlo.example/a"' in shown
    assert "onerror" not in shown


@pytest.mark.parametrize(
    ("language", "direction"), [("fa", "rtl"), ("he", "rtl"), ("ro", "ltr"), ("sw", "ltr")]
)
def test_the_page_speaks_the_language_of_the_reader(client, language, direction):
    number = ask(client)

    with clock.at(WEDNESDAY):
        page = client.get(f"/r/{number}/", headers={"accept-language": language})

    assert f'lang="{language}" dir="{direction}"' in page.content.decode()


def test_persian_readers_see_their_calendar_and_the_gregorian_date(client):
    number = ask(client)

    with clock.at(WEDNESDAY):
        shown = client.get(f"/r/{number}/", headers={"accept-language": "fa"}).content.decode()

    assert "۱۱ آذر" in shown
    assert "2 Dec" in shown


def test_the_page_costs_the_same_however_long_the_talk(client, django_assert_max_num_queries):
    number = ask(client)
    for minute in range(5):
        write(client, number, "More.", WEDNESDAY + timedelta(minutes=5 + minute))
    see(client, number, timedelta(minutes=12))

    with django_assert_max_num_queries(14):
        see(client, number, timedelta(minutes=12))
