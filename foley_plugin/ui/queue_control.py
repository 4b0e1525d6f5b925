"""The queue's page and its tab, the notice when a long job ends, and the offer of what a crash interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QApplication

from foley_plugin.jobs.job import Job
from foley_plugin.qtmodels.lanes import clip_key, seconds
from foley_plugin.qtmodels.queue_desk import QueueDesk
from foley_plugin.qtmodels.queue_model import QueueModel, time_left_words
from foley_plugin.takes.records import JobState
from foley_plugin.ui.notice_bar import Severity
from foley_plugin.ui.panel_words import in_the_panel
from foley_plugin.ui.queue_page import QueuePage

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow

LONG_S = 20.0
"""Who waits longer has turned to something else."""

SETTLES_MS = 50
PAGE = "queue"


class QueueControl(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self.long_s = LONG_S
        self._began_s: float | None = None
        self._over_before: set[Job] = set()
        self._stopped: tuple[Path, str] | None = None
        """The cut whose jobs were stopped by the one that is being opened, and what is to be said of that."""
        self.model = QueueModel(self)
        self.page = QueuePage(self.model)
        window.workspace.side_pages.add_page(PAGE, self.tr("Queue"), self.page)
        window.actions_["queue_page"].triggered.connect(lambda: window.workspace.side_pages.enter_page(PAGE))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLES_MS)
        self._timer.timeout.connect(self.show)
        view = self.page.list
        view.cancel_asked.connect(lambda jobs: self._with_queue(lambda queue: queue.cancel(jobs)))
        view.again_asked.connect(self.make_again)
        view.move_asked.connect(lambda job, by: self._with_queue(lambda queue: queue.move(job, by)))
        view.forget_asked.connect(lambda: self._with_queue(QueueDesk.forget_ended))
        self.model.moved.connect(lambda job, to: self._with_queue(lambda queue: queue.move_to(job, to)))
        view.show_asked.connect(self.show_clip)
        view.selection_changed.connect(self.page.show_selection)
        self.page.pause_asked.connect(lambda on: self._with_queue(lambda queue: queue.set_paused(on)))
        window.actions_["pause_jobs"].triggered.connect(
            lambda: self._with_queue(lambda queue: queue.set_paused(not queue.is_paused))
        )
        self._session.shown.connect(self._on_shown)
        self._session.work_stopped.connect(self._on_stopped)
        self._session.opened.connect(self._on_opened)
        self._session.work_changed.connect(self._on_work)

    def _with_queue(self, act: Callable[[QueueDesk], None]) -> None:
        if self._session.queue is not None:
            act(self._session.queue)

    def make_again(self, jobs: list[Job]) -> None:
        """New jobs for those that failed or were cancelled; they are what is selected then."""
        queue = self._session.queue
        if queue is not None:
            made = queue.make_again(jobs)
            self.show()
            if made:
                self.page.list.select_jobs(made)

    def show_clip(self, job: Job) -> None:
        """Select the clip of a job on the timeline, and go there."""
        key = clip_key(job.selected.clip)
        view = self._window.view
        lanes = view.scene.stack.lanes
        view.select(item for placed in lanes for item in placed.lane.items if key in item.clip_keys)
        view.move_playhead(seconds(job.selected.clip.record_in))

    def show(self) -> None:
        queue = self._session.queue
        self.model.refresh()
        count = 0 if queue is None else queue.open_count
        title = self.tr("Queue {}").format(count) if count else self.tr("Queue")
        self._window.workspace.side_pages.set_title(PAGE, title)
        self.page.show_state(
            words="" if queue is None else self._summary(queue),
            is_paused=queue is not None and queue.is_paused,
            has_jobs=self.model.rowCount() > 0,
        )

    def _summary(self, queue: QueueDesk) -> str:
        if not queue.open_count:
            return self.tr("Paused") if queue.is_paused else ""
        parts = [self.tr("{} to make").format(queue.open_count)]
        if queue.is_paused:
            parts.append(self.tr("paused"))
        elif queue.time_left_s is not None:
            parts.append(time_left_words(queue.time_left_s))
        return "   ·   ".join(parts)

    # Slots

    def _on_shown(self) -> None:
        self._began_s = self._stopped = None
        self.model.show_desk(None)
        self.show()

    def _on_opened(self) -> None:
        queue = self._session.queue
        self.model.show_desk(queue)
        if queue is not None:
            queue.changed.connect(self._settle)
            # After what the cut itself has to tell: this can be lost, and is offered once.
            QTimer.singleShot(0, lambda: self._offer_interrupted(queue))
        QTimer.singleShot(0, self._tell_stopped)
        self.show()

    def _on_stopped(self, path: str, name: str, count: int) -> None:
        words = self.tr("{count} jobs of {name} were stopped; they are offered when it is opened again.")
        if count == 1:
            words = self.tr("A job of {name} was stopped; it is offered when that is opened again.")
        self._stopped = (Path(path), words.format(name=name, count=count))
        self._show_stopped()

    def _show_stopped(self) -> None:
        if self._stopped is not None:
            path, sentence = self._stopped
            remedy = (self.tr("Open it again"), lambda: self._window.file_control.open(path))
            self._window.notice_bar.show_notice(sentence, Severity.INFO, remedy)

    def _tell_stopped(self) -> None:
        """Once more, where another notice of the new cut has covered it."""
        if self._stopped is not None and in_the_panel(self._stopped[1]) != self._window.notice_bar.sentence:
            self._show_stopped()
        self._stopped = None

    def _settle(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _offer_interrupted(self, queue: QueueDesk) -> None:
        jobs = queue.interrupted
        if not jobs or queue is not self._session.queue or self._session.is_read_only:
            return
        words = self.tr("{} jobs of last time were interrupted; what was finished is kept.")
        if len(jobs) == 1:
            words = self.tr("A job of last time was interrupted; what was finished is kept.")
        remedy = (self.tr("Make them now"), lambda: self.make_again(jobs))
        self._window.notice_bar.show_notice(words.format(len(jobs)), Severity.INFO, remedy)

    def _on_work(self) -> None:
        """Tell of the end of long work to somebody who has turned to another window."""
        desk, now_s = self._session.desk, time.monotonic()
        if desk is not None and not desk.is_idle:
            if self._began_s is None:
                self._began_s, self._over_before = now_s, set(desk.queue.ended)
            return
        began_s, self._began_s = self._began_s, None
        if desk is None or began_s is None or now_s - began_s < self.long_s or self._window.isActiveWindow():
            return
        over = [job for job in desk.queue.ended if job not in self._over_before]
        if not over:
            return  # only hits were looked for
        QApplication.alert(self._window)
        failed = sum(job.state is JobState.FAILED for job in over)
        words = self.tr("All foley that was asked for is made.")
        if failed:
            words = self.tr("The queue is done; {} of its jobs failed and can be made again.").format(failed)
        self._window.notice_bar.show_notice(words, Severity.ERROR if failed else Severity.DONE)
