from __future__ import annotations

import pytest

from ahadi.automation.models import Macro, SavedReply
from ahadi.channels.models import Draft
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def saved(name: str = "Late parcel", team=None, **texts: str) -> SavedReply:
    reply = SavedReply.objects.create(name=name, team=team)
    for language, text in (texts or {"en": "Hello {{customer.first_name|there}}"}).items():
        reply.texts.create(language=language, text=text)
    return reply


def speaking(language: str, **fields) -> Ticket:
    ticket = make.ticket(**fields)
    Ticket.objects.filter(pk=ticket.pk).update(language=language)
    return ticket


def test_words_come_in_the_language_of_the_customer_and_with_their_name(desk):
    ticket = speaking("fa", by=make.address(name="زهرا کریمی", language="fa"))
    saved(en="Hello", fa="سلام {{customer.first_name}}")

    answer = desk.get(f"/desk/open/{ticket.number}/words/").json()

    assert answer["replies"][0]["text"] == "سلام زهرا"
    assert not answer["replies"][0]["is_foreign"]


def test_words_in_another_language_say_so(desk):
    ticket = speaking("ro")
    saved(en="Hello {{customer.name}}")

    found = desk.get(f"/desk/open/{ticket.number}/words/").json()["replies"][0]

    assert found["is_foreign"]
    assert found["missing"] == []


def test_words_of_another_team_are_not_offered(desk):
    ticket = make.ticket()
    other = make.team("Workshop")
    theirs = saved("Theirs", team=other)
    Macro.objects.create(name="Theirs", team=other, actions=[["priority", 4]])

    answer = desk.get(f"/desk/open/{ticket.number}/words/").json()

    assert answer == {"replies": [], "macros": []}
    assert desk.post(f"/desk/open/{ticket.number}/words/{theirs.pk}/uses/").status_code == 404


def test_a_macro_is_done_at_once_and_said(desk, agent):
    ticket = make.ticket()
    macro = Macro.objects.create(name="Take", actions=[["assign", "me"]])

    answer = desk.post(f"/desk/open/{ticket.number}/macros/{macro.pk}/", follow=True)

    ticket.refresh_from_db()
    assert ticket.assignee == agent
    assert "Take: Assign it to you" in answer.text


def test_a_use_is_counted(desk):
    ticket, reply = make.ticket(), saved()

    desk.post(f"/desk/open/{ticket.number}/words/{reply.pk}/uses/")

    reply.refresh_from_db()
    assert reply.uses == 1


def test_an_empty_placeholder_is_never_sent(desk):
    ticket = make.ticket()

    answer = desk.post(f"/desk/open/{ticket.number}/replies/", {"text": "Hello {{customer.name}}", "seq": 1})

    assert answer.status_code == 422
    assert "{{customer.name}}" in answer.text
    assert not Draft.objects.exists()


def test_a_lead_writes_a_reply_in_two_languages(client):
    client.force_login(make.lead())

    client.post(
        "/desk/settings/saved-replies/",
        {"name": "Late", "folder": "Parcels", "text_en": "It is late.", "text_fa": "دیر شده است."},
    )

    reply = SavedReply.objects.get()
    assert {text.language: text.text for text in reply.texts.all()} == {
        "en": "It is late.",
        "fa": "دیر شده است.",
    }


@pytest.mark.parametrize("given", [{"text_en": "{{custmer.name}}"}, {"text_en": " "}])
def test_words_that_cannot_be_used_are_not_saved(client, given):
    client.force_login(make.lead())

    answer = client.post("/desk/settings/saved-replies/", {"name": "Late", **given})

    assert answer.status_code == 422
    assert not SavedReply.objects.exists()


def test_a_reply_is_shown_as_customers_read_it(client):
    client.force_login(make.lead())
    reply = saved(en="**Sorry** <b>")

    answer = client.get(f"/desk/settings/saved-replies/{reply.pk}/")

    assert "<strong>Sorry</strong> &lt;b&gt;" in answer.text


def test_a_lead_makes_a_macro(client):
    client.force_login(make.lead())
    given = {
        "name": "Wait",
        "owner": "me",
        "tags": "parcel, late",
        "priority": "3",
        "step": "We call",
        "within": "2:30",
    }

    answer = client.post("/desk/settings/macros/", given, follow=True)

    assert Macro.objects.get().actions == [
        ["assign", "me"],
        ["tags", ["parcel", "late"]],
        ["priority", 3],
        ["promise", {"step": "We call", "minutes": 150}],
    ]
    assert "Promise “We call” within 2:30 hours of working time" in answer.text


@pytest.mark.parametrize(
    "given", [{}, {"step": "We call"}, {"within": "2:00"}, {"status": "solved", "step": "x", "within": "1"}]
)
def test_a_macro_that_makes_no_sense_is_not_saved(client, given):
    client.force_login(make.lead())

    assert client.post("/desk/settings/macros/", {"name": "No", **given}).status_code == 422


def test_a_macro_shows_what_it_was_made_of_and_changes(client):
    client.force_login(make.lead())
    macro = Macro.objects.create(name="Take", actions=[["assign", "me"], ["tags", ["a"]]])

    shown = client.get(f"/desk/settings/macros/{macro.pk}/").text
    client.post(f"/desk/settings/macros/{macro.pk}/", {"name": "Take", "owner": "nobody"})

    macro.refresh_from_db()
    assert 'value="a"' in shown
    assert macro.actions == [["assign", "nobody"]]


def test_taking_words_away_keeps_the_macro(client):
    client.force_login(make.lead())
    reply = saved()
    macro = Macro.objects.create(name="Write", reply=reply, actions=[["priority", 4]])

    client.post(f"/desk/settings/saved-replies/{reply.pk}/removal/")

    macro.refresh_from_db()
    assert macro.reply is None


def test_words_that_are_one_link_are_offered_as_an_article(desk):
    ticket = speaking("ro")
    reply = SavedReply.objects.create(name="Send back")
    reply.texts.create(language="en", text="[How to send it back](https://help.example/en/return)")
    reply.texts.create(language="ro", text="[Cum returnezi](https://help.example/ro/return)\n")
    words = SavedReply.objects.create(name="Words")
    words.texts.create(language="en", text="Read [this](https://help.example/en/return), please.")

    found = {each["name"]: each for each in desk.get(f"/desk/open/{ticket.number}/words/").json()["replies"]}

    assert found["Send back"]["article"] == ["Cum returnezi", "https://help.example/ro/return"]
    assert found["Words"]["article"] is None
