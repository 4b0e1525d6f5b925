"""Reads a cut away from the window's thread: the cut itself at once, then what its media say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from PyQt6.QtCore import QObject, pyqtSignal

from foley_plugin.qtmodels.background import Background
from foley_plugin.services.opening import TimelineChoice, check_cut, remember, show_cut
from foley_plugin.timeline.media_places import MediaPlaces
from foley_plugin.timeline.records import CutRecord


class CutReader(QObject):
    """One cut at a time: `read` is followed by `read_failed`, `choice_asked`, or `shown` and then one of the
    check's ends.

    Asking for another cut drops what is still being read. The cut that is shown is checked to its end all the same,
    until another one is shown: that one may not be readable.
    """

    shown = pyqtSignal(object)
    """A `CutRecord` whose clips are being checked."""
    choice_asked = pyqtSignal(object)
    """A `TimelineChoice` instead: the file holds several."""
    read_failed = pyqtSignal(str)
    checking = pyqtSignal(str)
    """A folder that is looked in too, "" where none is."""
    checked = pyqtSignal(object)
    """The same cut again, its media looked for."""
    check_failed = pyqtSignal(str)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._num_reads = self._num_checks = 0
        self._is_checking = False
        self._folders: list[str] = []
        """Where the media of the cut that is being checked are to be looked for next."""

    @property
    def is_checking(self) -> bool:
        return self._is_checking

    def read(self, path: Path) -> None:
        self._num_reads += 1
        number = self._num_reads
        self._run(
            lambda: show_cut(path),
            self._on_shown,
            self.read_failed.emit,
            is_wanted=lambda: number == self._num_reads,
        )

    def look_in(self, folder: Path, cut: Path) -> None:
        """Check a cut that is shown once more, with a folder to look for its media in, after a check that goes on."""
        self._folders.append(str(folder))
        self.checking.emit(str(folder))
        if not self._is_checking:
            self._look_in_folders(cut)

    def _look_in_folders(self, cut: Path) -> None:
        places = MediaPlaces(self._folders[::-1])  # the latest word first
        self._folders = []

        def look() -> CutRecord:
            remember(cut, places)
            return check_cut(cut)

        self._check(cut, look)

    def _check(self, cut: Path, look: Callable[[], CutRecord]) -> None:
        self._is_checking = True
        self._num_checks += 1
        number = self._num_checks
        self._run(
            look,
            self._on_checked,
            lambda sentence: self._on_check_failed(cut, sentence),
            is_wanted=lambda: number == self._num_checks,
        )

    def _run(
        self,
        work: Callable[[], CutRecord | TimelineChoice],
        on_done: Callable[[CutRecord], None],
        on_failed: Callable[[str], None],
        *,
        is_wanted: Callable[[], bool],
    ) -> None:
        def if_wanted(deliver: Callable[[], None]) -> None:
            if is_wanted():
                deliver()

        self._background.run(
            work,
            lambda found: if_wanted(lambda: self._sort(found, on_done)),
            lambda sentence: if_wanted(lambda: on_failed(sentence)),
        )

    def _sort(self, found: object, on_done: Callable[[CutRecord], None]) -> None:
        if isinstance(found, TimelineChoice):
            self.choice_asked.emit(found)
        else:
            on_done(cast(CutRecord, found))

    def _on_shown(self, cut: CutRecord) -> None:
        self._folders = []
        self.shown.emit(cut)
        path = Path(cut.path)
        self.checking.emit("")
        self._check(path, lambda: check_cut(path))

    def _on_checked(self, cut: CutRecord) -> None:
        self._is_checking = False
        if self._folders:
            self._look_in_folders(Path(cut.path))
        else:
            self.checked.emit(cut)

    def _on_check_failed(self, cut: Path, sentence: str) -> None:
        self._is_checking = False
        if self._folders:
            self._look_in_folders(cut)
        else:
            self.check_failed.emit(sentence)
