"""How well mail is read: counts what is right in every set of the shared material and prints a table.

    .venv/bin/python -m bench.reading [--libraries /tmp/others/bin/python] [--unseen FOLDER] [--missed]

`--libraries` names the Python of an environment in which other libraries are installed (mail-parser-reply,
talon, email-reply-parser, quotequail); they are given the same mails in the same run. `--unseen` names a
folder with further public collections: see docs/reference/mail.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ahadi.lib import html
from ahadi.lib.mail import new_html, new_text
from bench import reading_sets
from bench.reading_sets import Case, Counted

OURS = "Ahadi"


@dataclass
class Row:
    """One line of the table: how many of how many are right, by whom."""

    name: str
    total: int
    right: dict[str, int]


def main() -> None:
    """Count and print."""
    arguments = _read()
    counted = list(reading_sets.counted(arguments.shared, arguments.unseen))
    cases = list(reading_sets.cases(arguments.shared, arguments.unseen))
    answers = {OURS: [_ours(case) for case in cases], **_others(arguments.libraries, cases)}
    rows = [*_rows_of(counted), *_rows(cases, answers)]
    names = list(answers)
    print("| set | cases | " + " | ".join(names) + " |\n|---|---:|" + "---:|" * len(names))
    for row in rows:
        print(f"| {row.name} | {row.total} | " + " | ".join(_shown(row, name) for name in names) + " |")
    if arguments.missed:
        _print_missed(cases, answers[OURS], counted)


def _read() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.reading", description="Counts how well mail is read.")
    parser.add_argument("--shared", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--libraries", metavar="PYTHON", help="the Python that has the other libraries")
    parser.add_argument("--unseen", type=Path, metavar="FOLDER", help="further collections")
    parser.add_argument("--missed", action="store_true", help="name what is not right")
    return parser.parse_args()


def _ours(case: Case) -> str:
    return html.to_text(new_html(case.html)) if case.html else new_text(case.text)


def _others(python: str | None, cases: list[Case]) -> dict[str, list[str]]:
    if not python:
        return {}
    given = json.dumps([{"html": case.html} if case.html else {"text": case.text} for case in cases])
    command = [python, str(Path(__file__).with_name("libraries.py"))]
    told = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    found: dict[str, list[str | None]] = json.loads(told.stdout)
    return {
        name: [
            html.to_text(answer) if answer and case.html else answer or ""
            for answer, case in zip(answers, cases, strict=True)
        ]
        for name, answers in found.items()
    }


def _rows_of(counted: Iterable[Counted]) -> list[Row]:
    return [Row(group.name, group.total, {OURS: group.total - len(group.missed)}) for group in counted]


def _rows(cases: list[Case], answers: dict[str, list[str]]) -> list[Row]:
    rows: dict[str, Row] = {}
    for number, case in enumerate(cases):
        row = rows.setdefault(case.group, Row(case.group, 0, dict.fromkeys(answers, 0)))
        row.total += 1
        for name, given in answers.items():
            row.right[name] += case.judge(given[number])
    return list(rows.values())


def _shown(row: Row, name: str) -> str:
    if name not in row.right:
        return ""
    share = 100 * row.right[name] / row.total if row.total else 0
    return f"{row.right[name]} ({share:.1f} %)"


def _print_missed(cases: list[Case], ours: list[str], counted: list[Counted]) -> None:
    for group in counted:
        for missed in group.missed:
            print(f"- {group.name}: {missed}")
    for case, answer in zip(cases, ours, strict=True):
        if not case.judge(answer):
            print(f"- {case.group}: {case.name}: {answer[-150:]!r}")


if __name__ == "__main__":
    main()
