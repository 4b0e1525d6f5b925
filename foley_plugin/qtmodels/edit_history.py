"""What was changed in the project, step by step, so that it can be undone and redone."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QUndoCommand, QUndoStack

from engine.errors import FoleyError

Change = Callable[[], None]


class EditHistory(QObject):
    """Every change of the project goes through here, with what undoes it.

    A change that raises a `FoleyError` is not remembered; `failed` tells its sentence.
    """

    changed = pyqtSignal()
    failed = pyqtSignal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stack = QUndoStack(self)
        self._stack.indexChanged.connect(self.changed)
        self._ids = count(1)
        self._id_of_series: dict[object, int] = {}
        self._held: list[_Edit] = []
        """What was made by itself while something could be redone; a step now would make that impossible."""

    def do(self, words: str, redo: Change, undo: Change, *, series: object = None) -> bool:
        """Change something now; whether it could be done.

        Args:
            words: what is done, as a menu says it after “Undo”.
            series: changes of one series that follow each other are undone as one, such as nudges of one hit.
        """
        if not self._try(redo):
            return False
        self._push_held()
        number = -1 if series is None else self._id_of_series.setdefault(series, next(self._ids))
        self._stack.push(self._edit(words, redo, undo, number))
        return True

    def did(self, words: str, redo: Change, undo: Change) -> None:
        """Remember a change that was made by itself, such as a take that landed.

        Nobody has asked for it just now, so it takes nothing away that can be redone: it becomes a step when all is
        redone, or something else is done.
        """
        self._held.append(self._edit(words, redo, undo))
        if not self._stack.canRedo():
            self._push_held()

    def undo(self) -> None:
        """A step that cannot be undone stays the next one to undo."""
        self._stack.undo()
        if self._is_done(self._stack.index()):
            self._stack.redo()  # which finds it done, and only counts it again

    def redo(self) -> None:
        """A step that cannot be redone stays the next one to redo."""
        self._stack.redo()
        if self._is_done(self._stack.index() - 1) is False:
            self._stack.undo()
        if not self._stack.canRedo():
            self._push_held()

    def end_series(self) -> None:
        """What follows is a step of its own, even if it is of the same series."""
        self._id_of_series.clear()

    def clear(self) -> None:
        """Another cut: nothing of this one can be undone any more."""
        self._held.clear()
        self._stack.clear()
        self._id_of_series.clear()

    @property
    def undo_words(self) -> str | None:
        """What would be undone; None where there is nothing."""
        return self._stack.undoText() if self._stack.canUndo() else None

    @property
    def redo_words(self) -> str | None:
        return self._stack.redoText() if self._stack.canRedo() else None

    def _edit(self, words: str, redo: Change, undo: Change, number: int = -1) -> _Edit:
        return _Edit(words, lambda: self._try(redo), lambda: self._try(undo), number)

    def _is_done(self, number: int) -> bool | None:
        """Whether what a step does is done; None where there is no such step."""
        edit = self._stack.command(number)
        return edit.is_done if isinstance(edit, _Edit) else None

    def _push_held(self) -> None:
        held, self._held = self._held, []
        for edit in held:
            self._stack.push(edit)

    def _try(self, change: Change) -> bool:
        try:
            change()
        except FoleyError as error:
            self.failed.emit(error.sentence)
            return False
        return True


class _Edit(QUndoCommand):
    """One step. `redo` and `undo` say whether they could be done; where not, the step is as done as it was.

    Pushing it calls `redo` once, for a change that has been made: that call does nothing.
    """

    def __init__(self, words: str, redo: Callable[[], bool], undo: Callable[[], bool], number: int) -> None:
        super().__init__(words)
        self._redo, self._undo, self._number = redo, undo, number
        self.is_done = True

    def redo(self) -> None:
        if not self.is_done:
            self.is_done = self._redo()

    def undo(self) -> None:
        if self.is_done:
            self.is_done = not self._undo()

    def id(self) -> int:
        return self._number

    def mergeWith(self, other: QUndoCommand | None) -> bool:
        """The series goes on: its first step is what undo goes back to, its last what redo comes to."""
        assert isinstance(other, _Edit)
        self._redo = other._redo
        self.setText(other.text())
        return True
