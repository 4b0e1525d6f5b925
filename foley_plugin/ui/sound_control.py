"""What makes the sound: between the form, what is remembered for each clip, casts, and presets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QInputDialog, QMessageBox

from engine.errors import FoleyError
from foley_plugin.jobs.casts import cast_take
from foley_plugin.jobs.generate import Wish
from foley_plugin.jobs.repeating import settings_of
from foley_plugin.jobs.sound_choice import (
    LayerSound,
    SoundChoice,
    SoundPreset,
    name_of_cast,
    with_preset,
    without_preset,
)
from foley_plugin.qtmodels.clip_status import RESTING, ClipState
from foley_plugin.qtmodels.lanes import ClipKey, clip_key
from foley_plugin.qtmodels.plain_tip import plain_tip
from foley_plugin.qtmodels.sound_book import SoundBook
from foley_plugin.qtmodels.sound_memory import SharedChoice, SoundMemory
from foley_plugin.qtmodels.sound_words import Guess, RowKind, SoundRow
from foley_plugin.qtmodels.take_shelf import ShelfTake
from foley_plugin.services.settings import Settings, change_settings, read_settings
from foley_plugin.takes.cast_book import CastSound
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
        self.book = SoundBook(self._session.history, self)
        self.memory = self.book.memory
        form, session, view = self._form, self._session, window.view
        form.changed.connect(self._on_changed)
        form.layer_asked.connect(self._on_layer_asked)
        form.refused.connect(lambda words: window.notice_bar.show_notice(words, Severity.INFO))
        self.book.changed.connect(self._on_book)
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
        """Each clip with what was chosen for it, a wish a layer; those that cannot be made are named and left out.

        Raises:
            ProjectError: the project cannot be written.
        """
        wishes: list[tuple[Selected, Wish]] = []
        refused: dict[str, list[str]] = {}
        for each in selected:
            choice = self.book.as_made(clip_key(each.clip))
            refusal = self._refusal(choice)
            if refusal is not None:
                refused.setdefault(refusal, []).append(each.clip.name)
                continue
            cast = None if choice.cast is None else self._cast(choice.cast)
            wishes += [(each, wish) for wish in choice.wishes(cast, reads_text=self._engine.reads_text)]
        if refused:
            self._session.failed.emit(" ".join(self._of_clips(*each) for each in refused.items()))
        return wishes

    def _refusal(self, choice: SoundChoice) -> str | None:
        """Why nothing can be made of a choice; None where it can."""
        known = set(self._engine.labels)
        unknown = next((label for label in choice.labels if known and label not in known), None)
        if unknown is not None:
            words = self.tr(
                "The model knows no sound “{}”; choose one from the list, or take it from the picture."
            )
            return words.format(unknown)
        if choice.cast is not None and self._cast(choice.cast) is None:
            words = self.tr("There is no cast “{}” in this project; choose another sound from the list.")
            return words.format(choice.cast)
        return None

    def _of_clips(self, words: str, names: Sequence[str]) -> str:
        if len(names) == 1:
            return self.tr("{clip}: {reason}").format(clip=names[0], reason=words)
        told = self.tr("{clip} and {count} more: {reason}")
        return told.format(clip=names[0], count=len(names) - 1, reason=words)

    def _cast(self, name: str) -> CastSound | None:
        store = self._session.store
        return None if store is None else store.cast_book.cast(name)

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
        """A number or words that are typed on are one step of the history; a sound is a step of its own."""
        keys = self._selected_keys()
        is_sound = not {"labels", "cast"}.isdisjoint(changes)
        series = None if is_sound else ("sound", *changes, *keys)
        self.book.change(keys, lambda memory: memory.change(keys, **changes), series=series)

    def _on_layer_asked(self, row: SoundRow) -> None:
        keys = self._selected_keys()

        def work(memory: SoundMemory) -> None:
            for key in keys:
                labels = memory.of(key).labels
                if row.kind is RowKind.CAST:
                    memory.change([key], cast=row.name)
                elif row.name not in labels:
                    memory.change([key], labels=(*labels, row.name))

        self.book.change(keys, work)

    def choose(self, clips: Sequence[ClipKey], labels: tuple[str, ...]) -> None:
        """What these clips shall sound like; none takes it from the picture."""
        self.book.change(clips, lambda memory: memory.change(clips, labels=labels, cast=None))

    def choose_on_layer(self, clip: ClipKey, layer: int, labels: tuple[str, ...]) -> None:
        """What one layer of a clip shall sound like, the others as they are; none leaves it empty."""
        choice, desk = self.memory.chosen(clip), self._session.desk
        if choice is None and desk is not None:
            takes = [*desk.shelf.placed_of(clip), *desk.shelf.takes_of(clip)]
            choice = self.book.choice_of_takes(clip, takes)
        choice = (choice or self.memory.of(clip)).with_labels_on(layer, labels)
        self.book.change([clip], lambda memory: memory.put({clip: choice}))

    def use(self, take: ShelfTake) -> None:
        """The settings of a take that is there, for the selected clips; its sound on the layer that it lies on."""
        job, store = take.job, self._session.store
        if job is None or store is None:
            return
        wish, cast = settings_of(job, take.take), name_of_cast(job, store.cast_book.casts())
        settings: dict[str, object] = {
            "negative_label": wish.negative_label,
            "prompt": wish.prompt or "",
            "negative_prompt": wish.negative_prompt or "",
            "seed": wish.seed,
            "cfg_scale": wish.sampling.cfg_scale,
            "temperature": wish.sampling.temperature,
            "guide_against": wish.sampling.guide_against,
            "top_k": wish.sampling.top_k,
            "drafts": wish.sampling.drafts,
        }
        keys = self._selected_keys()

        def work(memory: SoundMemory) -> None:
            memory.change(keys, **settings)
            for key in keys:
                choice = memory.of(key)
                is_alone = all(each.layer == wish.layer for each in choice.sounds)
                label = wish.label if is_alone or wish.label else take.take.label
                sound = LayerSound(wish.layer, None if cast else label, cast)
                memory.put({key: choice.with_sound(sound)})

        self.book.change(keys, work)
        if wish.cast is not None and cast is None and job.request.original is None:
            words = self.tr(
                "The cast that this take went on from is not in this project any more; save the take as a cast"
                " to go on from it."
            )
            self._session.noticed.emit(words)

    def _selected_keys(self) -> list[ClipKey]:
        return [clip_key(clip) for clip in self._session.selected_clips]

    def _on_book(self) -> None:
        self._shown = None  # what could not be kept is taken back in the form too
        self.show()

    def _on_shown(self) -> None:
        self.book.begin_cut()
        self.show()

    def _on_opened(self) -> None:
        store, desk = self._session.store, self._session.desk
        if store is not None and desk is not None:
            self.book.attach(store, desk.shelf, self._session.scene.clips)
        self._show_casts()
        self.show()

    def _on_ready(self, ready: object) -> None:
        engine = self._engine
        self._form.set_model(engine.labels, reads_text=engine.reads_text, drawing=engine.drawing)
        self._shown = None  # what the model does not know is not suggested
        self.show()

    # Casts

    def ask_to_save_cast(self) -> None:
        """Name the take in hand or, where several clips are selected, the first of the takes."""
        take = self._meant_take()
        if take is None:
            words = self.tr("Select a take, or a clip that has one, to save its sound as a cast.")
            self._window.notice_bar.show_notice(words, Severity.INFO)
            return
        title, question = self.tr("Save as cast"), self.tr("Whose sound is it? Such as “Anna, boots, gravel”")
        name, is_named = QInputDialog.getText(self._window, title, question)
        if is_named and name.strip() and self._may_replace(name):
            self.save_cast(take, name)

    def _may_replace(self, name: str) -> bool:
        """Whether a cast of this name may be saved; asked where there is one."""
        before = self._cast(name)
        if before is None:
            return True
        words = self.tr("There is a cast “{}” already. Save this one in its place?").format(before.name)
        yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
        title = self.tr("Save as cast")
        return QMessageBox.question(self._window, title, plain_tip(words), yes | no, no) == yes

    def save_cast(self, take: StoredTake, name: str) -> None:
        """A sound that other clips go on from; undone, it is as it was before."""
        store = self._session.store
        if store is None:
            return
        book, before = store.cast_book, store.cast_book.cast(name)

        def undo() -> None:
            if before is None:
                book.remove(name)
            else:
                book.save(before)

        words = self.tr("Save the cast “{}”").format(name.strip())
        if self._session.history.do(words, lambda: _ignore(cast_take(store, take, name)), undo):
            told = self.tr("“{}” can be chosen for any clip of this project now, under Casts.")
            self._window.notice_bar.show_notice(told.format(name.strip()), Severity.DONE)

    def delete_cast(self, name: str) -> None:
        """Takes that were made with it stay as they are."""
        store, cast = self._session.store, self._cast(name)
        if store is None or cast is None:
            return
        book = store.cast_book
        words = self.tr("Delete the cast “{}”").format(cast.name)
        self._session.history.do(words, lambda: book.remove(cast.name), lambda: book.save(cast))

    def _meant_take(self) -> StoredTake | None:
        in_hand, desk = self._window.take_control.commands.take, self._session.desk
        if in_hand is not None:
            return in_hand.take
        selected = sorted(self._session.scene.selected_takes)
        return desk.shelf.take(selected[0]).take if desk is not None and selected else None

    def _show_casts(self) -> None:
        store = self._session.store
        self._form.set_casts(None if store is None else [cast.name for cast in store.cast_book.casts()])

    # Presets

    def use_preset(self, name: str) -> None:
        keys = self._selected_keys()
        choice = next((each.choice for each in self._settings().sound_presets if each.name == name), None)
        if choice is not None:
            self.book.change(keys, lambda memory: memory.set(keys, choice))

    def ask_to_save_preset(self) -> None:
        title, question = self.tr("Save as preset"), self.tr("A name for these settings:")
        name, is_named = QInputDialog.getText(self._window, title, question)
        if is_named and name.strip():
            self.save_preset(name.strip())

    def save_preset(self, name: str) -> None:
        choice = self.memory.shared(self._selected_keys()).choice
        choice = msgspec.structs.replace(choice, layers=())  # which are each clip's own
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
