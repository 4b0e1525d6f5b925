"""What makes the sound: between the form, what is remembered for each clip, casts, and presets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QInputDialog

from engine.errors import FoleyError
from foley_plugin.jobs.casts import cast_take, find_cast
from foley_plugin.jobs.generate import Wish
from foley_plugin.jobs.sound_choice import SoundChoice, SoundPreset, with_preset, without_preset
from foley_plugin.qtmodels.clip_status import RESTING, ClipState
from foley_plugin.qtmodels.lanes import ClipKey, clip_key
from foley_plugin.qtmodels.sound_memory import SharedChoice, SoundMemory
from foley_plugin.qtmodels.sound_words import Guess
from foley_plugin.services.settings import Settings, change_settings, read_settings
from foley_plugin.takes.records import StoredTake
from foley_plugin.timeline.records import ClipRecord
from foley_plugin.timeline.selection import Selected
from foley_plugin.ui.notice_bar import Severity

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow


@dataclass(frozen=True)
class _Hint:
    """What stands under the sound: suggestions, or words and a button that looks for some."""

    guesses: tuple[Guess, ...] = ()
    words: str = ""
    can_look: bool = False
    is_one: bool = True


class SoundControl(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self._form = window.side_panel.sound_form
        self._engine = window.surroundings.engine
        self._shown: tuple[SharedChoice, _Hint] | None = None
        self._shown_keys: list[ClipKey] = []
        self.memory = SoundMemory()
        form, session, view = self._form, self._session, window.view
        form.changed.connect(self._on_changed)
        form.sound.popup.row_deleted.connect(lambda row: self.delete_cast(row.name))
        form.look_asked.connect(window.actions_["spot"].trigger)
        form.preset_asked.connect(self.use_preset)
        form.preset_save_asked.connect(self.ask_to_save_preset)
        form.preset_delete_asked.connect(self.delete_preset)
        window.actions_["save_cast"].triggered.connect(self.ask_to_save_cast)
        self._engine.became_ready.connect(self._on_ready)
        session.shown.connect(self._on_shown)
        session.opened.connect(self._on_opened)
        for signal in (view.selection_changed, session.takes_changed, session.scene_changed):
            signal.connect(self.show)
        session.history.changed.connect(self._show_casts)
        form.set_model([], reads_text=False)
        form.set_presets(self._settings().sound_presets)
        self.show()

    # Wishes

    def wishes_for(self, selected: Sequence[Selected]) -> list[tuple[Selected, Wish]]:
        """Each clip with what was chosen for it, a wish a layer.

        Raises:
            CastRefused: a cast that was chosen is there no more.
        """
        store, reads_text = self._session.store, self._engine.reads_text
        wishes: list[tuple[Selected, Wish]] = []
        for each in selected:
            choice = self.memory.of(clip_key(each.clip))
            cast = None if choice.cast is None or store is None else find_cast(store, choice.cast)
            wishes += [(each, wish) for wish in choice.wishes(cast, reads_text=reads_text)]
        return wishes

    def unknown_label(self, clips: Sequence[ClipRecord]) -> str | None:
        """A label that is chosen for one of these clips and that the loaded model does not know."""
        known = set(self._engine.labels)
        choices = [self.memory.of(clip_key(clip)) for clip in clips] or [self.memory.default]
        asked = (label for choice in choices for label in choice.labels)
        return next((label for label in asked if known and label not in known), None)

    # Showing

    def show(self) -> None:
        """The choice of the selected clips, and what their picture suggests; asked often while something is made."""
        clips, keys = self._session.selected_clips, self._selected_keys()
        shared = self.memory.shared(keys)
        hint = self._hint([clip for clip in clips if clip.eligible], shared, is_one=len(clips) == 1)
        is_same, self._shown_keys = keys == self._shown_keys, keys
        if is_same and (shared, hint) == self._shown:
            return
        self._shown = (shared, hint)
        self._form.show_shared(shared, keeps_typed=is_same)
        if hint.guesses:
            self._form.show_guesses(hint.guesses)
        else:
            self._form.show_no_guesses(hint.words, can_look=hint.can_look, is_one=hint.is_one)

    def _hint(self, able: list[ClipRecord], shared: SharedChoice, *, is_one: bool) -> _Hint:
        """What the pictures of these clips suggest, or why nothing is suggested."""
        scene = self._session.scene
        statuses = (scene.statuses.get(clip_key(clip), RESTING) for clip in able)
        if any(status.state is ClipState.SPOTTING for status in statuses):
            one, many = self.tr("Looking at the picture…"), self.tr("Looking at the pictures…")
            return _Hint(words=one if len(able) == 1 else many)
        guesses = tuple(self.guesses_of(able[0])) if is_one and able else ()
        unseen = any(scene.sheet.of(clip_key(clip)).found is None for clip in able)
        can_look = self._session.store is not None and (unseen or (is_one and bool(able) and not guesses))
        is_from_picture = not shared.choice.labels and not {"labels", "cast"} & shared.several
        follows = bool(able) and not is_one and not unseen and is_from_picture
        words = self.tr("Each clip follows its own picture.") if follows else ""
        return _Hint(guesses, words, can_look, is_one)

    def guesses_of(self, clip: ClipRecord) -> Sequence[Guess]:
        """What the spotter took the picture for, best first; none where nobody has looked yet."""
        found = self._session.scene.sheet.of(clip_key(clip)).found
        return [] if found is None else found.labels

    def _on_changed(self, changes: dict[str, object]) -> None:
        self.memory.change(self._selected_keys(), **changes)
        self.show()

    def choose(self, clips: Sequence[ClipKey], labels: tuple[str, ...]) -> None:
        """What these clips shall sound like; none takes it from the picture."""
        self.memory.change(clips, labels=labels, cast=None)
        self.show()

    def use(self, wish: Wish) -> None:
        """The settings of a take that is there, for the selected clips."""
        settings: dict[str, object] = {
            "labels": () if wish.label is None else (wish.label,),
            "cast": None,
            "negative_label": wish.negative_label,
            "prompt": wish.prompt or "",
            "negative_prompt": wish.negative_prompt or "",
            "seed": wish.seed,
            "cfg_scale": wish.sampling.cfg_scale,
            "temperature": wish.sampling.temperature,
            "guide_against": wish.sampling.guide_against,
        }
        self._on_changed(settings)

    def _selected_keys(self) -> list[ClipKey]:
        return [clip_key(clip) for clip in self._session.selected_clips]

    def _on_shown(self) -> None:
        self.memory.begin_cut()
        self.show()

    def _on_opened(self) -> None:
        self._show_casts()
        self.show()

    def _on_ready(self, ready: object) -> None:
        self._form.set_model(self._engine.labels, reads_text=self._engine.reads_text)
        self._shown = None  # what the model does not know is not suggested
        self.show()

    # Casts

    def ask_to_save_cast(self) -> None:
        """Name the take that is selected, or that lies on the timeline for the selected clip."""
        take = self._meant_take()
        if take is None:
            words = self.tr("Select a take, or a clip that has one, to save its sound as a cast.")
            self._window.notice_bar.show_notice(words, Severity.INFO)
            return
        title, question = self.tr("Save as cast"), self.tr("Whose sound is it? Such as “Anna, boots, gravel”")
        name, is_named = QInputDialog.getText(self._window, title, question)
        if is_named and name.strip():
            self.save_cast(take, name)

    def save_cast(self, take: StoredTake, name: str) -> None:
        """A sound that other clips go on from; undone, it is as it was before."""
        store = self._session.store
        if store is None:
            return
        book = store.cast_book
        before = book.cast(" ".join(name.split()))

        def undo() -> None:
            if before is None:
                book.remove(" ".join(name.split()))
            else:
                book.save(before)

        words = self.tr("Save the cast “{}”").format(name.strip())
        if self._session.history.do(words, lambda: _ignore(cast_take(store, take, name)), undo):
            told = self.tr("“{}” can be chosen for any clip of this project now, under Casts.")
            self._window.notice_bar.show_notice(told.format(name.strip()), Severity.DONE)

    def delete_cast(self, name: str) -> None:
        """Takes that were made with it stay as they are."""
        store = self._session.store
        cast = None if store is None else store.cast_book.cast(name)
        if store is None or cast is None:
            return
        book = store.cast_book
        words = self.tr("Delete the cast “{}”").format(name)
        self._session.history.do(words, lambda: book.remove(name), lambda: book.save(cast))

    def _meant_take(self) -> StoredTake | None:
        desk = self._session.desk
        if desk is None:
            return None
        selected = sorted(self._session.scene.selected_takes)
        if selected:
            return desk.shelf.take(selected[0]).take
        keys = self._selected_keys()
        takes = desk.shelf.takes_of(keys[0]) if len(keys) == 1 else []
        placed = [take for take in takes if desk.shelf.is_placed(take.take_id)]
        return next((take.take for take in placed), None)

    def _show_casts(self) -> None:
        store = self._session.store
        self._form.set_casts([] if store is None else [cast.name for cast in store.cast_book.casts()])

    # Presets

    def use_preset(self, name: str) -> None:
        for preset in self._settings().sound_presets:
            if preset.name == name:
                self.memory.set(self._selected_keys(), preset.choice)
        self.show()

    def ask_to_save_preset(self) -> None:
        title, question = self.tr("Save as preset"), self.tr("A name for these settings:")
        name, is_named = QInputDialog.getText(self._window, title, question)
        if is_named and name.strip():
            self.save_preset(name.strip())

    def save_preset(self, name: str) -> None:
        choice: SoundChoice = self.memory.shared(self._selected_keys()).choice
        self._keep_presets(with_preset(self._settings().sound_presets, SoundPreset(name, choice)))

    def delete_preset(self, name: str) -> None:
        self._keep_presets(without_preset(self._settings().sound_presets, name))

    def _keep_presets(self, presets: list[SoundPreset]) -> None:
        try:
            change_settings(self._window.surroundings.settings_path, sound_presets=presets)
        except FoleyError as error:
            self._window.notice_bar.show_notice(error.sentence, Severity.ERROR)
        self._form.set_presets(self._settings().sound_presets)

    def _settings(self) -> Settings:
        return read_settings(self._window.surroundings.settings_path)


def _ignore(_: object) -> None:
    """What a change gives back is not needed."""
