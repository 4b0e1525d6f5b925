"""Which sound is chosen for each clip of the open cut. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from foley_plugin.jobs.sound_choice import SOUND_FIELDS, SoundChoice
from foley_plugin.qtmodels.lanes import ClipKey


@dataclass(frozen=True)
class SharedChoice:
    """What several clips have in common: one choice, and the names of its fields in which they differ."""

    choice: SoundChoice
    several: frozenset[str] = frozenset()


class SoundMemory:
    """A choice for each clip that one was made for; the others begin with `default`.

    How an editor works (takes, seed, sampling) is taken on from the last clip; what a clip sounds like is not, since
    the next clip is another thing. Chosen with no clip selected, it is what every clip begins with.
    """

    def __init__(self) -> None:
        self._choices: dict[ClipKey, SoundChoice] = {}
        self.default = SoundChoice()

    def of(self, clip: ClipKey) -> SoundChoice:
        return self._choices.get(clip, self.default)

    def is_chosen(self, clip: ClipKey) -> bool:
        return clip in self._choices

    def shared(self, clips: Sequence[ClipKey]) -> SharedChoice:
        """What a form shows for these clips; the default where there are none."""
        if not clips:
            return SharedChoice(self.default)
        choices = {id(choice): choice for choice in map(self.of, clips)}.values()
        first = self.of(clips[0])
        several = (
            name
            for name in SoundChoice.__struct_fields__
            if any(getattr(choice, name) != getattr(first, name) for choice in choices)
        )
        return SharedChoice(first, frozenset(several))

    def change(self, clips: Iterable[ClipKey], **changes: object) -> None:
        """Set some fields for these clips, the others stay; with no clips, for all that have no choice yet."""
        keys = list(clips)
        for clip in keys:
            self._choices[clip] = msgspec.structs.replace(self.of(clip), **changes)
        kept = {name: value for name, value in changes.items() if not keys or name not in SOUND_FIELDS}
        self.default = msgspec.structs.replace(self.default, **kept)

    def set(self, clips: Iterable[ClipKey], choice: SoundChoice) -> None:
        """A whole choice, such as a preset."""
        self.change(clips, **{name: getattr(choice, name) for name in SoundChoice.__struct_fields__})

    def begin_cut(self) -> None:
        """Another cut: its clips begin with how the editor worked on the last one."""
        self._choices.clear()
        self.default = self.default.sound_of(SoundChoice())
