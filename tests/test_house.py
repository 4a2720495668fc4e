"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ahadi.lib.environment import ROOT

LONGEST_FUNCTION = 40
LONGEST_FILE = 400
VAGUE_MODULES = {"services", "utils", "util", "helpers", "common", "managers", "manager", "misc"}
VAGUE_NAMES = re.compile(r"(?:do_|get_)|.*_impl$")
# Names that a library looks for.
CALLED_BY_LIBRARIES = {
    "get_by_natural_key", "get_queryset", "get_context_data", "get_absolute_url", "get_login_redirect_url",
    "get_openapi_operation_id", "get_model_class", "get_new_connection",
    "get_client_ip", "get_from_email", "get_prep_value", "get_internal_type", "get_form_kwargs",
    "get_window_stats", "get_expiry",
}  # fmt: skip
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right)"
    r"|(?:left|right)\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right)"
    r"|border-(?:top|bottom)-(?:left|right)-radius)"
)


def sources() -> list[Path]:
    """Every Python file of the product except migrations."""
    return [path for path in sorted((ROOT / "ahadi").rglob("*.py")) if "migrations" not in path.parts]


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def test_no_function_is_longer_than_a_screen():
    long = [place for place, node in functions() if node.end_lineno - node.lineno >= LONGEST_FUNCTION]

    assert long == []


def test_no_file_is_longer_than_400_lines():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources()}

    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_modules_and_functions_are_named_for_what_they_are():
    modules = [
        str(path.relative_to(ROOT)) for path in sources() if VAGUE_MODULES & {path.stem, path.parent.name}
    ]
    names = [
        place
        for place, node in functions()
        if VAGUE_NAMES.fullmatch(node.name) or node.name.startswith(("do_", "get_"))
        if node.name not in CALLED_BY_LIBRARIES
    ]

    assert modules == []
    assert names == []


def test_automatic_texts_are_written_in_one_place():
    """What asks no restraint cannot be restrained."""
    product = [path for path in sources() if "tests" not in path.parts]

    said = [
        path.name
        for path in product
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Said")
        if (words := {word.arg: ast.unparse(word.value) for word in node.keywords}).get("automatic") == "True"
        if words.get("kind", "").endswith("Kind.REPLY")
    ]

    # By mail, and in a live talk. The letter of a complaint that no mail can bring waits on its page.
    assert sorted(said) == ["complaining.py", "notices.py", "speaking.py"]


def test_styles_know_no_left_and_right():
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in (ROOT / "ahadi").rglob("*.css")
        for match in PHYSICAL.finditer(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL))
    ]

    assert found == []


def test_nothing_is_declared_safe_by_hand():
    found = [
        str(path.relative_to(ROOT))
        for path in [*sources(), *(ROOT / "ahadi").rglob("*.html")]
        if "tests" not in path.parts
        if re.search(r"\bmark_safe\b|\|\s*safe\b|\bSafeString\(", path.read_text())
    ]

    assert found == []


def test_templates_hold_no_inline_style_and_no_handler():
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in (ROOT / "ahadi").rglob("*.html")
        for match in re.finditer(r"<[^>{]*\s(?:style|on[a-z]+)=", path.read_text())
    ]

    assert found == []


def test_every_language_has_a_file_of_translations():
    from django.conf import settings

    codes = [code for code, _name in settings.LANGUAGES if code != "en"]

    assert [code for code in codes if not (ROOT / f"locale/{code}/LC_MESSAGES/django.po").exists()] == []


def test_texts_are_translated_whole_and_never_put_together():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in {"_", "gettext", "gettext_lazy"}
        if node.args and not isinstance(node.args[0], ast.Constant)
    ]

    assert [place for place in found if "tests" not in place] == []
