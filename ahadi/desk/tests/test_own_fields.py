"""Settings of fields and tags, and who opened a ticket."""

from __future__ import annotations

import pytest
from django.urls import reverse

from ahadi.testing import make
from ahadi.tickets import fields
from ahadi.tickets.models import Field, Reading, Tag

pytestmark = pytest.mark.django_db


def test_a_field_is_added_and_stands_beside_tickets_of_its_team(client, admin):
    team = make.team("Billing")

    client.post(
        reverse("desk:fields"),
        {"name": "Order number", "kind": "text", "team": team.pk, "is_required": "on", "is_active": "on"},
    )

    made = Field.objects.get()
    assert (made.code, made.team, made.is_required) == ("order-number", team, True)
    assert "field:order-number=" in client.get(reverse("desk:fields")).content.decode()
    beside = client.get(reverse("desk:work", args=["open", make.ticket(team=team).number])).content.decode()
    elsewhere = client.get(reverse("desk:work", args=["open", make.ticket().number])).content.decode()
    assert ("Order number" in beside, "Order number" in elsewhere) == (True, False)


def test_a_choice_needs_something_to_choose(client, admin):
    answer = client.post(reverse("desk:fields"), {"name": "Colour", "kind": "choice", "is_active": "on"})

    assert answer.status_code == 422
    assert not Field.objects.exists()


def test_a_renamed_field_keeps_its_code_and_kind(client, admin):
    made = Field.objects.create(name="Order", code="order", kind="number")

    client.post(
        reverse("desk:field", args=[made.pk]), {"name": "Order of ours", "kind": "text", "is_active": "on"}
    )

    made.refresh_from_db()
    assert (made.name, made.code, made.kind) == ("Order of ours", "order", "number")


def test_names_without_latin_letters_get_codes_of_their_own(client, admin):
    for name in ("شماره سفارش", "מספר"):
        client.post(reverse("desk:fields"), {"name": name, "kind": "text", "is_active": "on"})

    assert list(Field.objects.values_list("code", flat=True)) == ["field", "field-2"]


def test_a_tag_gets_a_colour_that_is_seen_on_the_ticket(client, admin):
    ticket = make.ticket()
    tag = Tag.objects.create(name="parcel")
    ticket.retag([tag], by=admin)

    client.post(reverse("desk:tag_of_all", args=[tag.pk]), {"name": "parcel", "color": "amber"})

    page = client.get(reverse("desk:ticket", args=["open", ticket.number])).content.decode()
    assert "tag--amber" in page


def test_two_tags_do_not_differ_by_capitals_alone(client, admin):
    Tag.objects.create(name="parcel")

    answer = client.post(reverse("desk:tags_of_all"), {"name": "Parcel", "color": "blue"})

    assert answer.status_code == 422


def test_what_is_filled_in_is_found(client, admin):
    ticket = make.ticket()
    make.ticket()
    field = Field.objects.create(name="Order", code="order")
    fields.fill(ticket, field, "M-20418", by=admin)

    page = client.get(reverse("desk:search"), {"q": "field:order=m-204"}).content.decode()

    assert page.count("data-row=") == 1
    assert ticket.number in page


def test_who_opened_a_ticket_is_written_down_and_shown_to_leads_alone(client, desk, agent, frozen):
    make.company()
    ticket = make.ticket()
    page = reverse("desk:ticket", args=["open", ticket.number])

    desk.get(page)
    desk.get(page)
    desk.head(page)

    assert [(row.agent, row.day) for row in Reading.objects.all()] == [(agent, frozen.date())]
    panel = reverse("desk:work", args=["open", ticket.number])
    assert "Opened by" not in desk.get(panel).content.decode()
    client.force_login(make.lead())
    assert "Opened by" in client.get(panel).content.decode()
