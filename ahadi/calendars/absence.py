"""When somebody is back, as the note of their mail program says it: a day beside a word that means so."""

from __future__ import annotations

import re
from datetime import date, timedelta

from ahadi.calendars.reading import Named, days_in
from ahadi.lib.folding import fold

# What a note says is said at its beginning; quoted history follows.
LONGEST = 3_000
# Nobody is away for longer, and programs that were forgotten name years.
FARTHEST = timedelta(days=370)
# A day this many characters behind or before such a word belongs to it.
BEHIND, BEFORE = 60, 40

# A star stands for any ending.
_BACK = (
    "back|return*|in the office again|available again|reachable again|wieder|zuruck|ruckkehr|retour",
    "reprendrai|regres*|vuelvo|volvere|vuelta|torno|rientro|tornero|voltarei|retorno|terug|revin*|intorc",
    "wracam|wroce|powrot*|zpet|vratim*|vissza*|tillbaka|tilbage|tilbake|takaisin|palaan",
    "вернусь|вернуться|возвращаюсь|повернусь|donecegim|donus*|επιστρεφω|επιστρεψω",
    "برمیگرد*|بر میگرد*|باز میگرد*|بازمیگرد*|بازگشت|برگشت|ساعود|اعود|العوده",
    "אחזור|חוזר*|אשוב|שובי|חזרתי|nitarudi|nitarejea|kurudi|narudi|kembali",
)
_UNTIL = (
    "until|till|til|through|thru|bis|jusqu'au|jusqu'a|jusque|hasta|fino al|fino a|sino al|ate|tot|pana",
    "do|az|t\\.o\\.m\\.|till och med|til og med|asti|saakka|до|по|kadar|εως|μεχρι",
    "تا|لغايت|لغایت|حتی|حتي|الي|עד|hadi|mpaka|hingga|sampai",
)


def _pattern(groups: tuple[str, ...]) -> re.Pattern[str]:
    words = (fold(word).replace("*", r"\w*") for group in groups for word in group.split("|"))
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)")


BACK, UNTIL = _pattern(_BACK), _pattern(_UNTIL)
# "1 to 14 December", "from 1 December to 14 December".
_RANGE = re.compile(
    r"\s*(?:-|–|to|and|und|et|y|e|si|a|al|au|la|تا|و|עד|ועד|hadi|mpaka|по)?\s*(?:the|den|dem)?\s*"
)


def back_on(subject: str, text: str, today: date) -> date | None:
    """The day an absence note names for the return or for the end of the absence, if any."""
    folded = fold(f"{subject}\n{text[:LONGEST]}")
    days = days_in(folded, today)
    found = (
        _beside(folded, days, BACK, BEFORE)
        or _beside(folded, days, UNTIL, 0)
        or next((day for named in days if (day := _end_of_range(folded, named, days)) != named.day), None)
    )
    return found if found and today < found <= today + FARTHEST else None


def _beside(text: str, days: list[Named], words: re.Pattern[str], before: int) -> date | None:
    for word in words.finditer(text):
        behind = [named for named in days if 0 <= named.start - word.end() <= BEHIND]
        if behind and "\n\n" not in text[word.end() : behind[0].start]:
            return _end_of_range(text, behind[0], behind)
        ahead = [named for named in days if 0 <= word.start() - named.end <= before]
        if ahead and "\n" not in text[ahead[-1].end : word.start()]:
            return ahead[-1].day
    return None


def _end_of_range(text: str, first: Named, days: list[Named]) -> date:
    """The second of two days with nothing but "to" between them, else the first."""
    following = next((named for named in days if named.start >= first.end), None)
    if following and following.day > first.day and _RANGE.fullmatch(text[first.end : following.start]):
        return following.day
    return first.day
