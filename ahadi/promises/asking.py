"""Whether an answer of ours asks the customer for something: only then is it their turn."""

from __future__ import annotations

import re

from ahadi.lib.folding import fold

# In the five languages: what a request to somebody is made with, where it is no question.
_WORDS = (
    "please|kindly|let (?:us|me) know|send (?:us|me)|could you|can you|need (?:your|you to)",
    "لطفا|خواهشمند|بفرستید|ارسال (?:کنید|فرمایید|بفرمایید)|اطلاع دهید|بفرمایید",
    "בבקשה|אנא|נא|שלחו|תשלחו|אשמח אם|נשמח אם",
    "va rog|va rugam|te rog|rugam|trimiteti|spuneti ne|confirmati",
    "tafadhali|naomba|tunaomba|tuma|tujulishe|nijulishe",
)
_ASKS = re.compile(r"[?؟]|(?<!\w)(?:" + "|".join(fold(words) for words in _WORDS) + r")(?!\w)")


def asks(text: str) -> bool:
    """The text holds a question or a request."""
    return bool(_ASKS.search(fold(text)))
