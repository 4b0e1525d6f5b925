"""The sounds chosen for the clips of the open cut: kept in the project, changed through the history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePath

import msgspec
from PyQt6.QtCore import QObject, pyqtSignal

from foley_plugin.jobs.sound_choice import SoundChoice, sounds_of_takes
from foley_plugin.qtmodels.clip_cues import ClipCues
from foley_plugin.qtmodels.edit_history import EditHistory
from foley_plugin.qtmodels.lanes import ClipKey
from foley_plugin.qtmodels.sound_memory import SoundMemory
from foley_plugin.qtmodels.take_shelf import ShelfTake, TakeShelf
from foley_plugin.takes.cast_book import CastSound
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import ClipRecord
from foley_plugin.timeline.selection import whole_clip

Work = Callable[[SoundMemory], object]


class SoundBook(QObject):
    """`memory` is what is chosen now. A choice is stored before it is shown; before the project is open, then.

    What is chosen with no clip selected is no part of the project, and no step of the history.
    """

    changed = pyqtSignal()

    def __init__(self, history: EditHistory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._store: Store | None = None
        self._cues: ClipCues | None = None
        self._clips: Mapping[ClipKey, ClipRecord] = {}
        self._early: list[tuple[Sequence[ClipKey], Work]] = []
        """Changes of this cut that were made while its project was not open."""
        self.memory = SoundMemory()

    def begin_cut(self) -> None:
        """Another cut, whose project is not open yet."""
        self._store = self._cues = None
        self._clips = {}
        self._early.clear()
        self.memory.begin_cut()

    def attach(self, store: Store, shelf: TakeShelf, clips: Mapping[ClipKey, ClipRecord]) -> None:
        """Read what is kept. A clip for which nothing is begins with what its takes on the timeline were made of."""
        if store is self._store:
            return
        self._store, self._cues, self._clips = store, ClipCues(store), clips
        self.memory.forget_clips()
        self.memory.put(self._kept_choices(store, self._cues))
        casts = store.cast_book.casts()
        for key in clips:
            if not self.memory.is_chosen(key):
                self.memory.put({key: self._choice_of(key, shelf.placed_of(key), casts)})
        early, self._early = self._early, []
        for keys, work in early:
            self.change(keys, work)

    def choice_of_takes(self, clip: ClipKey, takes: Iterable[ShelfTake]) -> SoundChoice | None:
        """A choice of what takes of a clip were made of; None where it was left to the picture."""
        return self._choice_of(clip, takes, [] if self._store is None else self._store.cast_book.casts())

    def change(self, clips: Sequence[ClipKey], work: Work, *, series: object = None) -> None:
        """Change what is chosen for these clips, or where there are none, what every clip begins with.

        Args:
            work: changes a copy of the memory.
            series: see `EditHistory.do`.
        """
        after = self.memory.copy()
        work(after)
        if self._store is None or not clips:
            if clips:
                self._early.append((clips, work))
            work(self.memory)
            self.changed.emit()
            return
        choices = {clip: after.chosen(clip) for clip in clips}
        before = {clip: self.memory.chosen(clip) for clip in clips}
        was, default = self.memory.default, after.default
        if (choices, default) != (before, was):
            self._history.do(
                self.tr("choice of sound"),
                lambda: self._put(choices, was, default),
                lambda: self._put(before, default, was),
                series=series,
            )
        self.changed.emit()  # where it could not be kept, what is shown goes back

    def as_made(self, clip: ClipKey) -> SoundChoice:
        """What the clip's next takes are made of; from now on it is chosen so.

        Raises:
            ProjectError: the project cannot be written.
        """
        choice = self.memory.of(clip).on_first_layer()
        if self.memory.is_chosen(clip) and choice != self.memory.of(clip):
            self._keep({clip: choice})
        return choice

    # within

    def _choice_of(
        self, clip: ClipKey, takes: Iterable[ShelfTake], casts: Sequence[CastSound]
    ) -> SoundChoice | None:
        made = [(take.job, take.take) for take in takes if take.job is not None]
        sounds = sounds_of_takes(made, casts)
        return self.memory.of(clip).with_sounds(sounds) if sounds else None

    def _put(
        self, choices: Mapping[ClipKey, SoundChoice | None], before: SoundChoice, after: SoundChoice
    ) -> None:
        """Choices, and the default where it is what it was before."""
        self._keep(choices)
        if self.memory.default == before:
            self.memory.default = after
        self.changed.emit()

    def _keep(self, choices: Mapping[ClipKey, SoundChoice | None]) -> None:
        """Store first: where that fails, what is chosen is what is kept."""
        if self._store is not None:
            with self._store.together():
                for clip, choice in choices.items():
                    self._store_choice(self._store, clip, choice)
        self.memory.put(choices)

    def _store_choice(self, store: Store, clip: ClipKey, choice: SoundChoice | None) -> None:
        record = self._clips.get(clip)
        if record is None or not record.eligible or self._cues is None:
            return  # nothing is made for it
        selected = whole_clip(record)
        cue = store.cue(self._cues.key(selected)) or self._cues.find_or_add(selected)
        text = None if choice is None else msgspec.json.encode(choice).decode()
        store.cue_sounds.set(cue.id, text)

    def _kept_choices(self, store: Store, cues: ClipCues) -> dict[ClipKey, SoundChoice]:
        kept = store.cue_sounds.all()
        own = [cue for cue in store.cues() if cue.id in kept] if kept else []
        text_of = {cue.key: kept[cue.id] for cue in own}
        names = {PurePath(cue.media).name for cue in own}
        found = {}
        for key, clip in self._clips.items():
            if clip.eligible and PurePath(clip.media or "").name in names:
                text = text_of.get(cues.key(whole_clip(clip)))
                if text is not None:
                    found[key] = msgspec.json.decode(text, type=SoundChoice)
        return found
