"""The editor's own keys: read at the start, changed in a dialog, kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, Qt

from engine.errors import FoleyError
from foley_plugin.qtmodels.key_map import KeyMap
from foley_plugin.services.settings import change_settings, read_settings
from foley_plugin.ui.actions import COMMANDS
from foley_plugin.ui.notice_bar import Severity

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow
    from foley_plugin.ui.shortcuts_dialog import ShortcutsDialog


class KeyboardControl(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._path = window.surroundings.settings_path
        self.dialog: ShortcutsDialog | None = None
        changed = read_settings(self._path).shortcuts
        if changed:
            defaults = {command.name: command.keys for command in COMMANDS}
            window.actions_.use_keys(KeyMap(defaults, changed))
        window.actions_["shortcuts"].triggered.connect(self.show)

    def show(self) -> None:
        from foley_plugin.ui.shortcuts_dialog import ShortcutsDialog  # here, since it is not needed to start

        if self.dialog is None:
            self.dialog = ShortcutsDialog(self._window.actions_, self._window)
            self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.dialog.changed.connect(self._on_changed)
            self.dialog.finished.connect(self._on_finished)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _on_changed(self, key_map: KeyMap) -> None:
        self._window.actions_.use_keys(key_map)
        try:
            change_settings(self._path, shortcuts=key_map.stored)
        except FoleyError as error:  # keys that are gone tomorrow are worth a word
            self._window.notice_bar.show_notice(error.sentence, Severity.ERROR)

    def _on_finished(self) -> None:
        self.dialog = None
