"""How letters look: mail programs read neither style sheets nor variables; each element carries its own."""

from __future__ import annotations

FONT = "font-family:'Rubik Variable',Vazirmatn,Tahoma,sans-serif"
CODE_FONT = "font-family:ui-monospace,Menlo,Consolas,monospace"
INK, SOFT, LINE, EDGE = "#17212B", "#4A5763", "#DCE1E5", "#7C8893"
PAGE, SHEET = "#F6F7F8", "#FFFFFF"

Attributes = dict[str, str | None]

# A class for the dark scheme, and the style.
TABLES = {
    "page": ("m-page", f"background:{PAGE}"),
    "sheet": ("m-sheet", f"max-width:560px;background:{SHEET};border-radius:8px"),
    "plain": ("", ""),
}
# A class, the space around, size, height of a line, colour.
BLOCKS = {
    "brand": ("m-ink", "24px 28px 0", 17, 28, f"font-weight:600;color:{INK}"),
    "words": ("m-ink", "20px 28px 0", 17, 30, f"color:{INK}"),
    "promise_label": ("", "20px 24px 0", 15, 24, "color:#FFFFFF"),
    "promise_time": ("", "2px 24px 0", 25, 36, "font-weight:500;color:#FFFFFF"),
    "promise_step": ("", "10px 24px 20px", 16, 27, "color:#FFFFFF"),
    "label": ("m-soft", "24px 28px 0", 15, 25, f"color:{SOFT}"),
    "quote": ("m-ink", "4px 28px 0", 16, 28, f"color:{INK}"),
    "foot": ("m-ink", "12px 28px 0", 16, 28, f"color:{INK}"),
    "small": ("m-soft", "12px 28px 28px", 14, 24, f"color:{SOFT}"),
}
OTHERS: dict[str, Attributes] = {
    "hidden": {"style": "display:none;max-height:0;overflow:hidden"},
    "outer": {"align": "center", "style": "padding:24px 12px"},
    "inner": {"style": "padding:20px 28px 0"},
    "button_cell": {"class": "m-edge", "style": f"border:1px solid {EDGE};border-radius:4px"},
    "button": {
        "class": "m-ink",
        "style": f"display:inline-block;padding:10px 18px;{FONT};font-size:16px;line-height:24px;"
        f"font-weight:500;color:{INK};text-decoration:none",
    },
    "rule_cell": {"style": "padding:24px 28px 0"},
    "rule": {"class": "m-line", "style": f"border-top:1px solid {LINE};font-size:0;line-height:0"},
}


def looks(direction: str, color: str) -> dict[str, Attributes]:
    """The attributes of every kind of element of a letter, for one direction of writing and one colour.

    Direction is given on each block: webmail takes it from its own page otherwise, and some programs drop
    it from styles but not from attributes. Outlook knows neither `start` nor `end`.
    """
    near = "right" if direction == "rtl" else "left"
    code = f"padding:0 28px;{CODE_FONT};font-size:22px;line-height:32px;font-weight:500;color:{INK}"
    return {
        **OTHERS,
        **{name: _table(direction, *given) for name, given in TABLES.items()},
        **{name: _block(direction, near, *given) for name, given in BLOCKS.items()},
        "promise": _table(direction, "m-promise", f"background:{color};border-radius:8px"),
        "link": {"class": "m-link", "style": f"color:{color}"},
        "logo": {"style": "display:block;border:0;max-height:48px;max-width:240px"},
        "button_table": {**_table(direction, "", ""), "width": None},
        "body": {"class": "m-page", "dir": direction, "style": f"margin:0;padding:0;background:{PAGE}"},
        "code": {"class": "m-ink", "dir": "ltr", "align": near, "style": f"{code};text-align:{near}"},
    }


def _table(direction: str, kind: str, style: str) -> Attributes:
    plain: Attributes = {"cellpadding": "0", "cellspacing": "0", "border": "0", "width": "100%"}
    return {"role": "presentation", "dir": direction, **plain, "class": kind or None, "style": style or None}


def _block(direction: str, near: str, kind: str, space: str, size: int, height: int, more: str) -> Attributes:
    type_ = f"{FONT};font-size:{size}px;line-height:{height}px"
    style = f"padding:{space};{type_};{more};text-align:{near};text-align:start"
    return {"class": kind or None, "dir": direction, "align": near, "style": style}
