"""Dates in five languages, as they stand on the pages."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import pytest

from ahadi.calendars import dates
from ahadi.lib import clock

LANGUAGES = ["en", "fa", "he", "ro", "sw"]
NOW = datetime(2026, 11, 17, 10, 18, tzinfo=UTC)
DUE = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "weekday", "rest", "whole"),
    [
        ("en", "Wednesday", "2 December, 11:00", "Wednesday 2 December, 11:00"),
        ("fa", "چهارشنبه", "۱۱ آذر، ساعت ۱۱:۰۰", "چهارشنبه ۱۱ آذر، ساعت ۱۱:۰۰"),
        ("he", "יום רביעי,", "2 בדצמבר, 11:00", "יום רביעי, 2 בדצמבר, 11:00"),
        ("ro", "miercuri,", "2 decembrie, 11:00", "miercuri, 2 decembrie, 11:00"),
        ("sw", "Jumatano,", "2 Desemba, 11:00", "Jumatano, 2 Desemba, 11:00"),
    ],
)
def test_a_moment_in_full_comes_in_two_pieces(language, weekday, rest, whole):
    found = dates.long_when(DUE, language, "UTC", NOW)

    assert found == (weekday, rest)
    assert str(found) == whole


@pytest.mark.parametrize(
    ("language", "brief", "day", "short_day"),
    [
        ("en", "Wed 2 Dec, 11:00", "Wednesday 2 December", "Wed 2 Dec"),
        ("fa", "چهارشنبه ۱۱ آذر، ۱۱:۰۰", "چهارشنبه ۱۱ آذر", "چهارشنبه ۱۱ آذر"),
        ("he", "יום ד׳, 2 בדצמ׳, 11:00", "יום רביעי, 2 בדצמבר", "יום ד׳, 2 בדצמ׳"),
        ("ro", "mie., 2 dec., 11:00", "miercuri, 2 decembrie", "mie., 2 dec."),
        ("sw", "Jumatano, 2 Des, 11:00", "Jumatano, 2 Desemba", "Jumatano, 2 Des"),
    ],
)
def test_days_have_a_long_and_a_short_form(language, brief, day, short_day):
    assert dates.medium_when(DUE, language, "UTC", NOW) == brief
    assert dates.long_day(DUE, language, "UTC", NOW) == day
    assert dates.short_day(DUE, language, "UTC", NOW) == short_day
    assert dates.short_day(date(2026, 12, 2), language, "UTC", NOW) == short_day


@pytest.mark.parametrize(
    ("moment", "english", "persian"),
    [
        ("2026-11-17 11:02", "11:02", "۱۱:۰۲"),
        ("2026-11-18 09:30", "Wed 09:30", "چهارشنبه ۰۹:۳۰"),
        ("2026-11-23 09:30", "Mon 09:30", "دوشنبه ۰۹:۳۰"),
        ("2026-11-11 09:30", "Wed 09:30", "چهارشنبه ۰۹:۳۰"),
        ("2026-11-24 09:30", "24 Nov", "۳ آذر"),
        ("2026-11-10 09:30", "10 Nov", "۱۹ آبان"),
        ("2027-02-01 09:30", "1 Feb 2027", "۱۲ بهمن"),
        ("2027-03-25 09:30", "25 Mar 2027", "۵ فروردین ۱۴۰۶"),
    ],
)
def test_lists_show_the_time_today_the_weekday_nearby_and_the_date_beyond(moment, english, persian):
    when = datetime.fromisoformat(moment).replace(tzinfo=UTC)

    assert dates.short_when(when, "en", "UTC", NOW) == english
    assert dates.short_when(when, "fa", "UTC", NOW) == persian


def test_the_year_is_the_one_of_the_readers_calendar():
    assert dates.long_when(DUE, "en", "UTC", DUE.replace(year=2025)).rest == "2 December 2026, 11:00"
    assert dates.long_when(DUE, "fa", "UTC", DUE.replace(year=2025)).rest == "۱۱ آذر ۱۴۰۵، ساعت ۱۱:۰۰"
    # Nowruz: the Persian year turns while the Gregorian one goes on.
    assert dates.long_day(date(2026, 3, 20), "fa", "UTC", NOW) == "جمعه ۲۹ اسفند ۱۴۰۴"
    assert dates.long_day(date(2026, 3, 21), "fa", "UTC", NOW) == "شنبه ۱ فروردین"


def test_the_readers_zone_decides_which_day_it_is():
    late = datetime(2026, 11, 17, 21, 30, tzinfo=UTC)

    assert dates.is_today(late, "UTC", NOW)
    assert not dates.is_tomorrow(late, "UTC", NOW)
    assert dates.is_tomorrow(late, "Africa/Nairobi", NOW)
    assert dates.clock_time(late, "en", "Africa/Nairobi") == "00:30"
    assert dates.clock_time(late, "fa", "Asia/Tehran") == "۰۱:۰۰"
    assert dates.short_when(late, "en", "Africa/Nairobi", NOW) == "Wed 00:30"


def test_the_present_comes_from_the_clock_when_it_is_not_given():
    with clock.at(NOW):
        assert dates.is_today(NOW + timedelta(hours=1), "UTC")
        assert dates.short_when(NOW, "en", "UTC") == "10:18"


def test_persian_readers_see_both_calendars():
    assert dates.both_calendars(NOW, "fa", "Asia/Tehran", NOW) == ("سه‌شنبه ۲۶ آبان", "17 Nov")
    assert dates.both_calendars(NOW.replace(year=2027), "fa", "UTC", NOW)[1] == "17 Nov 2027"
    assert dates.both_calendars(NOW, "ro", "UTC", NOW) == ("marți, 17 noiembrie",)


@pytest.mark.parametrize(
    ("minutes", "data", "brief", "words"),
    [
        (72, (1, "hour", False), "1 h 12 min", "in 1 hour"),
        (66, (1, "hour", False), "1 h 06 min", "in 1 hour"),
        (120, (2, "hour", False), "2 h", "in 2 hours"),
        (-22, (22, "minute", True), "22 min late", "22 minutes late"),
        (-116, (2, "hour", True), "1 h 56 min late", "2 hours late"),
        (18 * 60 + 58, (19, "hour", False), "18 h 58 min", "in 19 hours"),
        (20 * 60, (20, "hour", False), "20 h", "in 20 hours"),
        (28 * 60, (28, "hour", False), "1 day 4 h", "in 28 hours"),
        (60 * 60, (3, "day", False), "3 days", "in 3 days"),
        (0.5, (0, "minute", False), "now", "now"),
        (-0.5, (0, "minute", True), "now", "now"),
    ],
)
def test_what_remains_is_told_as_data_in_brief_and_in_words(minutes, data, brief, words):
    found = dates.remaining(NOW + timedelta(minutes=minutes), NOW, "en")

    assert found[:3] == data
    assert found.brief == brief
    assert found.words == words


@pytest.mark.parametrize(
    ("language", "ahead", "late", "in_words", "one_hour_late"),
    [
        ("fa", "۱ ساعت و ۶ دقیقه", "۲۲ دقیقه دیر", "۲۰ ساعت دیگر", "۱ ساعت دیر"),
        ("he", "1 שע׳ ו־6 דק׳", "באיחור של 22 דק׳", "בעוד 20 שעות", "באיחור של שעה"),
        ("ro", "1 h 06 min", "cu 22 min întârziere", "peste 20 de ore", "cu 1 oră întârziere"),
        ("sw", "saa 1 dak 6", "imechelewa dak 22", "baada ya saa 20", "imechelewa saa 1"),
    ],
)
def test_what_remains_speaks_every_language(language, ahead, late, in_words, one_hour_late):
    def after(minutes):
        return dates.remaining(NOW + timedelta(minutes=minutes), NOW, language)

    assert after(66).brief == ahead
    assert after(-22).brief == late
    assert after(20 * 60).words == in_words
    assert after(-60).words == one_hour_late


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_length_has_words_in_every_language(language):
    for minutes in [*range(-130, 130), *range(130, 60_000, 47)]:
        found = dates.remaining(NOW + timedelta(minutes=minutes), NOW, language)
        assert found.brief
        assert found.words
        assert not (language == "fa" and any(sign in "0123456789" for sign in found.brief + found.words))


def test_weeks_begin_where_people_begin_them():
    assert [dates.week_start(language) for language in LANGUAGES] == [0, 5, 6, 0, 0]
    assert dates.weekend("fa") == {4}
    assert dates.weekend("he") == {4, 5}
    assert dates.weekend("sw") == {5, 6}


def test_digits_are_persian_in_persian_only():
    assert dates.digits(1405, "fa") == "۱۴۰۵"
    assert dates.digits("12 of 14", "fa-IR") == "۱۲ of ۱۴"
    assert dates.digits("12", "he") == "12"


def test_an_unknown_language_reads_english():
    assert str(dates.long_when(DUE, "pt-br", "UTC", NOW)) == "Wednesday 2 December, 11:00"


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        dates.short_when(datetime.fromisoformat("2026-11-17 11:02"), "en", "UTC", NOW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_of_dates_is_written_in_no_time(language):
    moments = [NOW + timedelta(hours=count) for count in range(-500, 500)]
    dates.short_when(NOW, language, "Asia/Tehran", NOW)

    begun = time.perf_counter()
    for moment in moments:
        dates.short_when(moment, language, "Asia/Tehran", NOW)
    each = (time.perf_counter() - begun) / len(moments)

    # About 2 microseconds on a small machine; the rest is room for busy ones.
    assert each < 0.000_050
