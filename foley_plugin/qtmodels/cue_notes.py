"""Notes by clip and layer, wherever they are kept. Pure: no Qt.

The cue sheet prints the note of the cue whose take lies on the timeline, and a clip has a cue for every label that it
was made under. So a note is kept with all of them, and handed on to those that come later.
"""

from __future__ import annotations

from collections.abc import Iterable

from foley_plugin.qtmodels.clip_cues import ClipCues
from foley_plugin.qtmodels.lanes import ClipKey, clip_key
from foley_plugin.qtmodels.take_shelf import TakeShelf
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import ClipRecord
from foley_plugin.timeline.selection import whole_clip

NotesByLayer = dict[ClipKey, dict[int, str]]


class CueNotes:
    def __init__(self, store: Store, cues: ClipCues, shelf: TakeShelf) -> None:
        self._store, self._cues, self._shelf = store, cues, shelf

    def read(self, clips: Iterable[ClipRecord]) -> NotesByLayer:
        """What is noted; what lies on the timeline wins over the rest."""
        kept = self._store.cue_book.notes()
        if not kept:
            return {}
        found: NotesByLayer = {}
        cues = [cue for cue in self._store.cues() if cue.id in kept and cue.label is None and cue.layer == 0]
        note_of = {cue.key: kept[cue.id] for cue in cues}
        media = {cue.media for cue in cues}
        for clip in clips:
            if clip.eligible and (clip.media or "") in media:  # only for such a clip a key is worth making
                note = note_of.get(self._cues.key(whole_clip(clip)))
                if note is not None:
                    found[clip_key(clip)] = {0: note}
        for take in [*self._shelf.all(), *self._shelf.placed()]:
            if take.take.cue_id in kept:
                found.setdefault(take.clip, {})[take.slot.layer] = kept[take.take.cue_id]
        return found

    def keep(self, clip: ClipRecord, layer: int, note: str) -> dict[int, str]:
        """Note something of a clip; what its cues said before, by cue id, for `put_back`.

        Raises:
            ProjectError: the project cannot be written.
        """
        takes = self._shelf.takes_of(clip_key(clip))
        cue_ids = {take.take.cue_id for take in takes if take.slot.layer == layer}
        if layer == 0:
            cue_ids.add(self._cues.find_or_add(whole_clip(clip)).id)
        kept = self._store.cue_book.notes()
        before = {cue_id: kept.get(cue_id, "") for cue_id in sorted(cue_ids)}
        self.put_back(dict.fromkeys(before, note))
        return before

    def put_back(self, notes: dict[int, str]) -> None:
        """
        Raises:
            ProjectError: the project cannot be written.
        """
        for cue_id, note in notes.items():
            self._store.cue_book.set_note(cue_id, note)

    def hand_on(self, clip: ClipRecord, take_id: str) -> None:
        """A take landed, perhaps under another label: its cue takes the clip's note over.

        Raises:
            ProjectError: the project cannot be written.
        """
        take = self._shelf.take(take_id)
        kept = self._store.cue_book.notes()
        note = self.read([clip]).get(take.clip, {}).get(take.slot.layer) if kept else None
        if note and take.take.cue_id not in kept:
            self._store.cue_book.set_note(take.take.cue_id, note)
