"""What a program owes its user beside its work: looks, keys, the model, files of late, where the window stood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QMenu

from foley_plugin.ui.appearance import AppearanceControl
from foley_plugin.ui.button_keys import ButtonKeys
from foley_plugin.ui.export_control import ExportControl
from foley_plugin.ui.keyboard_control import KeyboardControl
from foley_plugin.ui.language import LanguageControl
from foley_plugin.ui.layout_keeper import LayoutKeeper
from foley_plugin.ui.model_control import ModelControl
from foley_plugin.ui.place_keeper import PlaceKeeper
from foley_plugin.ui.recent_files import RecentFiles
from foley_plugin.ui.welcome_control import WelcomeControl

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow


class Manners(QObject):
    """Made last, when the window stands with its menus."""

    def __init__(self, window: MainWindow, submenus: dict[str, QMenu]) -> None:
        super().__init__(window)
        self.appearance = AppearanceControl(window)
        self.export_control = ExportControl(window)
        self.keyboard = KeyboardControl(window)
        self.button_keys = ButtonKeys(window)
        self.languages = LanguageControl(window, submenus["language"])
        self.models = ModelControl(window)
        self.welcome = WelcomeControl(window)
        self.recent_files = RecentFiles(window, submenus["recent"])
        self.layout_keeper = LayoutKeeper(window)
        self.place_keeper = PlaceKeeper(window)
