"""Which sound is chosen for each clip of the open cut. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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

    def chosen(self, clip: ClipKey) -> SoundChoice | None:
        """None where nothing was chosen for this clip."""
        return self._choices.get(clip)

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
            self._choices[clip] = self.of(clip).changed(**changes)
        kept = {name: value for name, value in changes.items() if not keys or name not in SOUND_FIELDS}
        self.default = self.default.changed(**kept)

    def set(self, clips: Iterable[ClipKey], choice: SoundChoice) -> None:
        """A whole choice, such as a preset; on which layers it lies is each clip's own."""
        fields = (name for name in SoundChoice.__struct_fields__ if name != "layers")
        self.change(clips, **{name: getattr(choice, name) for name in fields})

    def put(self, choices: Mapping[ClipKey, SoundChoice | None]) -> None:
        """What is chosen for these clips from now on; None for nothing."""
        for clip, choice in choices.items():
            if choice is None:
                self._choices.pop(clip, None)
            else:
                self._choices[clip] = choice

    def copy(self) -> SoundMemory:
        """To try a change on."""
        other = SoundMemory()
        other._choices, other.default = dict(self._choices), self.default
        return other

    def forget_clips(self) -> None:
        self._choices.clear()

    def begin_cut(self) -> None:
        """Another cut: its clips begin with how the editor worked on the last one."""
        self.forget_clips()
        self.default = self.default.sound_of(SoundChoice())
