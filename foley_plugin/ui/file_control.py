"""Opening and exporting: by dialog, by drop, by argument."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from PyQt6.QtCore import QObject
from PyQt6.QtGui import QDropEvent
from PyQt6.QtWidgets import QFileDialog, QInputDialog

from engine.errors import FoleyError
from foley_plugin.services.demo import lay_out_demo
from foley_plugin.services.opening import TimelineChoice
from foley_plugin.services.settings import read_settings
from foley_plugin.timeline.formats.content import BUNDLE_CONTENT
from foley_plugin.timeline.urls import MEDIA_SUFFIXES
from foley_plugin.ui.actions import plain_question
from foley_plugin.ui.notice_bar import Severity
from foley_plugin.ui.reveal import reveal

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow

OPEN_FILTER = (
    "Timelines (*.otio *.otioz *.otiod *.xml *.fcpxml *.aaf *.edl);;OpenTimelineIO (*.otio *.otioz *.otiod);;"
    "Final Cut Pro XML (*.xml *.fcpxml);;AAF (*.aaf);;EDL (*.edl);;All files (*)"
)

BUNDLE_SUFFIX = ".otiod"
"""Of a timeline that is a folder: OpenTimelineIO's, with its media."""

EDL_RATES = {
    "23.976": (24000, 1001),
    "24": (24, 1),
    "25": (25, 1),
    "29.97": (30000, 1001),
    "30": (30, 1),
    "48": (48, 1),
    "50": (50, 1),
    "59.94": (60000, 1001),
    "60": (60, 1),
}
"""Frames a second as editors call them, and exactly."""


class FileControl(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._looked_in = ""
        actions = window.actions_
        actions["open"].triggered.connect(self.ask_to_open)
        actions["find_media"].triggered.connect(self.ask_to_find_media)
        actions["demo"].triggered.connect(self.open_demo)
        actions["edl_rate"].triggered.connect(self.ask_for_rate)
        actions["show_project"].triggered.connect(self.show_project)
        window.empty_state.open_asked.connect(self.ask_to_open)
        window.empty_state.demo_asked.connect(self.open_demo)
        self._session.opening.connect(self._on_opening)
        self._session.checking.connect(self._on_checking)
        self._session.opened.connect(self._on_opened)
        self._session.open_failed.connect(self._on_open_failed)
        self._session.locked.connect(self._on_locked)
        self._session.choice_asked.connect(self._on_choice_asked)

    def open(self, path: Path) -> None:
        self._window.notice_bar.hide()
        self._session.open(_bundle_of(path))

    def take_in(self, path: Path) -> None:
        """A file or folder that was dropped: a timeline is opened, media is where a cut's own may lie too."""
        is_media = path.suffix.lower() in MEDIA_SUFFIXES
        is_folder = path.is_dir() and path.suffix.lower() != BUNDLE_SUFFIX
        if not is_folder and not is_media:
            self.open(path)
            return
        if self._session.cut is not None:
            self._session.find_media(path if is_folder else path.parent)
            return
        words = (
            self.tr(
                "{} is a folder, not a timeline; drop the timeline first, then the folder, and the clips' media"
                " are looked for in it."
            )
            if is_folder
            else self.tr(
                "{} is media, not a timeline; lay it on a timeline in your editor, export that as .otio, .xml or"
                " .fcpxml, and drop it here."
            )
        )
        self._window.notice_bar.show_notice(words.format(path.name), Severity.INFO)

    def ask_for_rate(self) -> None:
        """An EDL names no frame rate; the editor knows it."""
        cut = self._session.cut
        if cut is None or Path(cut.path).suffix.lower() != ".edl":
            words = self.tr("Only an EDL leaves its frame rate open; this timeline names its own.")
            self._window.notice_bar.show_notice(words, Severity.INFO)
            return
        title, question = self.tr("Frame rate of the EDL"), self.tr("Frames a second of {}:")
        names = list(EDL_RATES)
        now = next((at for at, name in enumerate(names) if EDL_RATES[name] == tuple(cut.rate)), 0)
        chosen, is_chosen = QInputDialog.getItem(
            self._window, title, plain_question(question.format(Path(cut.path).name)), names, now, False
        )
        if is_chosen:
            self._session.read_at_rate(EDL_RATES[chosen])

    def show_project(self) -> None:
        """The folder with the takes of the cut that is open."""
        project = self._session.project_folder
        if project is not None:
            reveal(project, self)

    def ask_to_open(self) -> None:
        recent = read_settings(self._window.surroundings.settings_path).recent_cuts
        folder = str(Path(recent[0]).parent) if recent else ""
        title = self.tr("Open a timeline")
        path, _ = QFileDialog.getOpenFileName(self._window, title, folder, OPEN_FILTER)
        if path:
            self.open(Path(path))

    def ask_to_find_media(self) -> None:
        """For clips that are offline: one folder, and all that lies in it."""
        cut = self._session.cut
        if cut is None:
            return
        title = self.tr("Look for media in a folder")
        folder = QFileDialog.getExistingDirectory(self._window, title, str(Path(cut.path).parent))
        if folder:
            self._session.find_media(Path(folder))

    def open_demo(self) -> Path | None:
        """The demo's cut, which is being opened; None where it cannot be laid out."""
        folder = self._window.surroundings.demo_folder or platformdirs.user_documents_path() / "foley-demo"
        try:
            demo = lay_out_demo(folder)
        except FoleyError as error:
            self._window.notice_bar.show_notice(error.sentence, Severity.ERROR)
            return None
        self.open(demo.cut)
        return demo.cut.absolute()

    def dropped_file(self, event: QDropEvent) -> Path | None:
        """The one local file that is being dropped; none where a take of this very window is."""
        data = event.mimeData() if event.source() is None else None
        files = [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data is not None else []
        return Path(files[0]) if len(files) == 1 else None

    def _on_opening(self, name: str) -> None:
        self._window.status_strip.show_message(self.tr("Reading {}…").format(name))

    def _show_at_rest(self) -> None:
        """Another file is not opened after all; the cut that is shown may still be looked at."""
        if self._session.is_checking:
            self._on_checking(self._looked_in)
        else:
            self._window.status_strip.show_message("")

    def _on_checking(self, folder: str) -> None:
        self._looked_in = folder
        words = self.tr("Looking for media in {}…") if folder else self.tr("Looking for the cut's media…")
        self._window.status_strip.show_message(words.format(folder))

    def _on_opened(self) -> None:
        self._window.status_strip.show_message("")
        self._window.header_bar.reading_mark.setVisible(self._session.is_read_only)

    def _on_choice_asked(self, choice: TimelineChoice) -> None:
        """A file with several timelines: which of them."""
        self._show_at_rest()
        names = [f"{number}  {name}" for number, name in enumerate(choice.names, 1)]
        title, question = self.tr("Choose a timeline"), self.tr("{} holds several timelines. Open:")
        chosen, is_chosen = QInputDialog.getItem(
            self._window, title, plain_question(question.format(choice.cut.name)), names, 0, False
        )
        if is_chosen:
            self._session.choose(choice, names.index(chosen) + 1)

    def _on_locked(self, sentence: str) -> None:
        """Somebody else works on this project; the notice offers to look at it."""
        read = (self.tr("Open for reading"), self._session.open_for_reading)
        self._window.notice_bar.show_notice(sentence, Severity.INFO, read)

    def _on_open_failed(self, sentence: str) -> None:
        self._show_at_rest()
        self._window.notice_bar.show_notice(sentence, Severity.ERROR)


def _bundle_of(path: Path) -> Path:
    """The bundle of a timeline that was chosen inside of it, as a dialog for files has it; else the path itself."""
    is_content = path.name == BUNDLE_CONTENT and path.parent.suffix.lower() == BUNDLE_SUFFIX
    return path.parent if is_content else path
