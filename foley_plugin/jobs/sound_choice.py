"""What an editor has chosen for a clip's sound, as it is kept in mind, named as a preset, and made into wishes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from engine.protocol import MAX_DRAFTS, Sampling, SamplingWish
from foley_plugin.jobs.generate import Wish
from foley_plugin.jobs.job import Job
from foley_plugin.takes.cast_book import CastSound
from foley_plugin.takes.records import StoredTake

MAX_TAKES = 9

UNSEEN_FIELDS = frozenset({"top_k", "drafts"})
"""What no form shows: it comes with the settings of a take that was asked for on the command line."""

SOUND_FIELDS = UNSEEN_FIELDS | {"labels", "cast", "layers", "prompt", "negative_label", "negative_prompt"}
"""What belongs to one clip; the rest is how an editor works, and is taken on to the next clip, where it is seen."""


class LayerSound(Struct, frozen=True):
    """What lies on one layer: a label, or a cast by its name; neither is what the picture decides."""

    layer: int
    label: str | None = None
    cast: str | None = None


class SoundChoice(Struct, frozen=True):
    """The cast and each of the labels lie on a layer of their own; without any the picture decides."""

    labels: tuple[str, ...] = ()
    cast: str | None = None
    """The name of a cast sound to go on from."""
    layers: tuple[int, ...] = ()
    """Of the cast, if there is one, and of each label; empty where they are 0, 1, 2 and so on."""
    negative_label: str | None = None
    prompt: str = ""
    negative_prompt: str = ""
    takes: Annotated[int, Meta(ge=1, le=MAX_TAKES)] = 1
    seed: int | None = None
    """None goes on after the seeds that a cue has had."""
    cfg_scale: float | None = None
    """None, here and below, leaves it to the model."""
    temperature: float | None = None
    guide_against: Literal["null", "held"] | None = None
    top_k: Annotated[int, Meta(ge=1)] | None = None
    drafts: Annotated[int, Meta(ge=1, le=MAX_DRAFTS)] | None = None

    @property
    def sounds(self) -> list[LayerSound]:
        """What lies on each layer, the lowest first; never empty."""
        names = self._names()
        layers = self.layers if len(self.layers) == len(names) else range(len(names))
        found = [LayerSound(layer, label, cast) for layer, (label, cast) in zip(layers, names, strict=True)]
        return sorted(found, key=lambda each: each.layer) or [LayerSound(0)]

    def changed(self, **changes: object) -> SoundChoice:
        """With other fields. A sound that stays keeps its layer, a new one gets the lowest that is free."""
        after = msgspec.structs.replace(self, **changes)
        if {"labels", "cast"}.isdisjoint(changes):
            return after
        return msgspec.structs.replace(after, layers=_kept_layers(after._names(), self.sounds))

    def with_sounds(self, sounds: Iterable[LayerSound]) -> SoundChoice:
        """With these on their layers; of several casts, the first."""
        ordered = sorted(sounds, key=lambda each: each.layer)
        casts = [each for each in ordered if each.cast is not None][:1]
        named = [*casts, *(each for each in ordered if each.label is not None)]
        return msgspec.structs.replace(
            self,
            labels=tuple(each.label for each in named if each.label is not None),
            cast=casts[0].cast if casts else None,
            layers=_plain(each.layer for each in named),
        )

    def with_labels_on(self, layer: int, labels: Sequence[str]) -> SoundChoice:
        """With the first of these labels on one layer and further ones on free ones; the other layers stay.

        None of them empties the layer.
        """
        others = [each for each in self.sounds if each.layer != layer]
        taken = {each.layer for each in others} | {layer}
        free = (number for number in count() if number not in taken)
        new = [LayerSound(next(free) if number else layer, label) for number, label in enumerate(labels)]
        return self.with_sounds([*others, *new])

    def with_sound(self, sound: LayerSound) -> SoundChoice:
        """With another sound on its layer; where the clip has no such layer, with that sound alone."""
        others = [each for each in self.sounds if each.layer != sound.layer]
        if len(others) == len(self.sounds):
            others = []
        return self.with_sounds([*others, sound])

    def on_first_layer(self) -> SoundChoice:
        """As it is made: the first layer alone follows the hits, so that the next sound takes an empty one over."""
        first, *others = self.sounds
        if first.layer == 0:
            return self
        return self.with_sounds([LayerSound(0, first.label, first.cast), *others])

    def wishes(self, cast: CastSound | None, *, reads_text: bool) -> list[Wish]:
        """One wish a layer.

        Args:
            cast: what `cast` names.
            reads_text: whether the model can be asked in words; where it cannot, they are left out.
        """
        sampling = SamplingWish(
            cfg_scale=self.cfg_scale,
            top_k=self.top_k,
            temperature=self.temperature,
            guide_against=self.guide_against,
            drafts=self.drafts,
        )
        sounds = self.sounds
        wish = Wish(
            negative_label=self.negative_label,
            prompt=(self.prompt.strip() or None) if reads_text else None,
            negative_prompt=(self.negative_prompt.strip() or None) if reads_text else None,
            takes=self.takes,
            seed=self.seed,
            layers=frozenset(each.layer for each in sounds),
            sampling=sampling,
        )
        return [
            msgspec.structs.replace(wish, label=each.label, layer=each.layer)
            if each.cast is None or cast is None
            else msgspec.structs.replace(wish, label=cast.label, cast=cast.sound, layer=each.layer)
            for each in sounds
        ]

    def sound_of(self, other: SoundChoice) -> SoundChoice:
        """How this one works, with what the other one sounds like."""
        return msgspec.structs.replace(self, **{name: getattr(other, name) for name in SOUND_FIELDS})

    def _names(self) -> list[tuple[str | None, str | None]]:
        """Label and cast of each sound, in the order of `layers`."""
        cast: list[tuple[str | None, str | None]] = [] if self.cast is None else [(None, self.cast)]
        return [*cast, *((label, None) for label in self.labels)]


def sounds_of_takes(
    takes: Iterable[tuple[Job, StoredTake]], casts: Sequence[CastSound] = ()
) -> list[LayerSound]:
    """What was asked for the takes of one clip, of each layer for the first; none where the picture decided.

    Args:
        casts: of the project, by which a take's is named.
    """
    found: dict[int, LayerSound] = {}
    decided: dict[int, str] = {}
    for job, take in takes:
        layer, cast = job.cue.layer, name_of_cast(job, casts)
        found.setdefault(layer, LayerSound(layer, job.cue.label if cast is None else None, cast))
        decided.setdefault(layer, take.label)
    if all(each.label is None and each.cast is None for each in found.values()):
        found = {layer: each for layer, each in found.items() if len(found) > 1}
    return [
        LayerSound(each.layer, decided[each.layer]) if each.label is None and each.cast is None else each
        for each in sorted(found.values(), key=lambda each: each.layer)
    ]


def name_of_cast(job: Job, casts: Iterable[CastSound]) -> str | None:
    """What the cast that a job goes on from is called in its project; None where it has none there."""
    sound = job.request.cast
    return None if sound is None else next((each.name for each in casts if each.sound == sound), None)


def _kept_layers(
    names: Iterable[tuple[str | None, str | None]], before: Sequence[LayerSound]
) -> tuple[int, ...]:
    left = list(before)
    kept: list[int | None] = []
    for name in names:
        same = next((each for each in left if (each.label, each.cast) == name), None)
        kept.append(None if same is None else same.layer)
        left = [each for each in left if each is not same]
    free = (number for number in count() if number not in kept)
    return _plain(next(free) if layer is None else layer for layer in kept)


def _plain(layers: Iterable[int]) -> tuple[int, ...]:
    """Empty where they say nothing."""
    found = tuple(layers)
    return () if found == tuple(range(len(found))) else found


class ModelDrawing(Struct, frozen=True):
    """What a choice says of the drawing, in full: the model's own; by default the default model's."""

    cfg_scale: float = Sampling().cfg_scale
    temperature: float = Sampling().temperature
    guide_against: Literal["null", "held"] = Sampling().guide_against

    def chosen(self, choice: SoundChoice) -> ModelDrawing:
        """With what a choice says instead."""
        said = {name: getattr(choice, name) for name in self.__struct_fields__}
        return msgspec.structs.replace(
            self, **{name: value for name, value in said.items() if value is not None}
        )


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
