"""Opening and exporting: by dialog, by drop, by argument."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from PyQt6.QtCore import QObject, QUrl
from PyQt6.QtGui import QDesktopServices, QDropEvent
from PyQt6.QtWidgets import QFileDialog, QInputDialog

from engine.errors import FoleyError
from foley_plugin.services.demo import lay_out_demo
from foley_plugin.services.opening import TimelineChoice
from foley_plugin.services.settings import read_settings, write_settings
from foley_plugin.ui.notice_bar import Severity

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow

OPEN_FILTER = (
    "Timelines (*.otio *.otioz *.xml *.fcpxml *.aaf *.edl);;OpenTimelineIO (*.otio *.otioz);;"
    "Final Cut Pro XML (*.xml *.fcpxml);;AAF (*.aaf);;EDL (*.edl);;All files (*)"
)
EXPORT_FILTER = (
    "OpenTimelineIO for DaVinci Resolve (*.otio);;Final Cut Pro 7 XML for Premiere Pro (*.xml);;"
    "Final Cut Pro (*.fcpxml);;OpenTimelineIO bundle with the takes (*.otioz);;AAF for Avid and Pro Tools (*.aaf)"
)


class FileControl(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        actions = window.actions_
        actions["open"].triggered.connect(self.ask_to_open)
        actions["find_media"].triggered.connect(self.ask_to_find_media)
        actions["demo"].triggered.connect(self.open_demo)
        actions["export"].triggered.connect(self.ask_to_export)
        window.empty_state.open_asked.connect(self.ask_to_open)
        window.empty_state.demo_asked.connect(self.open_demo)
        self._session.opening.connect(self._on_opening)
        self._session.checking.connect(self._on_checking)
        self._session.opened.connect(self._on_opened)
        self._session.open_failed.connect(self._on_open_failed)
        self._session.choice_asked.connect(self._on_choice_asked)
        self._session.exported.connect(self._on_exported)

    def open(self, path: Path) -> None:
        self._window.notice_bar.hide()
        self._session.open(path)

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

    def open_demo(self) -> None:
        folder = self._window.surroundings.demo_folder or platformdirs.user_documents_path() / "foley-demo"
        try:
            demo = lay_out_demo(folder)
        except FoleyError as error:
            self._window.notice_bar.show_notice(error.sentence, Severity.ERROR)
            return
        self.open(demo.cut)

    def ask_to_export(self) -> None:
        suggested = self._session.default_export_path()
        if suggested is None:
            return
        title = self.tr("Export the timeline with foley")
        options = QFileDialog.Option.DontConfirmOverwrite  # nothing is ever overwritten
        path, _ = QFileDialog.getSaveFileName(
            self._window, title, str(suggested), EXPORT_FILTER, options=options
        )
        if path:
            target = Path(path)
            self._session.export(target if target.suffix else target.with_suffix(".otio"))

    def dropped_file(self, event: QDropEvent) -> Path | None:
        """The one local file that is being dropped."""
        data = event.mimeData()
        files = [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data is not None else []
        return Path(files[0]) if len(files) == 1 else None

    def _on_opening(self, name: str) -> None:
        self._window.status_strip.show_message(self.tr("Reading {}…").format(name))

    def _on_checking(self) -> None:
        self._window.status_strip.show_message(self.tr("Looking for the cut's media…"))

    def _on_opened(self) -> None:
        self._window.status_strip.show_message("")
        cut = self._session.cut
        if cut is None:
            return
        path = self._window.surroundings.settings_path
        with suppress(FoleyError):  # a list of recent files is not worth a notice
            write_settings(read_settings(path).with_recent_cut(Path(cut.path)), path)

    def _on_choice_asked(self, choice: TimelineChoice) -> None:
        """A file with several timelines: which of them."""
        self._window.status_strip.show_message("")
        names = [f"{number}  {name}" for number, name in enumerate(choice.names, 1)]
        title, question = self.tr("Choose a timeline"), self.tr("{} holds several timelines. Open:")
        chosen, is_chosen = QInputDialog.getItem(
            self._window, title, question.format(choice.cut.name), names, 0, False
        )
        if is_chosen:
            self._session.choose(choice, names.index(chosen) + 1)

    def _on_open_failed(self, sentence: str) -> None:
        self._window.status_strip.show_message("")
        self._window.notice_bar.show_notice(sentence, Severity.ERROR)

    def _on_exported(self, path: str, found: str) -> None:
        words = self.tr("Exported {}. Import it in your editor; the original timeline is as it was.")
        if found:
            words = self.tr("Exported {}, but its import may stumble: ") + found.replace("{", "{{").replace(
                "}", "}}"
            )
        folder = QUrl.fromLocalFile(str(Path(path).parent))
        show = (self.tr("Show the folder"), lambda: QDesktopServices.openUrl(folder))
        self._window.notice_bar.show_notice(
            words.format(path), Severity.INFO if found else Severity.DONE, show
        )
