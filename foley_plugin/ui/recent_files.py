"""The cuts that were open lately: in the menu, and on the page that is shown while none is open."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu

from engine.errors import FoleyError
from foley_plugin.qtmodels.plain_tip import plain_tip
from foley_plugin.services.settings import change_settings, read_settings
from foley_plugin.ui.actions import name_in_menu

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow

NUM_ON_EMPTY_PAGE = 5


class RecentFiles(QObject):
    def __init__(self, window: MainWindow, menu: QMenu) -> None:
        super().__init__(window)
        self._window, self._menu = window, menu
        self._path = window.surroundings.settings_path
        menu.aboutToShow.connect(self._fill)
        window.actions_["clear_recent"].triggered.connect(self.clear)
        window.session.opened.connect(self._on_opened)
        window.empty_state.recent_asked.connect(lambda path: window.file_control.open(Path(path)))
        self._fill()
        self.show()

    def show(self) -> None:
        """The list on the empty page; only what is still there."""
        there = [cut for cut in self._cuts() if Path(cut).exists()]
        self._window.empty_state.show_recent(there[:NUM_ON_EMPTY_PAGE])

    def clear(self) -> None:
        with suppress(FoleyError):
            change_settings(self._path, recent_cuts=[])
        self._fill()
        self.show()

    def _cuts(self) -> list[str]:
        return read_settings(self._path).recent_cuts

    def _fill(self) -> None:
        self._menu.clear()
        cuts = self._cuts()
        for number, cut in enumerate(cuts, 1):
            action = QAction(f"&{number % 10}  {name_in_menu(named_apart(cut, cuts))}", self._menu)
            action.setToolTip(plain_tip(cut))
            action.setEnabled(Path(cut).exists())  # a bundle is a folder
            action.triggered.connect(lambda _checked, path=cut: self._window.file_control.open(Path(path)))
            self._menu.addAction(action)
        if not cuts:
            nothing = QAction(self.tr("No timeline was opened yet"), self._menu)
            nothing.setEnabled(False)
            self._menu.addAction(nothing)
        self._menu.addSeparator()
        clear = self._window.actions_["clear_recent"]
        clear.setEnabled(bool(cuts))
        self._menu.addAction(clear)

    def _on_opened(self) -> None:
        cut = self._window.session.cut
        if cut is None:
            return
        with suppress(FoleyError):  # a list of recent files is not worth a notice
            recent = read_settings(self._path).with_recent_cut(Path(cut.path)).recent_cuts
            change_settings(self._path, recent_cuts=recent)
        self._fill()


def named_apart(cut: str, cuts: list[str]) -> str:
    """A cut's file name, with its folder where another cut of the list is called the same."""
    path = Path(cut)
    is_alone = sum(Path(other).name == path.name for other in cuts) == 1
    return path.name if is_alone else f"{path.name}  ({path.parent.name})"
