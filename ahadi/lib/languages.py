"""Which of the configured languages a text is written in."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from copy import copy
from functools import cache
from typing import Any

MIN_LETTERS = 3
MAX_CHARACTERS = 2_000
# Below these the answer is a guess: probability among the candidates, and letters of a text in Latin script.
SURE_PROBABILITY = 0.9
SURE_LETTERS = 12

_NOISE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[\d_]+")
_HEBREW = re.compile("[\u05d0-\u05ea]")
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff]")
# Letters that Persian has and Arabic has not.
_PERSIAN = re.compile("[پچژگکی]")
_SCRIPTS = {"he": "hebrew", "yi": "hebrew", "fa": "arabic", "ar": "arabic", "ur": "arabic", "ps": "arabic"}


def detect(text: str, among: Iterable[str]) -> tuple[str, bool]:
    """The most likely of the given codes, and whether to rely on it; an empty code when none is possible."""
    codes = list(dict.fromkeys(among))
    if not codes:
        return "", False
    sample = _NOISE.sub(" ", text[:MAX_CHARACTERS])
    letters = sum(map(str.isalpha, sample))
    if letters < MIN_LETTERS:
        return codes[0], False
    hebrew, arabic = len(_HEBREW.findall(sample)), len(_ARABIC.findall(sample))
    script = "hebrew" if hebrew * 2 > letters else "arabic" if arabic * 2 > letters else "other"
    candidates = [code for code in codes if _script(code) == script]
    if not candidates:
        return codes[0], False
    if len(candidates) == 1 and script != "other":
        return candidates[0], candidates[0] != "fa" or _is_persian(sample, arabic)
    return _classify(sample, candidates, letters)


def _script(code: str) -> str:
    return _SCRIPTS.get(_base(code), "other")


def _base(code: str) -> str:
    return re.split("[-_]", code.lower())[0]


def _is_persian(sample: str, arabic: int) -> bool:
    return arabic < 30 or bool(_PERSIAN.search(sample))


def _classify(sample: str, candidates: list[str], letters: int) -> tuple[str, bool]:
    scores = dict(_knowing(frozenset(map(_base, candidates))).rank(sample))
    known = [(float(scores[_base(code)]), code) for code in candidates if _base(code) in scores]
    if not known:
        return candidates[0], False
    known.sort(key=lambda pair: -pair[0])
    best, code = known[0]
    weight = sum(math.exp(max(score - best, -700)) for score, _ in known)
    return code, 1 / weight >= SURE_PROBABILITY and letters >= SURE_LETTERS


@cache
def _knowing(wanted: frozenset[str]) -> Any:
    """The same model for these alone: nearly all of its work is for languages that nobody asked about."""
    some = copy(_identifier())
    some.set_languages(wanted & set(some.labels))
    return some


@cache
def _identifier() -> Any:
    """The model takes 5 MB and is read with the first text, not with the program."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
