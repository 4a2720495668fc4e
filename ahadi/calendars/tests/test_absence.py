"""Absence notes as mail programs write them, and mails that only look like them."""

from __future__ import annotations

from datetime import date

import pytest

from ahadi.calendars.absence import back_on
from ahadi.calendars.reading import days_in

WEDNESDAY = date(2026, 12, 2)
FOURTEENTH = date(2026, 12, 14)


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("I am out of the office until 14 December.", FOURTEENTH),
        ("I am away and will be back on Monday, December 14th, 2026.", FOURTEENTH),
        ("I will return on 12/14/2026.", FOURTEENTH),
        ("Back on 2026-12-14.", FOURTEENTH),
        ("I'm out from 1 December to 14 December.", FOURTEENTH),
        ("Out of office 07/12 - 18/12/2026", date(2026, 12, 18)),
        ("I am on leave until January 4.", date(2027, 1, 4)),
        ("I'll be back on Monday.", date(2026, 12, 7)),
        ("Ich bin ab dem 14.12.2026 wieder erreichbar.", FOURTEENTH),
        ("Ich bin bis 14.12. nicht im Büro.", FOURTEENTH),
        ("Ich bin vom 1. bis 14. Dezember im Urlaub.", FOURTEENTH),
        ("Je suis absent jusqu'au 14 décembre inclus.", FOURTEENTH),
        ("De retour le 14/12/2026", FOURTEENTH),
        ("Estaré fuera hasta el 14 de diciembre de 2026.", FOURTEENTH),
        ("Sono fuori ufficio fino al 14 dicembre", FOURTEENTH),
        ("Voltarei no dia 14 de dezembro", FOURTEENTH),
        ("Ik ben terug op 14 december", FOURTEENTH),
        ("Sunt în concediu până la 14 decembrie 2026.", FOURTEENTH),
        ("Mă întorc pe 14.12.2026.", FOURTEENTH),
        ("Revin luni, 14 decembrie.", FOURTEENTH),
        ("تا ۲۳ آذر در مرخصی هستم.", FOURTEENTH),
        ("روز دوشنبه ۲۳ آذر ۱۴۰۵ برمی‌گردم.", FOURTEENTH),
        ("تا تاریخ ۱۴۰۵/۰۹/۲۳ در دسترس نیستم", FOURTEENTH),
        ("تا ۱۴ دسامبر نیستم", FOURTEENTH),
        ("אני בחופשה עד 14 בדצמבר.", FOURTEENTH),
        ("אחזור ב-14/12/2026", FOURTEENTH),
        ("Niko likizo hadi tarehe 14 Desemba.", FOURTEENTH),
        ("Nitarudi tarehe 14/12/2026.", FOURTEENTH),
        ("Меня не будет до 14 декабря.", FOURTEENTH),
        ("14 Aralık tarihine kadar ofis dışındayım.", None),
        ("Jestem na urlopie do 14 grudnia.", FOURTEENTH),
        ("أنا خارج المكتب حتى 14 ديسمبر", FOURTEENTH),
        ("Thank you for your mail. I am out of the office.", None),
        ("My phone is 555-12-14, call until 17:00.", None),
        ("I was back on 14 November.", None),
        ("Your order of 3 December 2026 was sent.", None),
        ("Jag är tillbaka den 14 december.", FOURTEENTH),
        ("Olen lomalla, palaan 14. joulukuuta.", FOURTEENTH),
        ("I am away until tomorrow.", None),
    ],
)
def test_the_day_of_return_is_read_in_many_languages(text, back):
    assert back_on("Out of office", text, WEDNESDAY) == back


def test_the_return_counts_more_than_the_end_of_the_absence():
    text = "I am away from 4 December until 11 December. I will be back on 14 December."

    assert back_on("Automatic reply", text, WEDNESDAY) == FOURTEENTH


def test_a_day_in_the_subject_is_enough():
    assert back_on("Abwesend bis 14.12.2026", "Vielen Dank.", WEDNESDAY) == FOURTEENTH


def test_a_day_years_away_is_not_believed():
    assert back_on("Out of office", "I am away until 14 December 2036.", WEDNESDAY) is None


def test_impossible_days_are_no_days():
    assert days_in("until 31 february, 99/99/2026, 30.30.", WEDNESDAY) == []


def test_a_long_text_is_read_in_no_time():
    text = "back on 1.1.1.1.1 december may 31 " * 40_000

    assert back_on("", text, WEDNESDAY) == date(2027, 5, 31)
