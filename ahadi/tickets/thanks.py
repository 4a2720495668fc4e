"""Thanks that ask for nothing: a solved request stays solved when its customer only says thank you."""

from __future__ import annotations

import re

from ahadi.lib.folding import fold

# Longer than this says more than thanks.
MOST_WORDS = 14
# Whole phrases first, so that their words are not left over.
THANKS = (
    "thank you|thanks|thank|thx|many thanks|cheers|much appreciated|appreciated|"
    "ممنون|ممنونم|متشکرم|متشکر|مرسی|سپاس|سپاسگزارم|تشکر|خیلی ممنون|دست شما درد نکنه|دستتون درد نکنه|"
    "תודה|תודה רבה|המון תודה|"
    "multumesc|multumim|mersi|mulțumesc|multumiri|"
    "asante|asante sana|asanteni|ahsante|nashukuru|shukrani|tunashukuru"
)
BESIDE = (
    "hi hello hey dear a lot so very much you your for the all it is everything works well now great good "
    "perfect wonderful help support answer quick fast kind best regards bye have nice day weekend again and "
    "سلام از شما خیلی بسیار بابت کمک کمکتون کمکتان راهنمایی پاسخ سریع عالی درست شد حل همه چیز خوب است و "
    "روز خوش با احترام پشتیبانی لطف لطفتون لطفا "
    "שלום היי על העזרה עזרה לכם לך מאוד רבה הכל עובד מצוין יופי יום נעים טוב והתשובה המהירה תשובה מהירה ו "
    "salut buna ziua va iti pentru ajutor ajutorul tot foarte mult frumos functioneaza merge acum totul bine "
    "este perfect excelent raspuns raspunsul rapid o zi buna cu respect si "
    "habari sana kwa msaada wako wenu yote kila kitu kinafanya kazi vizuri sasa nzuri siku njema na jibu "
    "haraka"
)
# Anything that may take the thanks back.
BUT = (
    "but not no yet still however except don't doesn't didn't isn't can't won't "
    "ولی اما هنوز نه نشد نیست نمیشه نمی‌شود متاسفانه "
    "אבל לא עדיין אך "
    "dar nu inca totusi "
    "lakini bado hapana si ila haifanyi"
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+")


def _folded(words: str) -> frozenset[str]:
    return frozenset(_WORD.findall(fold(words)))


_THANKS, _BUT = _folded(THANKS.replace("|", " ")), _folded(BUT)
_BESIDE = _folded(BESIDE) - _BUT


def is_only_thanks(text: str) -> bool:
    """Nothing but thanks and kindness; in any doubt it is not."""
    if "?" in text or "؟" in text:
        return False
    words = _WORD.findall(fold(text))
    if not 0 < len(words) <= MOST_WORDS or _BUT.intersection(words):
        return False
    rest = [word for word in words if word not in _THANKS]
    # A name may stand under it, nothing else.
    unknown = [word for word in rest if word not in _BESIDE]
    return len(rest) < len(words) and len(unknown) <= 1 and not any(word.isdigit() for word in unknown)
