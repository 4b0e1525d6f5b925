"""The jobs of the open cut as a list that a view shows."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtCore import QAbstractListModel, QCoreApplication, QMimeData, QModelIndex, QObject, Qt, pyqtSignal

from foley_plugin.jobs.job import Job
from foley_plugin.qtmodels.plain_tip import plain_tip
from foley_plugin.qtmodels.queue_desk import QueueDesk
from foley_plugin.qtmodels.sound_words import spoken
from foley_plugin.takes.records import JobState

JOB_ROLE = int(Qt.ItemDataRole.UserRole)
SOUND_ROLE = JOB_ROLE + 1
STATE_ROLE = JOB_ROLE + 2
JOBS_TYPE = "application/x-foley-jobs"
SECONDS_UP_TO_S = 55
MINUTES_UP_TO_S = 90 * 60


class QueueModel(QAbstractListModel):
    """Rows change in place while the same jobs are listed; another list is a reset.

    Jobs that wait can be dragged to another place among those that wait.
    """

    moved = pyqtSignal(object, int)
    """A `Job` that was dropped, and its new place among those that wait, counted from 0."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk: QueueDesk | None = None
        self._jobs: list[Job] = []

    def show_desk(self, desk: QueueDesk | None) -> None:
        self._desk = desk
        self.refresh()

    def refresh(self) -> bool:
        """Whether the list is another one than before."""
        jobs = self._desk.jobs if self._desk is not None else []
        if [id(job) for job in jobs] == [id(job) for job in self._jobs]:
            if jobs:
                self.dataChanged.emit(self.index(0), self.index(len(jobs) - 1))
            return False
        self.beginResetModel()
        self._jobs = jobs
        self.endResetModel()
        return True

    def job(self, index: QModelIndex) -> Job | None:
        return self._jobs[index.row()] if index.isValid() else None

    def index_of(self, job: Job) -> QModelIndex:
        return self.index(self._jobs.index(job)) if job in self._jobs else QModelIndex()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._jobs)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        job = self.job(index)
        if job is None:
            return Qt.ItemFlag.ItemIsDropEnabled  # between rows
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return plain | Qt.ItemFlag.ItemIsDragEnabled if job.state is JobState.QUEUED else plain

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [JOBS_TYPE]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        data = QMimeData()
        jobs = (self.job(index) for index in indexes)
        data.setData(JOBS_TYPE, " ".join(str(job.id) for job in jobs if job is not None).encode())
        return data

    def dropMimeData(
        self, data: QMimeData | None, action: Qt.DropAction, row: int, column: int, parent: QModelIndex
    ) -> bool:
        """Tells the wish alone: the queue moves its jobs, and the view must take no rows away."""
        if data is None or not data.hasFormat(JOBS_TYPE):
            return False
        wanted = {int(number) for number in bytes(data.data(JOBS_TYPE).data()).split()}
        below = self._jobs[: row if row >= 0 else len(self._jobs)]
        to = sum(job.state is JobState.QUEUED and job.id not in wanted for job in below)
        dropped = [job for job in self._jobs if job.id in wanted and job.state is JobState.QUEUED]
        for number, job in enumerate(dropped):
            self.moved.emit(job, to + number)
        return False

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        job = self.job(index)
        if job is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return job.selected.clip.name
            case Qt.ItemDataRole.AccessibleTextRole:
                words = self.tr("{}: {}, {}")
                return words.format(job.selected.clip.name, self._sound(job), self._state(job))
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(job.sentence) if job.sentence else None
            case _ if role == JOB_ROLE:
                return job
            case _ if role == SOUND_ROLE:
                return self._sound(job)
            case _ if role == STATE_ROLE:
                return self._state(job)
        return None

    def _sound(self, job: Job) -> str:
        label = job.request.label
        sound = job.request.prompt or (spoken(label) if label else self.tr("From the picture"))
        count = len(job.request.wav_paths)
        return sound if count == 1 else self.tr("{}, {} takes").format(sound, count)

    def _state(self, job: Job) -> str:
        match job.state:
            case JobState.RUNNING:
                return self.tr("{:.0%}").format(job.fraction)
            case JobState.QUEUED:
                return self.tr("Waiting")
            case JobState.FINISHED:
                return self.tr("Made")
            case JobState.FAILED:
                return self.tr("Failed")
            case JobState.CANCELLED:
                return self.tr("Cancelled")
            case _:
                return self.tr("Interrupted")


def time_left_words(left_s: float) -> str:
    """Roughly, as people say it."""
    translate = QCoreApplication.translate
    if left_s < SECONDS_UP_TO_S:
        return translate("QueueModel", "{} s left").format(max(1, round(left_s)))
    if left_s < MINUTES_UP_TO_S:
        return translate("QueueModel", "{} min left").format(max(1, round(left_s / 60)))
    return translate("QueueModel", "{:.1f} h left").format(left_s / 3600)
