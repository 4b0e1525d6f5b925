"""From the command to the export's dialog, and from its end to a notice that shows the file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, Qt

from engine.errors import FoleyError
from foley_plugin.services.settings import change_settings, read_settings
from foley_plugin.ui.notice_bar import Severity
from foley_plugin.ui.reveal import reveal

if TYPE_CHECKING:
    from foley_plugin.qtmodels.exporter import Exporter
    from foley_plugin.timeline.preflight.findings import Finding
    from foley_plugin.ui.export_dialog import ExportDialog
    from foley_plugin.ui.main_window import MainWindow


class ExportControl(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._path = window.surroundings.settings_path
        self.dialog: ExportDialog | None = None
        window.actions_["export"].triggered.connect(self.ask)
        window.session.shown.connect(self._on_other_cut)

    @cached_property
    def exporter(self) -> Exporter:
        from foley_plugin.qtmodels.exporter import Exporter  # with all targets, which a start needs none of

        return Exporter(self._window.session, self._window.surroundings.background, self)

    def ask(self) -> None:
        """Show the dialog; the window goes on."""
        from foley_plugin.ui.export_dialog import ExportDialog  # here, since it is not needed to start

        session = self._window.session
        if session.is_checking:
            words = self.tr("The cut's media is still being looked for; export it when that is done.")
            self._window.notice_bar.show_notice(words, Severity.INFO)
            return
        if session.project_folder is None:
            session.tell_hindrance()
            return
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        dialog = ExportDialog(self.exporter, read_settings(self._path).target_nle, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.exported.connect(partial(self._on_exported, dialog))
        dialog.failed.connect(partial(self._on_failed, dialog))
        dialog.finished.connect(partial(self._on_finished, dialog))
        self.dialog = dialog
        dialog.show()

    def _on_exported(self, dialog: ExportDialog, path: str, findings: Sequence[Finding]) -> None:
        with suppress(FoleyError):
            change_settings(self._path, target_nle=dialog.target_name)
        show = (self.tr("Show the file"), lambda: reveal(Path(path), self))
        if not findings:
            words = self.tr("Exported {}. Import it in your editor; the original timeline is as it was.")
            self._window.notice_bar.show_notice(words.format(path), Severity.DONE, show)
            return
        words = self.tr("Exported {file}, but its import may stumble: {what} {remedy}")
        if len(findings) > 1:
            words = self.tr(
                "Exported {file}, but its import may stumble over {count} things: {what} {remedy}"
            )
        first = findings[0]
        told = words.format(file=path, what=first.what, remedy=first.remedy, count=len(findings))
        self._window.notice_bar.show_notice(told, Severity.INFO, show)

    def _on_failed(self, dialog: ExportDialog, sentence: str) -> None:
        if dialog is not self.dialog:  # nobody sees what stands in it
            self._window.notice_bar.show_notice(sentence, Severity.ERROR)
            dialog.reject()

    def _on_finished(self, dialog: ExportDialog, _result: int) -> None:
        if dialog is self.dialog:
            self.dialog = None
            self.exporter.drop_looks()
        dialog.deleteLater()

    def _on_other_cut(self) -> None:
        """An export that is being written goes on out of sight; the notice tells how it ended."""
        dialog = self.dialog
        if dialog is None:
            return
        if dialog.is_writing:
            self.dialog = None
            self.exporter.drop_looks()
            dialog.hide()
        else:
            dialog.reject()
