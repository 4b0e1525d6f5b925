"""The cues of the open cut as rows of a table: every clip that can have foley, and each place where takes lie in it.

Pure: no Qt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from foley_plugin.qtmodels.clip_status import RESTING, ClipStatus
from foley_plugin.qtmodels.lanes import ClipKey, clip_key
from foley_plugin.qtmodels.sound_memory import SoundMemory
from foley_plugin.qtmodels.sound_words import BETWEEN_LAYERS, likely, spoken, spoken_choice, spoken_sound
from foley_plugin.qtmodels.take_shelf import ShelfTake, Slot, TakeShelf
from foley_plugin.qtmodels.timeline_scene import TimelineScene
from foley_plugin.timeline.records import ClipRecord


@dataclass(frozen=True)
class SpotRow:
    """One cue. Times in seconds from the timeline's start; hits from the cue's.

    Attributes:
        slot: where takes lie; None of a clip that has none.
        sound: what is to sound, in words; None takes it from the picture.
        hits_s: those of the take that lies there, else those seen; None where nobody has looked yet.
        take: what the take on the timeline is called.
        num_takes: of this place, whether on the timeline or not.
    """

    clip: ClipKey
    slot: Slot | None
    name: str
    record_in_s: float
    record_out_s: float
    sound: str | None
    hits_s: tuple[float, ...] | None
    take: str | None
    seed: int | None
    num_takes: int
    status: ClipStatus
    note: str
    guess: str | None = None
    """What the picture suggests, in words."""
    is_dropped: bool = False
    """The clip is to have no such layer any more: with its next take, what lies here goes."""

    @property
    def layer(self) -> int:
        return 0 if self.slot is None else self.slot.layer

    @property
    def words(self) -> str:
        """All that a filter looks through."""
        parts = (
            self.name,
            self.clip.track,
            self.sound or self.guess or "",
            self.take or "",
            self.note,
            self.status.words,
        )
        return " ".join(parts).casefold()


def spot_rows(
    scene: TimelineScene,
    shelf: TakeShelf | None,
    memory: SoundMemory,
    notes: Mapping[ClipKey, Mapping[int, str]],
) -> list[SpotRow]:
    """In the order of the timeline.

    Args:
        notes: by clip and layer.
    """
    takes_in: dict[ClipKey, dict[Slot, list[ShelfTake]]] = {}
    for take in shelf.all() if shelf is not None else ():
        takes_in.setdefault(take.clip, {}).setdefault(take.slot, []).append(take)
    hits_s = scene.hits_s
    rows: list[SpotRow] = []
    for key, clip in scene.clips.items():
        if clip.eligible:
            rows += _rows_of(
                scene, shelf, memory, notes.get(key, {}), hits_s.get(key), clip, takes_in.get(key, {})
            )
    return sorted(rows, key=lambda row: (row.record_in_s, row.clip.track, row.layer))


def _rows_of(
    scene: TimelineScene,
    shelf: TakeShelf | None,
    memory: SoundMemory,
    notes: Mapping[int, str],
    seen_s: tuple[float, ...] | None,
    clip: ClipRecord,
    takes_in: Mapping[Slot, Sequence[ShelfTake]],
) -> Iterator[SpotRow]:
    key = clip_key(clip)
    status = scene.statuses.get(key, RESTING)
    choice = memory.of(key)
    if not takes_in:
        yield SpotRow(
            key,
            None,
            clip.name,
            clip.record_in[0] / clip.record_in[1],
            clip.record_out[0] / clip.record_out[1],
            spoken_choice(choice),
            seen_s,
            None,
            None,
            0,
            status,
            notes.get(0, ""),
            _guess(scene, key),
        )
    for slot, takes in takes_in.items():
        placed_id = shelf.placed_in(slot) if shelf is not None else None
        placed = next((take for take in takes if take.take_id == placed_id), None)
        newest = placed or takes[-1]
        edges = record_edges(scene, slot)
        chosen = [each for each in choice.sounds if each.layer == slot.layer]
        sound: str | None = spoken(newest.take.label)
        if memory.is_chosen(key):
            sound = spoken_sound(chosen[0]) if chosen else None
        hits_s = seen_s
        if placed is not None:
            hits_s = tuple(hit.time_s for hit in placed.take.hits if 0 <= hit.time_s < edges[1] - edges[0])
        yield SpotRow(
            key,
            slot,
            clip.name,
            *edges,
            sound,
            hits_s,
            shelf.name(placed.take_id) if placed is not None and shelf is not None else None,
            placed.take.seed if placed is not None else None,
            len(takes),
            status,
            notes.get(slot.layer, ""),
            _guess(scene, key),
            is_dropped=memory.is_chosen(key) and not chosen,
        )


def record_edges(scene: TimelineScene, slot: Slot) -> tuple[float, float]:
    start = scene.ruler.time_of(slot.record_frame)
    return start, scene.ruler.time_of(slot.record_frame + slot.duration_frames)


def labels_of_words(words: str, labels: Sequence[str]) -> tuple[str, ...] | None:
    """What was typed, as labels; none for nothing. None where the model knows no such sound.

    >>> labels_of_words("Footstep, gravel + cloth", ["cloth", "footstep_gravel"])
    ('footstep_gravel', 'cloth')
    """
    known = {spoken(label).casefold(): label for label in labels} | {label: label for label in labels}
    found = [known.get(" ".join(each.split()).casefold()) for each in words.split(BETWEEN_LAYERS.strip())]
    if not words.strip():
        return ()
    return None if None in found else tuple(label for label in found if label is not None)


def _guess(scene: TimelineScene, clip: ClipKey) -> str | None:
    found = scene.sheet.of(clip).found
    best = likely(found.labels, ()) if found is not None and found.labels else []
    return spoken(best[0].label) if best else None
