from __future__ import annotations

import pytest
from django.utils import translation

from ahadi.desk.forms.hours import WeekForm
from ahadi.people.models import WorkingHours
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-17:00")


@pytest.fixture
def hours(admin):
    return make.working_hours("Office")


def save(client, hours, **fields):
    given = {"name": hours.name, "time_zone": "UTC", **WEEK, **fields}
    answer = client.post(f"/desk/settings/hours/{hours.pk}/", given)
    hours.refresh_from_db()
    return answer


def test_other_hours_hold_from_a_day_on_and_the_days_before_keep_theirs(client, hours):
    answer = save(client, hours, valid_from="2027-01-04", sat="10:00-14:00")

    assert answer.status_code == 302
    assert "sat" not in hours.hours
    assert hours.changes == [{"from": "2027-01-04", "hours": hours.changes[0]["hours"]}]
    assert hours.changes[0]["hours"]["sat"] == [["10:00", "14:00"]]


def test_without_a_day_the_newest_hours_are_corrected(client, hours):
    save(client, hours, valid_from="2027-01-04", sat="10:00-14:00")

    save(client, hours, sat="10:00-12:00")

    assert hours.changes[0]["hours"]["sat"] == [["10:00", "12:00"]]
    assert not hours.hours.get("sat")


def test_a_change_is_taken_back(client, hours):
    save(client, hours, valid_from="2027-01-04", sat="10:00-14:00")

    save(client, hours, take_back=["2027-01-04"], sat="10:00-14:00")

    assert hours.changes == []
    assert not hours.hours.get("sat")


def test_a_day_that_has_begun_is_refused_beside_it(client, hours):
    answer = save(client, hours, valid_from="2026-12-02")

    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'id="id_valid_from-error"' in page
    assert "choose one that lies ahead" in page


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (dict.fromkeys(WEEK, ""), "id_mon"),
        ({"tue": "09:00-12:00, 11:00-17:00"}, "id_tue"),
        ({"wed": "22:00-10:00"}, "id_wed"),
        ({"time_zone": "Mars/Olympus"}, "id_time_zone"),
        ({"holidays": "2026-02-30 Never"}, "id_holidays"),
    ],
)
def test_hours_that_cannot_be_are_refused_where_they_are_wrong(client, hours, wrong, place):
    answer = save(client, hours, **wrong)

    assert answer.status_code == 422
    assert f'id="{place}-error"' in answer.content.decode()


def test_every_version_is_remembered_with_the_moment_it_holds_from(client, hours, frozen):
    save(client, hours, sat="10:00-14:00")

    versions = list(WorkingHours.objects.get(pk=hours.pk).versions.all())
    assert len(versions) == 2
    assert versions[-1].since == frozen
    assert versions[0].described != versions[1].described


def test_a_year_is_shown_as_a_picture_that_can_be_read_aloud(client, hours):
    hours.holidays = {"2026-12-24": {"name": "Christmas Eve", "open": [["09:00", "12:00"]]}}
    hours.save()

    page = client.get(f"/desk/settings/hours/{hours.pk}/year/2026/").content.decode()

    assert page.count('<table class="year__month">') == 12
    assert "year__day--part" in page
    assert "Christmas Eve" in page
    assert client.get(f"/desk/settings/hours/{hours.pk}/year/1900/").status_code == 404


def test_a_persian_reader_sees_a_persian_year(client, admin, hours):
    admin.language = "fa"
    admin.save()

    page = client.get(f"/desk/settings/hours/{hours.pk}/year/1405/").content.decode()

    assert "فروردین" in page


@pytest.mark.parametrize(("language", "first"), [("en", "mon"), ("he", "sun"), ("fa", "sat")])
def test_a_week_begins_where_the_readers_weeks_begin(client, hours, language, first):
    with translation.override(language):
        lines = [field.name for field in WeekForm(instance=hours).days]

    assert lines[0] == first
    assert len(set(lines)) == 7
