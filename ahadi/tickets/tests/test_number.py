from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahadi.tickets.number import ALPHABET, find_number, new_number, read_number


def test_a_number_has_three_groups_of_letters_that_nobody_confuses():
    numbers = {new_number() for _ in range(1000)}

    assert len(numbers) == 1000
    assert all(
        re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", number) for number in numbers
    )
    assert set(ALPHABET).isdisjoint("ILOU")
    assert len(ALPHABET) == 32


@pytest.mark.parametrize(
    "typed",
    [
        "K7QF-9T2M-XR4D",
        "k7qf9t2mxr4d",
        " K7QF 9T2M XR4D ",
        "K7QF–9T2M–XR4D",
        "k7qf.9t2m.xr4d",
        "K۷QF-۹T۲M-XR۴D",
        "K٧QF-٩T٢M-XR٤D",
        "\u200eK7QF-9T2M-XR4D\u200f",
    ],
)
def test_a_number_is_read_however_it_is_typed(typed):
    assert read_number(typed) == "K7QF-9T2M-XR4D"


def test_letters_that_look_like_digits_are_heard_as_digits():
    assert read_number("OIL0-oil1-2345") == "0110-0111-2345"


@pytest.mark.parametrize(
    "typed", ["", "K7QF-9T2M", "K7QF-9T2M-XR4D-5", "U7QF-9T2M-XR4D", "é7QF-9T2M-XR4D", "\0", "-"]
)
def test_what_cannot_be_a_number_is_none(typed):
    assert read_number(typed) is None


@given(st.text())
def test_any_text_is_read_without_a_fault(text):
    number = read_number(text)

    assert number is None or read_number(number) == number


@pytest.mark.parametrize(
    "text",
    [
        "K7QF-9T2M-XR4D",
        "  #k7qf 9t2m xr4d ",
        "K7QF9T2MXR4D",
        "k7qf–9t2m–xr4d",
        "\u2066#K7QF-9T2M-XR4D\u2069",
        "Ｋ７ＱＦ－９Ｔ２Ｍ－ＸＲ４Ｄ",
        "K۷QF-۹T۲M-XR۴D",
        "https://help.example.com/r/K7QF-9T2M-XR4D/",
        "Parcel lost [#K7QF-9T2M-XR4D] again",
        "کد پیگیری من K7QF-9T2M-XR4D است",
    ],
)
def test_a_code_is_found_however_it_was_typed_or_pasted(text):
    assert find_number(text) == "K7QF-9T2M-XR4D"


@pytest.mark.parametrize("text", ["", "refund for the grinder", "the lost parcel came"])
def test_words_are_no_code(text):
    assert find_number(text) is None
