"""The language of the window: the system's where there is a translation, or one that was chosen; from the next start.

`resources/i18n` holds the translations; its README tells how they are brought up to date.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMenu

from engine.errors import FoleyError
from foley_plugin.services.settings import change_settings, read_settings
from foley_plugin.ui.notice_bar import Severity

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow

TRANSLATIONS = Path(__file__).resolve().parents[2] / "resources" / "i18n"
SYSTEM = "system"
SOURCE = "en"
LANGUAGES = {SOURCE: "English", "ko": "한국어"}
"""Codes, and what each language calls itself."""


def language_to_wear(chosen: str, system: QLocale | None = None) -> str:
    """The code of the language to show; English where the system's is not among them."""
    if chosen in LANGUAGES:
        return chosen
    locale = system if system is not None else QLocale.system()
    code = QLocale.languageToCode(locale.language())
    return code if code in LANGUAGES else SOURCE


def wear_language(application: QCoreApplication, code: str) -> list[QTranslator]:
    """Translate what is made from now on, Qt's own words too; the translators, which the application keeps.

    A translation that is missing leaves English.
    """
    worn: list[QTranslator] = []
    if code == SOURCE:
        return worn
    places = (
        (f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
        (f"foley_{code}", str(TRANSLATIONS)),
    )
    for name, folder in places:
        translator = QTranslator(application)
        if translator.load(name, folder) and application.installTranslator(translator):
            worn.append(translator)
    return worn


class LanguageControl(QObject):
    """The menu of languages."""

    def __init__(self, window: MainWindow, menu: QMenu) -> None:
        super().__init__(window)
        self._window = window
        self._path = window.surroundings.settings_path
        chosen = read_settings(self._path).language
        group = QActionGroup(self)
        self.actions: list[QAction] = []
        for code, name in {SYSTEM: self.tr("As the &system"), **LANGUAGES}.items():
            action = QAction(name, menu)
            action.setObjectName(f"language_{code}")
            action.setCheckable(True)
            action.setChecked(code == chosen)
            action.triggered.connect(lambda _checked, wanted=code: self.choose(wanted))
            group.addAction(action)
            self.actions.append(action)
            menu.addAction(action)

    def choose(self, code: str) -> None:
        try:
            change_settings(self._path, language=code)
        except FoleyError as error:
            self._window.notice_bar.show_notice(error.sentence, Severity.ERROR)
            return
        words = self.tr("The language changes when foley is started the next time.")
        self._window.notice_bar.show_notice(words, Severity.INFO)
