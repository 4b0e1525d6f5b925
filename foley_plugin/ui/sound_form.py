"""What makes the sound of the selected clips, and how many takes are made of it."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QCoreApplication, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from foley_plugin.jobs.sound_choice import MAX_TAKES, ModelDrawing, SoundChoice, SoundPreset
from foley_plugin.qtmodels.plain_tip import plain_tip
from foley_plugin.qtmodels.sound_memory import SharedChoice
from foley_plugin.qtmodels.sound_words import (
    Guess,
    ListWords,
    RowKind,
    SoundRow,
    likely,
    sound_rows,
    spoken,
    spoken_choice,
)
from foley_plugin.takes.cast_book import cast_key
from foley_plugin.ui.actions import name_in_menu
from foley_plugin.ui.field_keys import FieldKeys
from foley_plugin.ui.number_fields import SharedSpinBox
from foley_plugin.ui.sampling_fields import SamplingFields
from foley_plugin.ui.sound_field import SoundField
from foley_plugin.ui.suggestion_row import SuggestionRow

AUTO_SEED = -1
MAX_SEED = 2**31 - 1


class SoundForm(QWidget):
    """Shows one choice, or what several clips' choices have in common; says what is changed by hand."""

    changed = pyqtSignal(dict)
    """Fields of `SoundChoice` with their new values."""
    layer_asked = pyqtSignal(object)
    """A `SoundRow` that is to lie beside what each of the clips has; asked where that differs."""
    refused = pyqtSignal(str)
    """Why a row of the list was not taken, a sentence."""
    look_asked = pyqtSignal()
    preset_asked = pyqtSignal(str)
    """To be chosen, by its name."""
    preset_save_asked = pyqtSignal()
    preset_delete_asked = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self._shared = SharedChoice(SoundChoice())
        self._labels: list[str] = []
        self._casts: list[str] | None = None
        self._guesses: list[Guess] = []
        self._words = list_words()
        self._several = self.tr("Several")
        self.sound = SoundField(self.tr("What makes the sound"), takes_several=True)
        self.suggestions = SuggestionRow()
        self.prompt = self._line(self.tr("In words"), "prompt")
        self.negative_prompt = self._line(self.tr("But not, in words"), "negative_prompt")
        self.takes = SharedSpinBox(1, MAX_TAKES, several=self._several)
        self.takes.setAccessibleName(self.tr("Number of takes"))
        self.takes.setToolTip(self.tr("How many takes to make, each with a seed of its own"))
        self.seed = SharedSpinBox(AUTO_SEED, MAX_SEED, several=self._several, none=self.tr("New"))
        self.seed.setAccessibleName(self.tr("Seed"))
        self.seed.setToolTip(
            self.tr(
                "A new one each time, or the same again: the same seed, sound and picture give the same take"
            )
        )
        self.more_button = QToolButton()
        self.negative = SoundField(self.tr("But not"), takes_several=False)
        self.sampling = SamplingFields()
        self.presets_button = QToolButton()
        self._lay_out()
        self._connect()

    # What is shown

    def show_shared(self, shared: SharedChoice, *, keeps_typed: bool = False) -> None:
        """The choice of the selected clips; fields in which they differ say "several".

        Args:
            keeps_typed: a number that is just being typed stands; it is still for the same clips.
        """
        self._shared = shared
        choice, several = shared.choice, shared.several
        is_mixed = bool({"labels", "cast"} & several)
        self.sound.set_words(
            self.tr("Several sounds") if is_mixed else self._spoken(choice) or self._words.from_picture
        )
        negative = choice.negative_label
        self.negative.set_words(
            self._several if "negative_label" in several else spoken(negative) if negative else self._nothing
        )
        for line, name in ((self.prompt, "prompt"), (self.negative_prompt, "negative_prompt")):
            text = "" if name in several else str(getattr(choice, name))
            if line.text() != text:
                line.setText(text)
            line.setPlaceholderText(self._several if name in several else line.accessibleName())
        seed = AUTO_SEED if choice.seed is None else choice.seed
        for box, name, value in ((self.takes, "takes", choice.takes), (self.seed, "seed", seed)):
            if not (keeps_typed and box.is_being_typed):
                box.show_value(value, is_mixed=name in several)
        self.sampling.show_shared(shared)
        if self._guesses:
            self.suggestions.show_guesses(self._guesses, () if is_mixed else choice.labels)

    def take_typed(self) -> None:
        """A number that is just being typed counts from now on, as if Return had been pressed."""
        for box in (self.takes, self.seed):
            box.interpretText()

    def set_model(
        self, labels: Sequence[str], *, reads_text: bool, drawing: ModelDrawing | None = None
    ) -> None:
        """What the model can be asked for, and how it draws. Before it is loaded there are no labels, and no words."""
        self._labels = list(labels)
        self.sampling.set_model(drawing or ModelDrawing())
        for line in (self.prompt, self.negative_prompt):
            line.setVisible(reads_text)
        for widget in (self._negative_title, self.negative):
            widget.setVisible(bool(labels))

    def set_casts(self, names: Sequence[str] | None) -> None:
        """Those of the open project; None where none is open yet."""
        self._casts = None if names is None else list(names)
        self.show_shared(self._shared, keeps_typed=True)

    def _spoken(self, choice: SoundChoice) -> str | None:
        """A choice in words; of a cast that is not in the project, that it is missing."""
        known = None if self._casts is None else {cast_key(name) for name in self._casts}

        def words(name: str) -> str:
            is_there = known is None or cast_key(name) in known
            return name if is_there else self.tr("{} (missing)").format(name)

        return spoken_choice(choice, words)

    def show_guesses(self, guesses: Sequence[Guess]) -> None:
        """What the picture of the selected clip suggests."""
        self._guesses = likely(guesses, self._labels)
        if self._guesses:
            self.suggestions.show_guesses(self._guesses, self._shared.choice.labels)
        else:
            self.suggestions.show_words(self.tr("The picture suggests nothing"), can_look=False)

    def show_no_guesses(self, words: str, *, can_look: bool, is_one: bool = True) -> None:
        self._guesses = []
        self.suggestions.show_words(words, can_look=can_look, is_one=is_one)

    def set_presets(self, presets: Sequence[SoundPreset]) -> None:
        menu = QMenu(self)
        for preset in presets:
            action = menu.addAction(name_in_menu(preset.name))
            assert action is not None
            sound = spoken_choice(preset.choice) or self._words.from_picture
            action.setToolTip(plain_tip(sound))
            action.triggered.connect(lambda _, name=preset.name: self.preset_asked.emit(name))
        if not presets:
            empty = menu.addAction(self.tr("No presets yet"))
            assert empty is not None
            empty.setEnabled(False)
        menu.addSeparator()
        save = menu.addAction(self.tr("Save these settings as a preset…"))
        assert save is not None
        save.triggered.connect(lambda: self.preset_save_asked.emit())
        if presets:
            delete = menu.addMenu(self.tr("Delete a preset"))
            assert delete is not None
            for preset in presets:
                action = delete.addAction(name_in_menu(preset.name))
                assert action is not None
                action.triggered.connect(lambda _, name=preset.name: self.preset_delete_asked.emit(name))
        menu.setToolTipsVisible(True)
        self.presets_button.setMenu(menu)

    # What is chosen by hand

    def _on_row(self, row: SoundRow, beside: bool) -> None:
        """A row of the list; beside what is chosen already it makes a layer, or takes one away again."""
        choice, several = self._shared.choice, self._shared.several & {"labels", "cast"}
        labels, cast = (choice.labels, choice.cast) if beside else ((), None)
        match row.kind:
            case RowKind.FROM_PICTURE:
                self.changed.emit({"labels": (), "cast": None})
            case RowKind.CAST if beside and row.name == cast and not several:
                self.changed.emit({"cast": None})
            case RowKind.CAST if beside and (cast is not None or "cast" in several):
                words = self.tr("A clip goes on from one cast; take the other one away first to add “{}”.")
                self.refused.emit(words.format(row.name))
            case RowKind.CAST | RowKind.LABEL if beside and several:
                self.layer_asked.emit(row)
            case RowKind.CAST:
                self.changed.emit({"labels": labels, "cast": row.name})
            case RowKind.LABEL if row.name in labels:
                self.changed.emit({"labels": tuple(each for each in labels if each != row.name)})
            case RowKind.LABEL:
                self.changed.emit({"labels": (*labels, row.name), "cast": cast})
            case RowKind.HEADING:
                pass

    def _on_chip(self, label: str) -> None:
        """A suggestion is taken, or left to the picture again."""
        is_chosen = self._shared.choice.labels == (label,) and "labels" not in self._shared.several
        self.changed.emit({"labels": () if is_chosen else (label,), "cast": None})

    def _chosen_sounds(self) -> frozenset[str]:
        choice = self._shared.choice
        if {"labels", "cast"} & self._shared.several:
            return frozenset()
        casts = () if choice.cast is None else (choice.cast,)
        return frozenset((*choice.labels, *casts)) or frozenset({""})

    def _rows(self, query: str) -> list[SoundRow]:
        return sound_rows(
            self._words, self._labels, suggestions=self._guesses, casts=self._casts or (), query=query
        )

    def _negative_rows(self, query: str) -> list[SoundRow]:
        words = ListWords(self._nothing, self._words.suggested, self._words.casts)
        return sound_rows(words, self._labels, query=query)

    def _connect(self) -> None:
        empty = self.tr("No sound is called so. While the model loads, its sounds are not known yet.")
        self.sound.set_source(self._rows, self._chosen_sounds, empty)
        self.sound.row_taken.connect(self._on_row)
        self.negative.set_source(
            self._negative_rows, lambda: frozenset({self._shared.choice.negative_label or ""}), empty
        )
        self.negative.row_taken.connect(
            lambda row, _: self.changed.emit({"negative_label": row.name or None})
        )
        self.suggestions.label_taken.connect(self._on_chip)
        self.suggestions.look_asked.connect(self.look_asked)
        self.takes.value_set.connect(lambda value: self.changed.emit({"takes": value}))
        self.seed.value_set.connect(
            lambda value: self.changed.emit({"seed": None if value == AUTO_SEED else value})
        )
        self.sampling.changed.connect(lambda name, value: self.changed.emit({name: value}))
        keys = FieldKeys(self)
        for field in (self.takes, self.seed, self.prompt, self.negative_prompt):
            field.installEventFilter(keys)

    # Laying out

    def _line(self, name: str, field: str) -> QLineEdit:
        line = QLineEdit()
        line.setAccessibleName(name)
        line.setPlaceholderText(name)
        line.hide()
        line.textEdited.connect(lambda text: self.changed.emit({field: text}))
        line.returnPressed.connect(line.clearFocus)
        return line

    def _lay_out(self) -> None:
        self._nothing = self.tr("Nothing")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._title_row())
        for widget in (self.sound, self.suggestions, self.prompt, self.negative_prompt):
            column.addWidget(widget)
        column.addLayout(self._numbers())
        column.addWidget(self.more_button)
        column.addWidget(self._more())
        self.set_presets([])

    def _title_row(self) -> QHBoxLayout:
        heading = QLabel(self.tr("Sound"))
        heading.setObjectName("heading")
        self.presets_button.setObjectName("presets")
        self.presets_button.setText(self.tr("Presets"))
        self.presets_button.setAccessibleName(self.tr("Presets of what makes the sound"))
        self.presets_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row = QHBoxLayout()
        row.addWidget(heading)
        row.addStretch()
        row.addWidget(self.presets_button)
        return row

    def _numbers(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for words, box, stretch in ((self.tr("Takes"), self.takes, 0), (self.tr("Seed"), self.seed, 1)):
            label = QLabel(words)
            label.setObjectName("dim")
            label.setBuddy(box)
            row.addWidget(label)
            row.addWidget(box, stretch=stretch)
        self.takes.setMinimumWidth(58)
        self.seed.setMinimumWidth(72)
        return row

    def _more(self) -> QWidget:
        more = QWidget()
        self._negative_title = QLabel(self.tr("But not"))
        self._negative_title.setObjectName("dim")
        self._negative_title.setBuddy(self.negative)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.addWidget(self._negative_title, 0, 0)
        grid.addWidget(self.negative, 0, 1)
        grid.setColumnStretch(1, 1)
        column = QVBoxLayout(more)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(grid)
        column.addWidget(self.sampling)
        button = self.more_button
        button.setObjectName("fold")
        button.setText(self.tr("More"))
        button.setAccessibleName(self.tr("More about how the sound is made"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setCheckable(True)
        button.setArrowType(Qt.ArrowType.RightArrow)
        button.toggled.connect(more.setVisible)
        button.toggled.connect(
            lambda is_open: button.setArrowType(
                Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow
            )
        )
        more.hide()
        return more


def list_words() -> ListWords:
    translate = QCoreApplication.translate
    return ListWords(
        from_picture=translate("SoundForm", "From the picture"),
        suggested=translate("SoundForm", "Suggested by the picture"),
        casts=translate("SoundForm", "Casts"),
    )
