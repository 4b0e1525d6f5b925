"""Making a take anew after its clip's hits or curve were changed."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QTimer

from foley_plugin.jobs.job import Job
from foley_plugin.qtmodels.hit_book import HitBook
from foley_plugin.qtmodels.lanes import ClipKey

SETTLES_MS = 600
"""After the last edit: who nudges a hit by ten frames hears one take, not ten."""


class Regeneration(QObject):
    """While it is on, a take that was made for other hits is made again, under the same label and seed."""

    def __init__(self, book: HitBook, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self._is_on = False
        self._edited: set[ClipKey] = set()
        """Edited and not yet settled, or with a take on its way that was asked for before the edit."""
        self._jobs: dict[ClipKey, list[Job]] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLES_MS)
        self._timer.timeout.connect(self._on_settled)
        book.edited.connect(self._on_edited)

    def set_on(self, is_on: bool) -> None:
        self._is_on = is_on
        if not is_on:
            self._timer.stop()
            self._edited.clear()

    def forget(self) -> None:
        """Another cut: what was edited in this one is none of its clips."""
        self._timer.stop()
        self._edited.clear()
        self._jobs.clear()

    def settle_again(self) -> None:
        """A take landed; perhaps one that was asked for before an edit."""
        if self._edited and not self._timer.isActive():
            self._timer.start()

    def _on_edited(self, clip: ClipKey) -> None:
        if self._is_on:
            self._edited.add(clip)
            self._timer.start()

    def _on_settled(self) -> None:
        edited, self._edited = self._edited, set()
        for clip in sorted(edited):
            self._book.cancel(self._jobs.pop(clip, []))
            made_again = self._jobs[clip] = self._book.make_again(clip)
            if any(job not in made_again for job in self._book.open_jobs(clip)):
                self._edited.add(clip)
