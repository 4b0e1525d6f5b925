"""Cells that are edited in place: what is typed stays until it is kept or dropped by hand."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex
from PyQt6.QtWidgets import QStyledItemDelegate, QWidget


class KeepingDelegate(QStyledItemDelegate):
    """Fills an editor once: a row that changes meanwhile takes no letter away."""

    def setEditorData(self, editor: QWidget | None, index: QModelIndex) -> None:
        if editor is not None and editor.isHidden():  # it is filled before it is shown
            super().setEditorData(editor, index)
