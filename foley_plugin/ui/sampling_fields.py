"""How a take is drawn, in an editor's words; the technical name stands in the tooltip."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QGridLayout, QLabel, QSlider, QWidget

from foley_plugin.jobs.sound_choice import ModelDrawing
from foley_plugin.qtmodels.sound_memory import SharedChoice
from foley_plugin.ui.field_keys import SLIDER_KEYS, FieldKeys

SCALES = (0.5, 0.75, 1.0, 1.75, 3.0)
TEMPERATURES = (0.824, 0.918, 1.0, 1.176, 1.529)
"""Times the model's own, which stands in the middle."""
GUIDES = ("null", "held")
WORDS_PX = 74
"""Of the words beside a slider, so that it stands still while they change."""


class SamplingFields(QWidget):
    changed = pyqtSignal(str, object)
    """A field of `SoundChoice` and its new value; None for the model's own."""

    def __init__(self) -> None:
        super().__init__()
        follows = (
            self.tr("Barely"),
            self.tr("Loosely"),
            self.tr("As trained"),
            self.tr("Closely"),
            self.tr("Tightly"),
        )
        varies = (
            self.tr("Calm"),
            self.tr("Even"),
            self.tr("As trained"),
            self.tr("Lively"),
            self.tr("Wild"),
        )
        self.scale = Notches(follows)
        self.scale.setAccessibleName(self.tr("Follows the picture"))
        self.temperature = Notches(varies)
        self.temperature.setAccessibleName(self.tr("Variety"))
        self.guide = QComboBox()
        self.guide.setAccessibleName(self.tr("Leads away from"))
        self.guide.addItems([self.tr("No picture at all"), self.tr("A picture that stands still")])
        self.guide.setPlaceholderText(self.tr("Several"))
        self.guide.setToolTip(
            self.tr(
                "What guidance leads away from (guide_against: null or held). "
                "Away from a picture that stands still, hits follow what moves."
            )
        )
        self._scale_tip = self.tr("How strictly a take keeps to picture and sound (guidance scale {})")
        self._temperature_tip = self.tr("How freely a take is drawn (temperature {})")
        self._several = self.tr("Several")
        self._words = {slider: QLabel() for slider in (self.scale, self.temperature)}
        self._lay_out()
        self.set_model(ModelDrawing())
        self.scale.stepped.connect(lambda value: self.changed.emit("cfg_scale", value))
        self.temperature.stepped.connect(lambda value: self.changed.emit("temperature", value))
        self.guide.activated.connect(lambda number: self.changed.emit("guide_against", GUIDES[number]))
        keys = FieldKeys(self, SLIDER_KEYS)
        for field in (self.scale, self.temperature, self.guide):
            field.installEventFilter(keys)

    def set_model(self, drawing: ModelDrawing) -> None:
        """What the model draws with where nothing else is chosen; to be shown by `show_shared`."""
        self._drawing = drawing
        self.scale.set_values(_times(SCALES, drawing.cfg_scale))
        self.temperature.set_values(_times(TEMPERATURES, drawing.temperature))

    def show_shared(self, shared: SharedChoice) -> None:
        choice, several = shared.choice, shared.several
        drawing = self._drawing.chosen(choice)
        self.scale.show_value(drawing.cfg_scale)
        self.temperature.show_value(drawing.temperature)
        self._words[self.scale].setText(self._several if "cfg_scale" in several else self.scale.words)
        self._words[self.temperature].setText(
            self._several if "temperature" in several else self.temperature.words
        )
        self.scale.setToolTip(self._scale_tip.format(drawing.cfg_scale))
        self.temperature.setToolTip(self._temperature_tip.format(drawing.temperature))
        with QSignalBlocker(self.guide):
            is_mixed = "guide_against" in several
            self.guide.setCurrentIndex(-1 if is_mixed else GUIDES.index(drawing.guide_against))

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        sliders = ((self.tr("Follows the picture"), self.scale), (self.tr("Variety"), self.temperature))
        for number, (title, slider) in enumerate(sliders):
            words = self._words[slider]
            words.setObjectName("faint")
            grid.addWidget(_dim(title, slider), 2 * number, 0, 1, 2)
            grid.addWidget(slider, 2 * number + 1, 0)
            grid.addWidget(words, 2 * number + 1, 1)
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.guide.setSizeAdjustPolicy(policy)
        self.guide.setMinimumContentsLength(8)
        grid.addWidget(_dim(self.tr("Leads away from"), self.guide), 4, 0, 1, 2)
        grid.addWidget(self.guide, 5, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnMinimumWidth(1, WORDS_PX)


class Notches(QSlider):
    """A slider with a few values, each with a word of its own; a value between two is shown at the nearer."""

    stepped = pyqtSignal(object)
    """The value; None for the one in the middle, which is the model's own."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._words = tuple(words)
        self._values = tuple(float(number) for number in range(len(words)))
        self.setRange(0, len(words) - 1)
        self.setPageStep(1)
        self.setMinimumWidth(70)
        self.valueChanged.connect(self._on_number)

    @property
    def words(self) -> str:
        return self._words[self.value()]

    def set_values(self, values: Sequence[float]) -> None:
        """As many as there are words; the slider stays where it stands."""
        self._values = tuple(values)

    def show_value(self, value: float) -> None:
        with QSignalBlocker(self):
            self.setValue(min(range(len(self._values)), key=lambda number: abs(self._values[number] - value)))

    def _on_number(self, number: int) -> None:
        is_own = 2 * number == len(self._values) - 1
        self.stepped.emit(None if is_own else self._values[number])


def _times(steps: Sequence[float], own: float) -> list[float]:
    return [round(own * step, 2) for step in steps]


def _dim(words: str, buddy: QWidget) -> QLabel:
    label = QLabel(words)
    label.setObjectName("dim")
    label.setBuddy(buddy)
    return label
