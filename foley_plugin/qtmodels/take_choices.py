"""Which takes lie on the timeline, on the shelf and in the store alike, so that both can be put back. No Qt."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from foley_plugin.qtmodels.take_shelf import Slot, TakeShelf
from foley_plugin.takes.store import Store

Choices = dict[Slot, str | None]
"""What lies in some slots: a take's id, or None where a slot is silent."""


class TakeChoices:
    """Places takes and remembers it: what is chosen is what is delivered, and what is there another day.

    All of it raises a `ProjectError` where the project cannot be written.
    """

    def __init__(self, store: Store, shelf: TakeShelf) -> None:
        self._book, self._shelf = store.cue_book, shelf

    def around(self, take_id: str, layers: Container[int] | None = None) -> Choices:
        """As it stands now wherever a take may lie, in what it would cover, and on layers that it leaves none."""
        slots = self._slots_of(take_id)
        return self.of([*slots, *self._covered_by(slots), *self._beyond(slots, layers)])

    def of(self, slots: Iterable[Slot]) -> Choices:
        """What lies in them now."""
        return {slot: self._shelf.placed_in(slot) for slot in slots}

    def restore(self, choices: Choices) -> None:
        """As it was, whatever has been made since."""
        takes = [self._shelf.take(take_id).take for take_id in choices.values() if take_id is not None]
        meant = {take.cue_id: take.id for take in takes}
        self._book.choose_all({cue_id: meant.get(cue_id) for cue_id in self._shelf.cues_in(choices)})
        for slot, take_id in choices.items():
            self._shelf.set_placed(slot, take_id)

    def place(self, take_id: str, layers: Container[int] | None = None) -> None:
        """In all its places, instead of any other: two takes of one clip and layer never sound over each other.

        Args:
            layers: see `Wish.layers`.
        """
        slots = self._slots_of(take_id)
        silent = [*self._covered_by(slots), *self._beyond(slots, layers)]
        self.restore(dict.fromkeys(slots, take_id) | dict.fromkeys(silent))

    def take_off(self, take_ids: Iterable[str]) -> None:
        """Where they lie it is silent; the takes stay on the shelf."""
        gone = [(slot, each) for each in take_ids for slot in self._slots_of(each)]
        self.restore({slot: None for slot, take_id in gone if self._shelf.placed_in(slot) == take_id})

    def place_newest(self, take_id: str, layers: Container[int] | None = None) -> None:
        """As `place`, for a take that has just landed: the newest is meant unless somebody chooses."""
        self.place(take_id, layers)
        self._book.forget_choice(self._shelf.take(take_id).take.cue_id)

    def _slots_of(self, take_id: str) -> list[Slot]:
        return [place.slot for place in self._shelf.places_of(take_id)]

    def _covered_by(self, slots: Sequence[Slot]) -> list[Slot]:
        """Other slots, such as a marked part of the same clip, where something lies that these would cover."""
        return [
            other
            for other in self._filled(slots)
            if other not in slots and any(slot.overlaps(other) for slot in slots)
        ]

    def _beyond(self, slots: Sequence[Slot], layers: Container[int] | None) -> list[Slot]:
        """Wherever takes lie that would be heard with these on layers that the clip is not to have."""
        if layers is None:
            return []
        gone = {
            self._shelf.placed_in(other)
            for other in self._filled(slots)
            if other.layer not in layers and any(slot.meets(other) for slot in slots)
        }
        places = [(slot, each) for each in gone if each is not None for slot in self._slots_of(each)]
        return [slot for slot, take_id in places if self._shelf.placed_in(slot) == take_id]

    def _filled(self, slots: Iterable[Slot]) -> set[Slot]:
        """Where something lies in the clips of these."""
        return {take.slot for slot in slots for take in self._shelf.placed_of(slot.clip)}
