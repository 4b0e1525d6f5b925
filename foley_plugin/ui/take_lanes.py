"""The takes of one clip below each other on one time axis, to be compared, named and chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QVBoxLayout,
    QWidget,
)

from foley_plugin.qtmodels.take_list import TakeListModel
from foley_plugin.qtmodels.take_rows import TakeRow
from foley_plugin.ui.take_lane_painter import LANE_PX, LaneTime, TakeLanePainter, Waves
from foley_plugin.ui.timeline_panel import tool_button

OWN_KEYS = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Delete,
}
"""Of the list while it has the focus, though they may be commands elsewhere."""


class TakeListView(QListView):
    """Arrows choose a row, Enter puts it on the timeline, Delete moves it to the trash."""

    placed = pyqtSignal(str)
    trashed = pyqtSignal(str)
    menu_asked = pyqtSignal(QPoint)
    edit_ended = pyqtSignal()
    """A name's editor has closed; a new name is told already."""

    def __init__(self, model: TakeListModel, painter: TakeLanePainter) -> None:
        super().__init__()
        self._model, self._painter = model, painter
        self._pressed_at = QPointF()
        self.setObjectName("takes")
        self.setModel(model)
        self.setItemDelegate(painter)
        self.setAccessibleName(self.tr("Takes of this clip"))
        self.setUniformItemSizes(True)
        self.setMouseTracking(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setDefaultDropAction(Qt.DropAction.CopyAction)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self.setMinimumHeight(3 * LANE_PX // 2)
        self.clicked.connect(self._on_clicked)

    @property
    def current(self) -> TakeRow | None:
        return self._model.row_at(self.currentIndex())

    @property
    def is_editing(self) -> bool:
        return self.state() is QAbstractItemView.State.EditingState

    def set_current(self, take_id: str | None) -> None:
        index = self._model.index_of(take_id)
        if index.isValid() and index != self.currentIndex():
            selection = self.selectionModel()
            assert selection is not None
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)

    def rename_current(self) -> None:
        if self.currentIndex().isValid():
            self.edit(self.currentIndex())

    def show_heard(self, take_id: str | None) -> None:
        """While takes are compared, the one that is heard; None is the one on the timeline again."""
        self._painter.heard = take_id
        port = self.viewport()
        if port is not None:
            port.update()

    def show_playhead(self, time_s: float) -> None:
        """Only the strips around its old and new place are painted again."""
        before, port = self._painter.time, self.viewport()
        self._painter.time = LaneTime(before.in_s, before.out_s, time_s)
        if port is None:
            return
        for number in range(len(self._model.rows)):
            lane = self.visualRect(self._model.index(number))
            for each_s in (before.playhead_s, time_s):
                if before.in_s <= each_s <= before.out_s:
                    port.update(self._painter.wave_strip(lane, each_s))

    # Qt

    def closeEditor(self, editor: QWidget | None, hint: QAbstractItemDelegate.EndEditHint) -> None:
        super().closeEditor(editor, hint)
        self.edit_ended.emit()

    def event(self, event: QEvent | None) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and event.key() in OWN_KEYS
            and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        row = self.current
        if event is None or row is None:
            super().keyPressEvent(event)
            return
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                if not row.is_trashed:
                    self.placed.emit(row.take_id)
            case Qt.Key.Key_Delete:
                self.trashed.emit(row.take_id)
            case _:
                super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self._pressed_at = event.position()
        super().mousePressEvent(event)

    def keyboardSearch(self, search: str | None) -> None:
        """Letters are commands of the window, not a search in the list."""

    def _on_clicked(self, index: QModelIndex) -> None:
        row = self._model.row_at(index)
        is_on_star = self._painter.is_on_star(self.visualRect(index), self._pressed_at)
        if row is not None and not row.is_trashed and not is_on_star:
            self.placed.emit(row.take_id)

    def _on_menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if index.isValid():
            self.setCurrentIndex(index)
            port = self.viewport()
            assert port is not None
            self.menu_asked.emit(port.mapToGlobal(at))


class TakeLanes(QFrame):
    """A heading with its tools, and the list; or why there is nothing to list.

    Args:
        waves: the outline of a take's sound, or None and it comes later.
        tools: commands beside the heading.
    """

    def __init__(self, waves: Waves, tools: Sequence[QAction]) -> None:
        super().__init__()
        self.model = TakeListModel(self)
        self.painter = TakeLanePainter(waves, self)
        self.list = TakeListView(self.model, self.painter)
        self._heading = QLabel(self.tr("Takes"))
        self._heading.setObjectName("heading")
        self._none = QLabel()
        self._none.setObjectName("faint")
        self._none.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._heading_row(tools))
        column.addWidget(self._none)
        column.addWidget(self.list, stretch=1)
        column.addStretch()
        self.show_rows([], LaneTime(), "")

    def show_rows(self, rows: Sequence[TakeRow], time: LaneTime, words: str) -> None:
        """The takes, or why none are shown."""
        self.painter.time = time
        self.model.show(rows)
        self._heading.setText(self.tr("Takes ({})").format(len(rows)) if rows else self.tr("Takes"))
        self._none.setText(words)
        self._none.setVisible(not rows)
        self.list.setVisible(bool(rows))
        port = self.list.viewport()
        if port is not None:
            port.update()

    def repaint_waves(self) -> None:
        port = self.list.viewport()
        if port is not None:
            port.update()

    def _heading_row(self, tools: Sequence[QAction]) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self._heading)
        row.addStretch()
        for action in tools:
            row.addWidget(tool_button(action, 14))
        return bar
