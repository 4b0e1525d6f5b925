"""Dark, light, or as the system is: chosen in the menu, worn at once, remembered."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QActionGroup, QGuiApplication
from PyQt6.QtWidgets import QApplication, QWidget

from engine.errors import FoleyError
from foley_plugin.services.settings import change_settings, read_settings
from foley_plugin.ui import theme
from foley_plugin.ui.palette import Scheme

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow


class Appearance(StrEnum):
    DARK = "dark"
    LIGHT = "light"
    SYSTEM = "system"


def stored_appearance(settings_path: Path | None) -> Appearance:
    """What was chosen; dark where that is not known."""
    name = read_settings(settings_path).appearance
    return Appearance(name) if name in list(Appearance) else Appearance.DARK


def scheme_of(appearance: Appearance) -> Scheme:
    """The palette to wear; a system that does not say is taken for dark, as a dim room."""
    if appearance is not Appearance.SYSTEM:
        return Scheme(appearance.value)
    hints = QGuiApplication.styleHints()
    is_light = hints is not None and hints.colorScheme() is Qt.ColorScheme.Light
    return Scheme.LIGHT if is_light else Scheme.DARK


class AppearanceControl(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._path = window.surroundings.settings_path
        self._appearance = stored_appearance(self._path)
        group = QActionGroup(self)
        for appearance in Appearance:
            action = window.actions_[f"look_{appearance}"]
            action.setCheckable(True)
            action.setChecked(appearance is self._appearance)
            group.addAction(action)
            action.triggered.connect(lambda _checked, chosen=appearance: self.choose(chosen))
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._on_system)

    def choose(self, appearance: Appearance) -> None:
        self._appearance = appearance
        self._wear(scheme_of(appearance))
        with suppress(FoleyError):  # it is worn all the same
            change_settings(self._path, appearance=appearance.value)

    def _on_system(self) -> None:
        if self._appearance is Appearance.SYSTEM:
            self._wear(scheme_of(self._appearance))

    def _wear(self, scheme: Scheme) -> None:
        application = QApplication.instance()
        if not isinstance(application, QApplication) or theme.palette().scheme is scheme:
            return
        theme.apply_theme(application, scheme)
        for widget in self._window.findChildren(QWidget):
            widget.update()
