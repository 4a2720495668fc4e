"""The settings: for administrators alone, clear about what is wrong, and nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from ahadi.channels.models import Inbox
from ahadi.people.models import Agent, Company, Team, WorkingHours
from ahadi.testing import make

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LISTS = ["company", "hours", "teams", "agents", "inboxes", "outbox"]
WEEK = {
    "name": "Office hours",
    "time_zone": "Europe/Berlin",
    "mon": "9-12, 13:00 – 17:00",
    "tue": "",
    "holidays": "",
}


def each_page():
    """Every page of the settings that exists for something."""
    hours, team, agent, inbox = (
        WorkingHours.objects.first(), Team.objects.first(), Agent.objects.first(), make.inbox()
    )  # fmt: skip
    return [
        *(reverse(f"desk:{name}") for name in LISTS),
        reverse("desk:week", args=[hours.pk]),
        reverse("desk:holidays", args=[hours.pk]),
        reverse("desk:team", args=[team.pk]),
        reverse("desk:agent", args=[agent.pk]),
        reverse("desk:inbox", args=[inbox.pk]),
    ]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_page_opens_in_both_directions(client, admin, language):
    admin.language = language
    admin.save()

    for path in each_page():
        page = client.get(path)
        assert page.status_code == 200, path
        assert f'dir="{"rtl" if language == "fa" else "ltr"}"' in page.content.decode()
        assert '<p class="settings__lead">' in page.content.decode()


def test_nobody_opens_a_page_without_signing_in(client):
    make.company()
    make.agent()

    for path in each_page():
        assert client.get(path)["Location"].startswith("/accounts/login/"), path
        assert client.post(path).status_code in (302, 405), path


@pytest.mark.parametrize("role", ["agent", "lead"])
def test_only_administrators_open_and_change_them(client, role):
    make.company()
    client.force_login(make.agent(role=role), backend=BACKEND)

    for path in each_page():
        assert client.get(path).status_code == 403, path
        assert client.post(path).status_code in (403, 405), path


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_the_database_no_more_when_it_grows(client, admin, name, django_assert_max_num_queries):
    for number in range(6):
        team = make.team(f"Team {number}")
        make.agent(f"Agent {number}", teams=[team])
        make.inbox(f"help{number}@marlo.example", team=team)
        make.working_hours(f"Hours {number}")

    with django_assert_max_num_queries(12):
        client.get(reverse(f"desk:{name}"))


def test_the_company_is_described(client, admin):
    company = Company.current()

    answer = client.post(
        reverse("desk:company"),
        {
            "name": "Marlo & Sons",
            "language": "he",
            "time_zone": "Asia/Jerusalem",
            "working_hours": company.working_hours.pk,
            "first_answer": "1:30",
            "phone": "+972 2 555 0199",
        },
    )

    company = Company.current()
    assert answer.status_code == 302
    assert (company.name, company.language, company.time_zone) == ("Marlo & Sons", "he", "Asia/Jerusalem")
    assert company.first_answer == timedelta(minutes=90)
    assert company.phone == "+972 2 555 0199"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "This field is required."),
        ("time_zone", "Mars/Olympus", "There is no time zone of that name."),
        ("first_answer", "soon", "Write hours and minutes with a colon"),
        ("first_answer", "0:00", "This must be more than zero."),
        ("first_answer", "1:75", "Write hours and minutes with a colon"),
        ("phone", "555", "Write the number with its country code"),
    ],
)
def test_what_is_wrong_with_the_company_is_said_and_nothing_is_lost(client, admin, field, value, said):
    company = Company.current()
    typed = {
        "name": "A new name",
        "language": "ro",
        "time_zone": "Europe/Bucharest",
        "working_hours": company.working_hours.pk,
        "first_answer": "3:00",
        "phone": "+40 21 555 0199",
    }

    page = client.post(reverse("desk:company"), typed | {field: value})

    shown = page.content.decode()
    assert page.status_code == 422
    assert said in shown
    assert all(
        f'value="{text}"' in shown
        for text in ("3:00", "A new name")
        if text in (typed | {field: value}).values()
    )
    assert Company.current().name == "Marlo"


def test_a_week_is_read_as_people_write_it(client, admin):
    hours = Company.current().working_hours

    answer = client.post(
        reverse("desk:week", args=[hours.pk]),
        WEEK
        | {
            "tue": "۰۹:۰۰-۱۷:۰۰",
            "fri": "22:00-02:00",
            "holidays": "2026-12-01 National Day\n--01-01\n2026-12-24 Eve | 9-12",
        },
    )

    hours.refresh_from_db()
    assert answer.status_code == 302
    assert hours.hours["mon"] == [["09:00", "12:00"], ["13:00", "17:00"]]
    assert hours.hours["tue"] == [["09:00", "17:00"]]
    assert hours.hours["wed"] == []
    assert hours.holidays == {
        "2026-12-01": "National Day",
        "--01-01": "",
        "2026-12-24": {"name": "Eve", "open": [["09:00", "12:00"]]},
    }
    assert hours.calendar


def test_a_week_is_shown_as_it_is_typed(client, admin):
    hours = make.working_hours(holidays={"2026-12-24": {"name": "Eve", "open": [["09:00", "12:00"]]}})

    page = client.get(reverse("desk:week", args=[hours.pk])).content.decode()

    assert 'value="09:00-17:00"' in page
    assert "2026-12-24 Eve | 09:00-12:00" in page


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("mon", "nine to five", "Write hours as 09:00-12:00"),
        ("mon", "09:00-12:00, 11:00-13:00", "09:00-12:00 and 11:00-13:00 overlap"),
        ("mon", "22:00-06:00, 23:00-23:30", "22:00-06:00 and 23:00-23:30 overlap"),
        ("mon", "09:00-25:00", "Write hours as 09:00-12:00"),
        ("mon", "", "Somebody has to be there at some time"),
        ("sun", "20:00-10:00", "over midnight into those of the next day"),
        ("holidays", "Christmas", "does not begin with a date"),
        ("holidays", "2026-02-30 Never", "does not begin with a date"),
        ("holidays", "2026-12-24 Eve | later", "The hours in"),
        ("holidays", "2026-12-24 Eve\n2026-12-24 Again", "stands there twice"),
    ],
)
def test_what_is_wrong_with_a_week_is_said_and_nothing_is_lost(client, admin, field, value, said):
    hours = make.working_hours("Night")

    page = client.post(reverse("desk:week", args=[hours.pk]), WEEK | {field: value, "thu": ""})

    assert page.status_code == 422
    assert said in page.content.decode()
    assert value.split("\n")[0] in page.content.decode()
    hours.refresh_from_db()
    assert hours.name == "Night"
    assert hours.hours["mon"] == [["09:00", "17:00"]]


def test_only_the_holidays_that_are_ticked_close_the_company(client, admin):
    hours = make.working_hours(holidays={"2026-01-01": "Ours"})
    path = reverse("desk:holidays", args=[hours.pk])
    asked = {"country": "RO", "year": 2026}

    page = client.get(path, asked)
    answer = client.post(path, asked | {"day": ["2026-12-01", "2026-01-01", "2026-07-07"]})

    hours.refresh_from_db()
    assert "already closed" in page.content.decode()
    assert answer.status_code == 302
    assert set(hours.holidays) == {"2026-01-01", "2026-12-01"}
    assert hours.holidays["2026-01-01"] == "Ours"


def test_the_holidays_of_a_year_are_asked_for_until_somebody_confirms_them(client, admin):
    hours = make.working_hours(time_zone="Asia/Tehran", holidays={"2026-03-21": "Nowruz"})
    asked = f"/desk/settings/hours/{hours.pk}/holidays/?country=IR&amp;year=2027"

    # In December the year to come is asked for.
    before = client.get(reverse("desk:settings")).content.decode()
    client.post(
        reverse("desk:holidays", args=[hours.pk]), {"country": "IR", "year": 2027, "day": "2027-03-21"}
    )
    after = client.get(reverse("desk:hours")).content.decode()

    assert "Nobody has confirmed the holidays of 2027 yet" in before
    assert asked in before
    assert "Nobody has confirmed" not in after


def test_holidays_of_an_unknown_country_are_refused(client, admin):
    hours = make.working_hours()

    page = client.get(reverse("desk:holidays", args=[hours.pk]), {"country": "ZZ", "year": "soon"})

    assert page.status_code == 422


def test_a_team_is_added_and_gets_its_members(client, admin):
    mara = make.agent("Mara Lind", teams=[])

    added = client.post(reverse("desk:teams"), {"name": "Workshop", "working_hours": ""})
    team = Team.objects.get(name="Workshop")
    saved = client.post(reverse("desk:team", args=[team.pk]), {"name": "Repairs", "members": [mara.pk]})

    team.refresh_from_db()
    assert added.status_code == saved.status_code == 302
    assert team.name == "Repairs"
    assert list(team.agents.all()) == [mara]


def test_two_teams_cannot_have_one_name(client, admin):
    make.team("Support")

    page = client.post(reverse("desk:teams"), {"name": "SUPPORT", "working_hours": ""})

    assert page.status_code == 422
    assert "There is already a team of that name." in page.content.decode()
    assert 'value="SUPPORT"' in page.content.decode()


def test_somebody_who_is_not_active_stays_in_the_team_unseen(client, admin):
    gone = make.agent("Gone Away", is_active=False)
    team = make.team()

    client.post(reverse("desk:team", args=[team.pk]), {"name": "Support", "members": [admin.pk]})

    assert set(team.agents.all()) == {admin, gone}


def test_an_inbox_is_added_and_changed(client, admin):
    team = make.team()

    added = client.post(
        reverse("desk:inboxes"), {"name": "Marlo", "address": "Help@Marlo.example", "team": team.pk}
    )
    inbox = Inbox.objects.get()
    changed = client.post(
        reverse("desk:inbox", args=[inbox.pk]),
        {"name": "Marlo help", "address": "help@marlo.example", "team": team.pk, "language": "fa"},
    )

    inbox.refresh_from_db()
    assert added.status_code == changed.status_code == 302
    assert (inbox.address, inbox.name, inbox.language, inbox.is_active) == (
        "help@marlo.example", "Marlo help", "fa", False
    )  # fmt: skip


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("help@marlo.example", "There is already an inbox with this address."),
        ("HELP@marlo.example", "There is already an inbox with this address."),
        ("help+me@marlo.example", "Leave out the plus sign"),
        ("help", "Enter a valid email address."),
    ],
)
def test_a_wrong_address_of_an_inbox_is_refused_and_kept_in_the_form(client, admin, address, said):
    make.inbox("help@marlo.example")

    page = client.post(
        reverse("desk:inboxes"), {"name": "Second", "address": address, "team": make.team().pk}
    )

    assert page.status_code == 422
    assert said in page.content.decode()
    assert f'value="{address}"' in page.content.decode()
    assert Inbox.objects.count() == 1
