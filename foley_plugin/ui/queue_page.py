"""The queue: what is being made, what waits and in which order, and what has ended."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QModelIndex, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QPainter
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from foley_plugin.jobs.job import Job
from foley_plugin.qtmodels.clip_status import ClipState, ClipStatus
from foley_plugin.qtmodels.queue_model import JOB_ROLE, SOUND_ROLE, STATE_ROLE, QueueModel
from foley_plugin.takes.records import JobState
from foley_plugin.ui import theme
from foley_plugin.ui.status_marks import MARK_PX, paint_mark

ROW_PX = 44
MARK_ROOM_PX = 26
BAR_PX = 3
KEYS = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Return, Qt.Key.Key_Enter}
CANCEL_KEYS = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}
MOVE_KEYS = {Qt.Key.Key_Up, Qt.Key.Key_Down}
_KEYS = Qt.KeyboardModifier

MARKS = {
    JobState.QUEUED: ClipState.QUEUED,
    JobState.RUNNING: ClipState.GENERATING,
    JobState.FINISHED: ClipState.DONE,
    JobState.FAILED: ClipState.FAILED,
    JobState.CANCELLED: ClipState.CANNOT,
    JobState.INTERRUPTED: ClipState.CHECKING,
}


class QueuePage(QFrame):
    pause_asked = pyqtSignal(bool)

    def __init__(self, model: QueueModel) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.list = QueueView(model)
        self._summary = QLabel()
        self._summary.setObjectName("dim")
        self._nothing = QLabel(self.tr("Nothing waits. Select clips and press G to make foley for them."))
        self._nothing.setObjectName("faint")
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.pause_button = QPushButton(self.tr("Pause"))
        self.pause_button.setCheckable(True)
        self.pause_button.setToolTip(
            self.tr("What runs is made to its end; nothing else begins until you go on")
        )
        self.pause_button.clicked.connect(self.pause_asked)
        self.again_button = QPushButton(self.tr("Again"))
        self.again_button.setToolTip(
            self.tr("Make the selected jobs that failed or were cancelled again (R)")
        )
        self.again_button.clicked.connect(lambda: self.list.again_asked.emit(self.list.selected_jobs()))
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.setToolTip(self.tr("Cancel the selected jobs, or take them off this list (Del)"))
        self.cancel_button.clicked.connect(lambda: self.list.cancel_asked.emit(self.list.selected_jobs()))
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.pause_button, self.again_button, self.cancel_button):
            buttons.addWidget(button)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addWidget(self._summary)
        column.addWidget(self._nothing, stretch=1)
        column.addWidget(self.list, stretch=1)
        column.addLayout(buttons)
        self.show_state(words="", is_paused=False, has_jobs=False)

    def show_state(self, *, words: str, is_paused: bool, has_jobs: bool) -> None:
        self._summary.setText(words)
        self._summary.setVisible(bool(words))
        self.pause_button.setChecked(is_paused)
        self.pause_button.setText(self.tr("Go on") if is_paused else self.tr("Pause"))
        self._nothing.setVisible(not has_jobs)
        self.list.setVisible(has_jobs)
        self.show_selection()

    def show_selection(self) -> None:
        jobs = self.list.selected_jobs()
        self.again_button.setEnabled(any(can_be_made_again(job) for job in jobs))
        self.cancel_button.setEnabled(bool(jobs))
        self.cancel_button.setText(
            self.tr("Remove") if jobs and not any(job.is_open for job in jobs) else self.tr("Cancel")
        )


class QueueView(QListView):
    """Del cancels, Alt with the arrows reorders, R makes again, Enter shows the clip."""

    cancel_asked = pyqtSignal(list)
    again_asked = pyqtSignal(list)
    move_asked = pyqtSignal(object, int)
    forget_asked = pyqtSignal()
    """Those that are over shall be listed no more."""
    show_asked = pyqtSignal(object)
    selection_changed = pyqtSignal()

    def __init__(self, model: QueueModel) -> None:
        super().__init__()
        self._jobs = model
        self._kept: list[Job] = []
        self._kept_row = -1
        self.setModel(model)
        self.setObjectName("jobs")
        self.setAccessibleName(self.tr("Jobs"))
        self.setAccessibleDescription(
            self.tr(
                "Delete cancels a job, Alt with the arrows moves it, R makes it again, Enter shows its clip"
            )
        )
        self.setItemDelegate(_JobDelegate(self))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.doubleClicked.connect(self._on_double_click)
        model.modelAboutToBeReset.connect(self._keep_selection)
        model.modelReset.connect(self._restore_selection)
        selection = self.selectionModel()
        assert selection is not None
        selection.selectionChanged.connect(lambda: self.selection_changed.emit())

    def selected_jobs(self) -> list[Job]:
        rows = sorted(self.selectedIndexes(), key=lambda index: index.row())
        return [job for job in map(self._jobs.job, rows) if job is not None]

    def menu(self) -> QMenu:
        """What the right mouse button offers for the selected jobs."""
        jobs = self.selected_jobs()
        menu = QMenu(self)
        one = jobs[0] if len(jobs) == 1 else None
        entries = (
            (self.tr("Show the clip\tEnter"), one is not None, lambda: self.show_asked.emit(one)),
            (self.tr("Earlier\tAlt+Up"), _waits(one), lambda: self.move_asked.emit(one, -1)),
            (self.tr("Later\tAlt+Down"), _waits(one), lambda: self.move_asked.emit(one, 1)),
            (
                self.tr("Make again\tR"),
                any(map(can_be_made_again, jobs)),
                lambda: self.again_asked.emit(jobs),
            ),
            (self.tr("Cancel or remove\tDel"), bool(jobs), lambda: self.cancel_asked.emit(jobs)),
            (self.tr("Remove all that are over"), self._has_ended(), lambda: self.forget_asked.emit()),
        )
        for words, is_able, act in entries:
            action = menu.addAction(words)
            assert action is not None
            action.setEnabled(is_able)
            action.triggered.connect(act)
        return menu

    def _has_ended(self) -> bool:
        jobs = (self._jobs.job(self._jobs.index(row)) for row in range(self._jobs.rowCount()))
        return any(job is not None and not job.is_open for job in jobs)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        assert event is not None
        self.menu().popup(event.globalPos())

    def event(self, event: QEvent | None) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and _is_of_the_list(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        jobs, key = self.selected_jobs(), event.key()
        held = event.modifiers() & ~_KEYS.KeypadModifier
        has_alt = held == _KEYS.AltModifier
        if key in CANCEL_KEYS and jobs and not held:
            self.cancel_asked.emit(jobs)
        elif key == Qt.Key.Key_R and jobs and not held:
            self.again_asked.emit(jobs)
        elif has_alt and key in MOVE_KEYS:
            if len(jobs) == 1:
                self.move_asked.emit(jobs[0], -1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and jobs:
            self.show_asked.emit(jobs[0])
        else:
            super().keyPressEvent(event)

    def _on_double_click(self, index: QModelIndex) -> None:
        self.show_asked.emit(self._jobs.job(index))

    def select_jobs(self, jobs: Sequence[Job]) -> None:
        indexes = [index for index in map(self._jobs.index_of, jobs) if index.isValid()]
        selection = self.selectionModel()
        assert selection is not None
        selection.clearSelection()
        if indexes:
            selection.setCurrentIndex(indexes[0], selection.SelectionFlag.NoUpdate)
        for index in indexes:
            selection.select(index, selection.SelectionFlag.Select)

    def _keep_selection(self) -> None:
        self._kept, self._kept_row = self.selected_jobs(), self.currentIndex().row()

    def _restore_selection(self) -> None:
        """The same jobs; where they are gone, the one that stands in their place now."""
        kept = [job for job in self._kept if self._jobs.index_of(job).isValid()]
        if self._kept and not kept:
            place = self._jobs.index(min(self._kept_row, self._jobs.rowCount() - 1))
            neighbour = self._jobs.job(place)
            kept = [] if neighbour is None else [neighbour]
        self.select_jobs(kept)


class _JobDelegate(QStyledItemDelegate):
    """Two lines: mark, clip and state; sound, and a bar while it is made."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(0, ROW_PX)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        job = index.data(JOB_ROLE)
        if painter is None or not isinstance(job, Job):
            return
        worn, box = theme.palette(), option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, QColor(worn.line_soft))
        mark = QRectF(box.left() + 8, box.top() + 8, MARK_PX, MARK_PX)
        paint_mark(painter, mark, ClipStatus(MARKS[job.state], job.fraction))
        upper = box.adjusted(MARK_ROOM_PX, 4, -8, -box.height() // 2)
        lower = box.adjusted(MARK_ROOM_PX, box.height() // 2 - 2, -8, -4)
        is_over = job.state in (JobState.FINISHED, JobState.CANCELLED)
        _line(painter, upper.toRectF(), index.data(), str(index.data(STATE_ROLE)), not is_over)
        painter.setPen(QColor(worn.text_dim))
        painter.setFont(theme.ui_font(11))
        words = str(job.sentence or index.data(SOUND_ROLE))
        elided = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, lower.width())
        painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, elided)
        if job.state is JobState.RUNNING:
            track = QRectF(upper.left(), box.bottom() - BAR_PX - 1, upper.width(), BAR_PX)
            painter.fillRect(track, QColor(worn.line))
            track.setWidth(track.width() * job.fraction)
            painter.fillRect(track, QColor(worn.accent))
        painter.restore()


def _line(painter: QPainter, box: QRectF, name: str, state: str, is_open: bool) -> None:
    """The clip's name, and at the line's end how its job stands."""
    worn = theme.palette()
    centre = Qt.AlignmentFlag.AlignVCenter
    painter.setFont(theme.ui_font(11))
    painter.setPen(QColor(worn.text_dim))
    painter.drawText(box, centre | Qt.AlignmentFlag.AlignRight, state)
    box.setRight(box.right() - painter.fontMetrics().horizontalAdvance(state) - 10)
    painter.setFont(theme.ui_font())
    painter.setPen(QColor(worn.text if is_open else worn.text_dim))
    elided = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.drawText(box, centre, elided)


def _is_of_the_list(event: QKeyEvent) -> bool:
    """Whether a key works within the list, though it may be a command elsewhere: Ctrl+Up makes hits stronger."""
    key, held = event.key(), event.modifiers() & ~_KEYS.KeypadModifier
    if key == Qt.Key.Key_R or key in CANCEL_KEYS:
        return not held
    if key in MOVE_KEYS and held == _KEYS.AltModifier:
        return True
    return key in KEYS and not held & ~_KEYS.ShiftModifier


def can_be_made_again(job: Job) -> bool:
    return job.state in (JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED)


def _waits(job: Job | None) -> bool:
    return job is not None and job.state is JobState.QUEUED
