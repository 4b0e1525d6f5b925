"""The few choices that some targets have: the cut's own media in the file, stems, how wide the stereo is."""

from __future__ import annotations

from PyQt6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QWidget

from foley_plugin.qtmodels.export_plan import FILES, HOLDING_MEDIA

MONO = -1.0


class ExportOptionRow(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.media_box = QCheckBox(self.tr("Put the cut's own media into the file too"))
        self.stems_box = QCheckBox(self.tr("Stems: one WAV a family, from the cut's first frame"))
        self.width_box = QComboBox()
        self.width_box.setAccessibleName(self.tr("Stereo width"))
        widths = (
            (self.tr("Mono, as made"), MONO),
            (self.tr("Stereo, everything in the middle"), 0.0),
            (self.tr("Stereo, half as wide as the picture"), 0.5),
            (self.tr("Stereo, as wide as the picture"), 1.0),
        )
        for words, width in widths:
            self.width_box.addItem(words, width)
        self._width_label = QLabel(self.tr("&Sound"))
        self._width_label.setBuddy(self.width_box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for widget in (self.media_box, self.stems_box, self._width_label, self.width_box):
            row.addWidget(widget)
        row.addStretch()

    def show_target(self, target_name: str) -> None:
        """Only what this target has."""
        self.media_box.setVisible(target_name in HOLDING_MEDIA)
        for widget in (self.stems_box, self._width_label, self.width_box):
            widget.setVisible(target_name == FILES)
        self.setVisible(target_name in HOLDING_MEDIA or target_name == FILES)

    @property
    def wants_media(self) -> bool:
        return self.media_box.isVisibleTo(self) and self.media_box.isChecked()

    @property
    def wants_stems(self) -> bool:
        return self.stems_box.isChecked()

    @property
    def stereo_width(self) -> float | None:
        """0 to 1; None for mono."""
        width = float(self.width_box.currentData())
        return None if width == MONO else width
