"""Keeps the translations up to date; see resources/i18n/README.md.

python -m tests.panel.translations extract    strings of the sources into the .ts files; new ones are printed
python -m tests.panel.translations fill FILE  translations from a JSON file: {"context": {"source": "words"}}
python -m tests.panel.translations release    the .qm files, by Qt's lrelease
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from PyQt6.lupdate.python_source import PythonSource

from foley_plugin.ui.actions import COMMANDS
from foley_plugin.ui.language import TRANSLATIONS
from foley_plugin.ui.menus import MENUS, SUBMENUS
from foley_plugin.ui.told_sentences import CLAUSES, CONTEXT

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDERS = ("foley_plugin/ui", "foley_plugin/qtmodels")
LRELEASE_PLACES = ("lrelease", "lrelease-qt6", "/usr/lib/qt6/bin/lrelease")

SHOWING = frozenset(
    {
        "setText",
        "setToolTip",
        "setAccessibleName",
        "setPlaceholderText",
        "setWindowTitle",
        "addItem",
        "addTab",
    }
    | {"QLabel", "QPushButton", "QCheckBox", "QAction", "QToolButton", "QGroupBox", "setSpecialValueText"}
    | {"show_notice", "show_message", "addAction", "addMenu", "setTitle", "drawText", "callback"}
)
"""What takes words first and shows them."""
NAMES = frozenset({"Foley", " – Foley"})
_WORDS = re.compile(r"[A-Za-z]{2,}")

Strings = dict[str, dict[str, str]]
"""Translations by source by context; "" is not translated yet."""


def sources() -> list[Path]:
    return sorted(file for folder in FOLDERS for file in (REPOSITORY / folder).rglob("*.py"))


def extracted() -> Strings:
    """Every string of the panel, untranslated."""
    found: Strings = {}
    for file in sources():
        for context in PythonSource(filename=str(file), verbose=False).contexts:  # type: ignore[no-untyped-call]
            for message in context.messages:
                found.setdefault(context.name, {})[message.source] = ""
    found.setdefault("Actions", {}).update({command.text: "" for command in COMMANDS})
    titles = [title for title, _ in MENUS] + [title for title, _ in SUBMENUS.values()]
    found.setdefault("Menus", {}).update(dict.fromkeys(titles, ""))
    found.setdefault(CONTEXT, {}).update(dict.fromkeys(CLAUSES, ""))
    return found


def unextractable() -> Iterator[str]:
    """Calls of tr() that no tool can read: outside of a class, or not of a literal."""
    for file in sources():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        in_classes = {
            id(node) for cls in ast.walk(tree) if isinstance(cls, ast.ClassDef) for node in ast.walk(cls)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or _name_of(node.func) != "tr":
                continue
            is_literal = node.args and isinstance(node.args[0], ast.Constant)
            if not is_literal or id(node) not in in_classes:
                yield f"{file.relative_to(REPOSITORY)}:{node.lineno}"


def untranslatable() -> Iterator[str]:
    """Words that are given straight to a widget, past the translation."""
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name_of(node.func) in SHOWING:
                for words in map(_literal, node.args[:1]):
                    if _WORDS.search(words) and words not in NAMES:
                        yield f"{file.relative_to(REPOSITORY)}:{node.lineno} {words}"


def _name_of(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def _literal(node: ast.expr) -> str:
    """The fixed words of a string, f-strings too; "" of anything else."""
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_literal, node.values))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def read_ts(file: Path) -> Strings:
    read: Strings = {}
    for context in ET.parse(file).getroot().iter("context"):
        strings = read.setdefault(context.findtext("name", ""), {})
        for message in context.iter("message"):
            translation = message.find("translation")
            is_done = translation is not None and translation.get("type") is None
            strings[message.findtext("source", "")] = (translation.text or "") if is_done else ""  # type: ignore[union-attr]
    return read


def write_ts(file: Path, language: str, strings: Strings) -> None:
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    for name in sorted(strings):
        context = ET.SubElement(root, "context")
        ET.SubElement(context, "name").text = name
        for source in sorted(strings[name]):
            message = ET.SubElement(context, "message")
            ET.SubElement(message, "source").text = source
            translation = ET.SubElement(message, "translation")
            translation.text = strings[name][source]
            if not translation.text:
                translation.set("type", "unfinished")
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    file.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")


def files() -> list[Path]:
    return sorted(TRANSLATIONS.glob("foley_*.ts"))


def extract() -> None:
    """Strings that are gone go; those of another context lend their words to a new one."""
    for file in files():
        known = read_ts(file)
        anywhere = {source: words for strings in known.values() for source, words in strings.items() if words}
        fresh = {
            name: {source: known.get(name, {}).get(source) or anywhere.get(source, "") for source in strings}
            for name, strings in extracted().items()
        }
        write_ts(file, file.stem.removeprefix("foley_"), fresh)
        missing = {name: {s: w for s, w in strings.items() if not w} for name, strings in fresh.items()}
        print(
            json.dumps({name: each for name, each in missing.items() if each}, ensure_ascii=False, indent=1)
        )


def fill(given: Path) -> None:
    words: Strings = json.loads(given.read_text(encoding="utf-8"))
    for file in files():
        strings = read_ts(file)
        for name, each in words.items():
            for source, translated in each.items():
                if source in strings.get(name, {}):
                    strings[name][source] = translated
        write_ts(file, file.stem.removeprefix("foley_"), strings)


def release() -> None:
    tool = next((found for place in LRELEASE_PLACES if (found := shutil.which(place))), None)
    if tool is None:
        sys.exit("lrelease is missing; on Debian or Ubuntu: apt-get install qt6-l10n-tools")
    for file in files():
        subprocess.run([tool, "-silent", str(file), "-qm", str(file.with_suffix(".qm"))], check=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["extract"]:
            extract()
        case ["fill", name]:
            fill(Path(name))
        case ["release"]:
            release()
        case _:
            sys.exit(__doc__)
