"""What an editor has chosen for a clip's sound, as it is kept in mind, named as a preset, and made into wishes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from engine.protocol import Sampling
from foley_plugin.jobs.generate import Wish
from foley_plugin.takes.cast_book import CastSound

MAX_TAKES = 9

SOUND_FIELDS = frozenset({"labels", "cast", "prompt", "negative_label", "negative_prompt"})
"""What belongs to one clip; the rest is how an editor works, and is taken on to the next clip."""


class SoundChoice(Struct, frozen=True):
    """Labels of none take the sound from the picture; of several, each lies on a layer of its own."""

    labels: tuple[str, ...] = ()
    cast: str | None = None
    """The name of a cast sound to go on from."""
    negative_label: str | None = None
    prompt: str = ""
    negative_prompt: str = ""
    takes: Annotated[int, Meta(ge=1, le=MAX_TAKES)] = 1
    seed: int | None = None
    """None goes on after the seeds that a cue has had."""
    cfg_scale: float = Sampling().cfg_scale
    temperature: float = Sampling().temperature
    guide_against: Literal["null", "held"] = Sampling().guide_against

    def wishes(self, cast: CastSound | None, *, reads_text: bool) -> list[Wish]:
        """One wish a layer.

        Args:
            cast: what `cast` names.
            reads_text: whether the model can be asked in words; where it cannot, they are left out.
        """
        sampling = msgspec.structs.replace(
            Sampling(),
            cfg_scale=self.cfg_scale,
            temperature=self.temperature,
            guide_against=self.guide_against,
        )
        wish = Wish(
            label=None if cast is None else cast.label,
            negative_label=self.negative_label,
            prompt=(self.prompt.strip() or None) if reads_text else None,
            negative_prompt=(self.negative_prompt.strip() or None) if reads_text else None,
            takes=self.takes,
            seed=self.seed,
            cast=None if cast is None else cast.sound,
            sampling=sampling,
        )
        return [
            msgspec.structs.replace(wish, label=label, layer=layer)
            for layer, label in enumerate(self.labels or (wish.label,))
        ]

    def sound_of(self, other: SoundChoice) -> SoundChoice:
        """How this one works, with what the other one sounds like."""
        return msgspec.structs.replace(self, **{name: getattr(other, name) for name in SOUND_FIELDS})


class SoundPreset(Struct, frozen=True):
    """A choice under a name."""

    name: str
    choice: SoundChoice


def with_preset(presets: Sequence[SoundPreset], preset: SoundPreset) -> list[SoundPreset]:
    """In the order of their names; one of the same name is replaced."""
    return sorted(
        [*without_preset(presets, preset.name), preset], key=lambda each: (each.name.casefold(), each.name)
    )


def without_preset(presets: Iterable[SoundPreset], name: str) -> list[SoundPreset]:
    return [each for each in presets if each.name.casefold() != name.casefold()]
