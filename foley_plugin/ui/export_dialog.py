"""The export: for which program, to which file, what its import may stumble over, what will lie where."""

from __future__ import annotations

import os
from enum import Enum, auto
from pathlib import Path
from typing import cast

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from foley_plugin.qtmodels.export_plan import (
    FILES,
    TARGET_ORDER,
    DeliveryOrder,
    ExportOrder,
    MendBoard,
    hindrance_of,
    path_for,
    suggested_path,
    whereabouts,
)
from foley_plugin.qtmodels.exporter import Exporter
from foley_plugin.timeline.out.records import Exported
from foley_plugin.timeline.preflight.findings import Finding, Severity
from foley_plugin.ui import theme
from foley_plugin.ui.export_options import ExportOptionRow
from foley_plugin.ui.export_words import hindrance_words, hint_of, title_of, whereabouts_words
from foley_plugin.ui.findings_table import FindingsTable
from foley_plugin.ui.icon_label import IconLabel
from foley_plugin.ui.palette import Tone
from foley_plugin.ui.panel_words import in_the_panel

TAKES_SETTLE_MS = 200
"""Takes that land together are looked at together."""


class _Look(Enum):
    """How far the preflight is. An empty board is a good one only where something was looked at."""

    GOES_ON = auto()
    FAILED = auto()
    IS_DONE = auto()


class ExportDialog(QDialog):
    """Stands beside the window and never blocks it; what goes wrong is told in place."""

    exported = pyqtSignal(str, object)
    """The file or folder, and what its import may still stumble over: a list of `Finding`."""
    failed = pyqtSignal(str)
    """One sentence, which stands in the dialog too."""

    def __init__(self, exporter: Exporter, target_name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._exporter = exporter
        self._is_writing = False
        self._look, self._look_trouble = _Look.GOES_ON, ""
        self._board_before = MendBoard()
        """Of the takes that lay there before: what is still found stays ticked as it was."""
        self._is_outdated = False
        """Takes have come or gone while the file was written."""
        self._lacked_takes = False
        self._takes_timer = QTimer(self)
        self._takes_timer.setSingleShot(True)
        self._takes_timer.setInterval(TAKES_SETTLE_MS)
        self._takes_timer.timeout.connect(self._ask_to_look)
        self.setWindowTitle(self.tr("Export"))
        self.resize(820, 540)
        self._make_widgets()
        self._lay_out()
        self._connect()
        index = max(0, self.target_box.findData(target_name))
        self.target_box.setCurrentIndex(index)
        if exporter.cut is not None and exporter.project is not None:
            path = suggested_path(Path(exporter.cut.path), exporter.project, self.target_name)
            self.path_edit.setText(str(path))
        self._on_target()

    @property
    def is_writing(self) -> bool:
        return self._is_writing

    @property
    def target_name(self) -> str:
        return str(self.target_box.currentData())

    @property
    def path(self) -> Path:
        return Path(os.path.expanduser(self.path_edit.text().strip()))

    def _make_widgets(self) -> None:
        self.target_box = QComboBox()
        self.target_box.setAccessibleName(self.tr("Target"))
        for name in TARGET_ORDER:
            self.target_box.addItem(title_of(name), name)
        self._hint = _words(Tone.DIM)
        self.path_edit = QLineEdit()
        self.path_edit.setAccessibleName(self.tr("File to write"))
        self.choose_button = QPushButton(self.tr("Choose…"))
        self.choose_button.setAccessibleName(self.tr("Choose where to write"))
        self._path_words = _words(Tone.ERROR)
        self.options = ExportOptionRow()
        self._mark = IconLabel()
        self.found_words = _words(Tone.DIM)
        self.mend_button = QPushButton()
        self.findings = FindingsTable()
        self._where = _words(Tone.DIM)
        self._where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.trouble = _words(Tone.ERROR)
        self.trouble.setAccessibleName(self.tr("What went wrong"))
        self.progress_bar = QProgressBar()
        self.progress_bar.setTextVisible(False)
        self.progress_bar.setAccessibleName(self.tr("Progress of the export"))
        self.progress_bar.hide()
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.export_button = QPushButton()
        self.export_button.setObjectName("primary")
        self.export_button.setDefault(True)
        self.export_button.setMinimumWidth(140)

    def _lay_out(self) -> None:
        form = QGridLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(6)
        form.addWidget(_labelled(self.tr("&For"), self.target_box), 0, 0)
        form.addWidget(self.target_box, 0, 1, 1, 2)
        form.addWidget(self._hint, 1, 1, 1, 2)
        form.addWidget(_labelled(self.tr("&To"), self.path_edit), 2, 0)
        form.addWidget(self.path_edit, 2, 1)
        form.addWidget(self.choose_button, 2, 2)
        form.addWidget(self._path_words, 3, 1, 1, 2)
        form.addWidget(self.options, 4, 1, 1, 2)
        form.setColumnStretch(1, 1)
        found = QHBoxLayout()
        found.setSpacing(8)
        found.addWidget(self._mark)
        found.addWidget(self.found_words, stretch=1)
        found.addWidget(self.mend_button)
        self._found = QWidget()
        found.setContentsMargins(0, 0, 0, 0)
        self._found.setLayout(found)
        ends = QHBoxLayout()
        ends.setSpacing(10)
        ends.addWidget(self.trouble, stretch=1)
        ends.addWidget(self.progress_bar, stretch=1)
        ends.addWidget(self.cancel_button)
        ends.addWidget(self.export_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addLayout(form)
        column.addWidget(_rule())
        column.addWidget(self._found)
        column.addWidget(self.findings, stretch=1)
        column.addWidget(_heading(self.tr("What will lie where")))
        column.addWidget(self._where)
        self._slack = QWidget()
        column.addWidget(self._slack, stretch=1)
        column.addWidget(_rule())
        column.addLayout(ends)

    def _connect(self) -> None:
        self.target_box.currentIndexChanged.connect(self._on_target)
        self.path_edit.textChanged.connect(self._on_path)
        self.choose_button.clicked.connect(self._ask_for_path)
        self.mend_button.clicked.connect(self._on_mend_all)
        self.findings.ticked.connect(self._show_counts)
        self.cancel_button.clicked.connect(self.reject)
        self.export_button.clicked.connect(self._on_export)
        self._exporter.progressed.connect(self._on_progress)
        self._exporter.takes_changed.connect(self._on_takes)

    # What is chosen

    def _on_target(self) -> None:
        name = self.target_name
        self._hint.setText(hint_of(name))
        self.options.show_target(name)
        if self.path.name:
            self.path_edit.setText(str(path_for(self.path, name)))
        self.trouble.clear()
        self._board_before = MendBoard()
        self._forget_found()
        self._on_path()
        is_timeline = name != FILES
        for widget in (self._found, self.findings):
            widget.setVisible(is_timeline)
        self._slack.setVisible(not is_timeline)
        self._ask_to_look()

    def _on_path(self) -> None:
        hindrance = hindrance_of(self.path)
        self._path_words.setText("" if hindrance is None else hindrance_words(hindrance, self.path))
        self._path_words.setVisible(hindrance is not None)
        self._show_where()
        self._show_counts()

    def _show_where(self) -> None:
        cut = self._exporter.cut
        where = whereabouts(self._exporter.placements, self.target_name)
        name = Path(cut.path).name if cut is not None else ""
        self._where.setText("\n".join(whereabouts_words(where, name)))

    def _ask_for_path(self) -> None:
        options = QFileDialog.Option.DontConfirmOverwrite  # nothing is ever overwritten
        title = self.tr("Where to write")
        path, _ = QFileDialog.getSaveFileName(self, title, str(self.path), "", options=options)
        if path:
            self.path_edit.setText(str(path_for(Path(path), self.target_name)))

    # What was found

    def _ask_to_look(self) -> None:
        self._takes_timer.stop()
        if self.target_name != FILES:
            self._exporter.look(self.target_name, self._on_found, self._on_look_failed)

    def _on_takes(self) -> None:
        """Takes have come or gone. What was found goes at once: its mends name takes by their places."""
        if self._is_writing:
            self._is_outdated = True
            return
        if self.findings.board.findings:
            self._board_before = self.findings.board
        self._exporter.drop_looks()
        self._forget_found()
        self._show_where()
        self._show_counts()
        self._takes_timer.start()

    def _forget_found(self) -> None:
        self._look = _Look.GOES_ON
        self._mark.show_icon("blank")
        self.findings.show_board(MendBoard())

    def _on_found(self, findings: list[Finding]) -> None:
        self._look = _Look.IS_DONE
        board = MendBoard(findings)
        board.follow(self._board_before)
        self.findings.show_board(board)
        self.findings.setVisible(bool(findings))
        self._slack.setVisible(not findings)
        self._mark.show_icon("done" if not findings else "info")
        if any(found.severity is Severity.ERROR for found in findings):
            self._mark.show_icon("error")
        self._show_counts()

    def _on_look_failed(self, sentence: str) -> None:
        self._look, self._look_trouble = _Look.FAILED, sentence
        self._mark.show_icon("error")
        self.findings.hide()
        self._slack.show()
        self._show_counts()

    def _on_mend_all(self) -> None:
        self.findings.board.tick_all()
        self.findings.show_board(self.findings.board)
        self._show_counts()

    def _show_counts(self) -> None:
        board = self.findings.board
        self.found_words.setText(self._words_of_look())
        left = board.num_unticked
        self.mend_button.setText(self.tr("Mend all that can be mended ({})").format(left))
        self.mend_button.setVisible(left > 0)
        is_unsafe = board.num_errors_left > 0 or (self._look is _Look.FAILED and self.target_name != FILES)
        self.export_button.setText(self.tr("Export anyway") if is_unsafe else self.tr("Export"))
        has_takes = bool(self._exporter.placements)
        self.export_button.setEnabled(has_takes and hindrance_of(self.path) is None and not self._is_writing)
        if not has_takes:
            self.trouble.setText(self.tr("There is no take on the timeline to export; generate foley first."))
        elif self._lacked_takes:
            self.trouble.clear()
        self._lacked_takes = not has_takes

    def _words_of_look(self) -> str:
        match self._look:
            case _Look.GOES_ON:
                return self.tr("Looking at what the import may stumble over…")
            case _Look.FAILED:
                return in_the_panel(self._look_trouble)
        findings = self.findings.board.findings
        if not findings:
            return self.tr("Nothing stands in the way of this import.")
        errors = sum(found.severity is Severity.ERROR for found in findings)
        words = self.tr("In the way of the import: {errors}. Worth knowing: {others}.")
        return words.format(errors=errors, others=len(findings) - errors)

    # Writing

    def _on_export(self) -> None:
        self._is_writing = True
        self._is_outdated = False
        self.trouble.clear()
        self._show_writing()
        path, name = self.path, self.target_name
        if name == FILES:
            order = DeliveryOrder(path, self.options.wants_stems, self.options.stereo_width)
            self._exporter.deliver(order, lambda folder: self._on_done(str(folder), []), self._on_failed)
            return
        timeline = ExportOrder(name, path, self.findings.board.mends, self.options.wants_media)
        self._exporter.export(timeline, self._on_exported, self._on_failed)

    def _on_exported(self, exported: Exported) -> None:
        self._on_done(cast(str, exported.path), exported.findings)

    def _on_done(self, path: str, findings: list[Finding]) -> None:
        self._is_writing = False
        self.exported.emit(path, findings)
        self.accept()

    def _on_failed(self, sentence: str) -> None:
        self._is_writing = False
        self._show_writing()
        if self._is_outdated and self.isVisible():
            self._on_takes()
        self.trouble.setText(in_the_panel(sentence))
        self.failed.emit(in_the_panel(sentence))

    def _on_progress(self, done: int, total: int) -> None:
        self.progress_bar.setRange(0, total)
        self.progress_bar.setValue(done)

    def _show_writing(self) -> None:
        for widget in (
            self.target_box,
            self.path_edit,
            self.choose_button,
            self.options,
            self.findings,
            self.cancel_button,
        ):
            widget.setEnabled(not self._is_writing)
        self.progress_bar.setRange(0, 0)
        self.progress_bar.setVisible(self._is_writing)
        self.trouble.setVisible(not self._is_writing)
        self._show_counts()

    # Qt

    def reject(self) -> None:
        """Cancel, Esc and the window's cross: not while a file is written, since that cannot be stopped."""
        if not self._is_writing:
            super().reject()


def _words(tone: Tone) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    theme.set_tone(label, tone)
    return label


def _labelled(words: str, field: QWidget) -> QLabel:
    label = QLabel(words)
    label.setBuddy(field)
    return label


def _heading(words: str) -> QLabel:
    label = QLabel(words)
    label.setObjectName("heading")
    return label


def _rule() -> QLabel:
    rule = QLabel()
    rule.setObjectName("rule")
    rule.setFixedHeight(1)
    return rule
