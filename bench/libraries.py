"""What other libraries make of the same mails; run by the Python of an environment that has them installed.

Reads a list of {"text": …} or {"html": …} from standard input and writes {library: [answers]}; an answer is
null where the library has no such function or fails.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pl", "sv", "da", "cs", "ja", "ko", "zh", "hu", "david"]


def main() -> None:
    rows = json.load(sys.stdin)
    found = {}
    for name, load in LIBRARIES.items():
        try:
            readers = load()
        except ImportError:
            continue
        found[name] = [_answer(readers, row) for row in rows]
    json.dump(found, sys.stdout)


def _answer(readers: dict[str, Callable[[str], str]], row: dict[str, str]) -> str | None:
    kind, value = next(iter(row.items()))
    try:
        return readers[kind](value) if kind in readers else None
    except Exception:
        return None


def _mail_parser_reply() -> dict[str, Any]:
    from mailparser_reply import EmailReplyParser
    from mailparser_reply.constants import MAIL_LANGUAGES

    parser = EmailReplyParser(languages=[code for code in LANGUAGES if code in MAIL_LANGUAGES])
    return {"text": lambda text: parser.read(text).replies[0].full_body}


def _talon() -> dict[str, Any]:
    from talon import quotations

    quotations.register_xpath_extensions()
    return {"text": quotations.extract_from_plain, "html": quotations.extract_from_html}


def _email_reply_parser() -> dict[str, Any]:
    from email_reply_parser import EmailReplyParser

    return {"text": EmailReplyParser.parse_reply}


def _quotequail() -> dict[str, Any]:
    import quotequail

    return {
        "text": lambda text: "\n".join(part for is_new, part in quotequail.quote(text) if is_new),
        "html": lambda html: "\n".join(part for is_new, part in quotequail.quote_html(html) if is_new),
    }


LIBRARIES = {
    "mail-parser-reply": _mail_parser_reply,
    "talon": _talon,
    "email-reply-parser": _email_reply_parser,
    "quotequail": _quotequail,
}

if __name__ == "__main__":
    main()
