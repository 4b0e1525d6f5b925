"""The Korean translation is whole, in step with the sources, and shown with letters that are there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QLocale, QTranslator
from PyQt6.QtGui import QFontDatabase, QFontMetrics
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from foley_plugin.services.settings import read_settings
from foley_plugin.ui.language import LANGUAGES, SOURCE, TRANSLATIONS, language_to_wear, wear_language
from foley_plugin.ui.main_window import MainWindow
from tests.panel.pseudo_locale import cut_off
from tests.panel.translations import Strings, extracted, read_ts, unextractable, untranslatable

OpenPanel = Callable[..., MainWindow]
WAIT_MS = 60_000
MEND = "see resources/i18n/README.md"
CODES = [code for code in LANGUAGES if code != SOURCE]
_PLACEHOLDER = re.compile(r"\{[^}]*\}")


@pytest.fixture(params=CODES)
def translated(request: pytest.FixtureRequest) -> Strings:
    return read_ts(TRANSLATIONS / f"foley_{request.param}.ts")


@pytest.fixture
def korean() -> Iterator[None]:
    application = QApplication.instance()
    assert application is not None
    worn = wear_language(application, "ko")
    assert len(worn) == 2
    yield
    for translator in worn:
        application.removeTranslator(translator)


def each(strings: Strings) -> Iterator[tuple[str, str, str]]:
    for context, pairs in strings.items():
        for source, words in pairs.items():
            yield context, source, words


def test_every_string_can_be_found_by_the_tool() -> None:
    assert list(unextractable()) == []


def test_no_words_are_shown_that_cannot_be_translated() -> None:
    assert list(untranslatable()) == []


def test_every_string_is_translated_and_none_is_left_over(translated: Strings) -> None:
    wanted = {(context, source) for context, source, _ in each(extracted())}
    found = {(context, source) for context, source, words in each(translated) if words}
    assert sorted(wanted - found) == [], MEND
    assert sorted(found - wanted) == [], MEND


def test_placeholders_and_marks_of_menus_survive(translated: Strings) -> None:
    for context, source, words in each(translated):
        assert sorted(_PLACEHOLDER.findall(words)) == sorted(_PLACEHOLDER.findall(source)), (context, source)
        assert words.count("&") == source.count("&"), (context, source)
        assert words.endswith("…") == source.endswith("…"), (context, source)


@pytest.mark.parametrize("code", CODES)
def test_what_is_loaded_is_in_step_with_what_was_translated(code: str, qapp: QApplication) -> None:
    translator = QTranslator()
    assert translator.load(f"foley_{code}", str(TRANSLATIONS))
    qapp.installTranslator(translator)
    try:
        for context, source, words in each(read_ts(TRANSLATIONS / f"foley_{code}.ts")):
            assert qapp.translate(context, source) == words, (context, source, MEND)
    finally:
        qapp.removeTranslator(translator)


def test_the_language_is_the_systems_or_the_chosen_one() -> None:
    assert language_to_wear("system", QLocale("ko_KR")) == "ko"
    assert language_to_wear("system", QLocale("de_DE")) == SOURCE
    assert language_to_wear("ko", QLocale("de_DE")) == "ko"
    assert language_to_wear("en", QLocale("ko_KR")) == SOURCE
    assert language_to_wear("xx", QLocale("ko_KR")) == "ko"


def test_the_window_speaks_korean_and_has_room_for_it(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot, korean: None
) -> None:
    window = open_panel()
    window.resize(1280, 720)
    assert window.empty_state.open_button.text() == "타임라인 열기…"
    assert window.actions_.words("generate") == "폴리 생성"
    QApplication.processEvents()
    assert list(cut_off(window)) == []
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.file_control.open(cut_path)
    QApplication.processEvents()
    assert list(cut_off(window)) == []
    next(action for action in window.manners.languages.actions if action.text() == "한국어").trigger()
    assert read_settings(tmp_path / "settings.json").language == "ko"


def test_there_are_letters_for_korean() -> None:
    systems = QFontDatabase.WritingSystem.Korean
    if not QFontDatabase.families(systems):
        pytest.skip("no font has Korean letters; on Debian or Ubuntu: apt-get install fonts-nanum")
    metrics = QFontMetrics(QApplication.font())
    assert metrics.horizontalAdvance("폴리") > metrics.horizontalAdvance("i")
