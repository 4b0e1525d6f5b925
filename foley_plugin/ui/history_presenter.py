"""Undo and redo in the menu: what they would do, and whether there is anything to do."""

from __future__ import annotations

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction

from foley_plugin.qtmodels.edit_history import EditHistory
from foley_plugin.ui.actions import Actions, name_in_menu


class HistoryPresenter(QObject):
    def __init__(self, history: EditHistory, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._history, self._undo, self._redo = history, actions["undo"], actions["redo"]
        self._undo.triggered.connect(history.undo)
        self._redo.triggered.connect(history.redo)
        history.changed.connect(self.show)
        self.show()

    def show(self) -> None:
        _show(self._undo, self.tr("&Undo"), self.tr("&Undo {}"), self._history.undo_words)
        _show(self._redo, self.tr("&Redo"), self.tr("&Redo {}"), self._history.redo_words)


def _show(action: QAction, verb: str, sentence: str, what: str | None) -> None:
    action.setText(sentence.format(name_in_menu(what)) if what else verb)
    action.setEnabled(what is not None)
