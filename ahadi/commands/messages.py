"""Bring the translations up to date with the texts in the code; `--check` only lists what is missing."""

from __future__ import annotations

import io
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from ahadi.lib.environment import ROOT

NEEDS_SETTINGS = False
# Django's names beside those that Babel knows; the suffix says which arguments hold the text and its context.
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "__": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def add_arguments(parser: ArgumentParser) -> None:
    """Whether only to look."""
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when a text is missing")
    parser.add_argument("--add", metavar="CODE", help="begin a new language")


def run(arguments: Namespace) -> int:
    """Update the files of every language, or list what they lack."""
    template = extract()
    if arguments.add:
        _begin(arguments.add)
    missing = 0
    for path in files():
        catalog = _read(path)
        if not arguments.check:
            _update(path, catalog, template)
        for line in lacks(catalog, template):
            print(f"{path.relative_to(ROOT)}: {line}")
            missing += 1
    print(f"{len(template)} texts in {len(files())} languages; {missing} missing.")
    return 1 if arguments.check and missing else 0


def files() -> list[Path]:
    """The file of each language."""
    return sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))


def extract() -> Catalog:
    """Every text that is marked for translation in the code and the templates."""
    with (ROOT / "babel.cfg").open() as lines:
        methods, options = parse_mapping_cfg(lines)  # type: ignore[no-untyped-call]
    template = Catalog(project="Ahadi")
    found = extract_from_dir(
        ROOT / "ahadi",
        [(pattern.removeprefix("ahadi/"), method) for pattern, method in methods],
        {pattern.removeprefix("ahadi/"): option for pattern, option in options.items()},
        keywords=KEYWORDS,
        comment_tags=["Translators:"],
        strip_comment_tags=True,
    )
    for path, _line, text, comments, context in found:
        # Without line numbers a moved line changes no translation file.
        template.add(text, None, [(f"ahadi/{path}", None)], auto_comments=comments, context=context)  # type: ignore[list-item]
    return template


def lacks(catalog: Catalog, template: Catalog) -> Iterator[str]:
    """What a language lacks, a line for each text."""
    for message in template:
        if not message.id:
            continue
        translated = catalog.get(_key(message), message.context)
        if translated is None:
            yield f"not there: {_key(message)!r}"
        elif translated.fuzzy:
            yield f"unsure (fuzzy): {_key(message)!r}"
        elif not _is_whole(translated):
            yield f"not translated: {_key(message)!r}"


def _begin(code: str) -> None:
    path = ROOT / "locale" / code / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with path.open("wb") as lines:
            write_po(lines, Catalog(locale=code, project="Ahadi", fuzzy=False))


def _is_whole(message: Message) -> bool:
    texts = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return all(texts)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _read(path: Path) -> Catalog:
    with path.open("rb") as lines:
        return read_po(lines, locale=path.parts[-3])


def _update(path: Path, catalog: Catalog, template: Catalog) -> None:
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    content = io.BytesIO()
    write_po(content, catalog, width=100, sort_by_file=True, omit_header=False)
    if content.getvalue() != path.read_bytes():
        path.write_bytes(content.getvalue())
