"""Whether somebody asks for a person, in words, in each of our languages: a list of phrases, read folded."""

from __future__ import annotations

import re

from ahadi.lib.folding import fold

# A word that names a person, together with one that asks, anywhere in a short message; or a whole phrase.
PEOPLE = (
    "person human agent representative operator somebody someone advisor employee staff "
    "آدم انسان شخص نفر کارشناس اپراتور پشتیبان کارمند مسئول "
    "נציג נציגה אדם אנושי מישהו בנאדם עובד "
    "om persoana uman operator operatorul coleg cineva reprezentant agent "
    "mtu binadamu mhudumu afisa wakala mwakilishi"
)
ASKING = (
    "talk speak chat want need connect transfer give get real live actual please can could let "
    "صحبت حرف می‌خواهم میخواهم میخوام می‌خوام وصل واقعی لطفا بدهید بدید "
    "לדבר רוצה צריך צריכה תעבירו תעביר אמיתי אפשר בבקשה לשוחח "
    "vorbesc vorbi vreau doresc pot real conecteaza transfera rog nevoie "
    "kuongea kuzungumza nataka naomba niunganishe halisi tafadhali nahitaji naongea"
)
WHOLE = (
    "human|agent|operator|representative|real person|not a bot|no bot|no robot|are you a robot|are you a bot|"
    "are you human|stop the bot|customer service|"
    "اپراتور|کارشناس|آدم واقعی|ربات نباش|ربات نمی‌خواهم|شما ربات هستید|تو رباتی|"
    "נציג|נציגה|נציג אנושי|בנאדם|לא בוט|לא רובוט|אתה רובוט|את רובוט|שירות לקוחות|"
    "operator|om real|persoana reala|fara robot|nu robot|esti robot|vorbesc cu robot|"
    "mtu halisi|binadamu|mhudumu|si roboti|wewe ni roboti|huduma kwa wateja"
)
# In longer messages these words tell a story.
MOST_WORDS = 16

_WORD = re.compile(r"[^\W_]+(?:\u200c[^\W_]+)*")


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


_PEOPLE, _ASKING = frozenset(_words(PEOPLE)), frozenset(_words(ASKING))
_WHOLE = [f" {' '.join(_words(phrase))} " for phrase in WHOLE.split("|") if phrase]
_LONE = {phrase.strip() for phrase in _WHOLE if " " not in phrase.strip()}
_SAYING = re.compile("|".join(re.escape(phrase) for phrase in _WHOLE if phrase.strip() not in _LONE))


def wants_person(text: str) -> bool:
    """Somebody asks for a person; in doubt they do, because a person is never wrong."""
    words = _words(text)
    if not 0 < len(words) <= MOST_WORDS:
        return False
    if " ".join(words) in _LONE:
        return True
    if _SAYING.search(f" {' '.join(words)} "):
        return True
    return bool(_PEOPLE.intersection(words) and _ASKING.intersection(words))
