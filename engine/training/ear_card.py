"""What the ear got right, and the card that says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from msgspec import Struct

from engine.evaluation.embeddings.ear import WEIGHTS_FILE, Ear, EarFolder
from engine.training.recordings import RecordingLibrary

CARD_FILE = "MODEL_CARD.md"

TEXT = """# foley-ear

A small network that hears windows of 0.96 s of sound: {dim} values for each (for the Fréchet distance that is
called FAD (foley-ear)) and how likely each of {labels} labels is (for KL (foley-ear)). It is foley's own, so that
`foley evaluate` has both without any download.

## What it is not

Not VGGish, not PaSST, not a general tagger: a Fréchet distance or a divergence measured with it compares with
nothing but others measured with the same weights (sha256 `{sha256}`).

## Licence

The weights are given under CC BY 4.0. They have heard the same recordings as the default model: the credits are
in that model's card (`../foley-tiny/MODEL_CARD.md`, Recordings).

## Data

{trained} recordings to train on, {held_out} held out, whole, by recording: those of {tested} of the {labels}
labels. The other labels have fewer than four recordings and are not tested.

## Figures

Held-out recordings, each heard whole, after the last step.

| named right | share |
|---|---|
| label (of {labels}) | {label:.3f} |
| label among the first three | {top3:.3f} |
| label, mean over the {tested} labels | {mean:.3f} |
| family (of {families}) | {family:.3f} |
| family, by always naming the commonest | {chance:.3f} |

## Limits

{held_out} recordings are few: a share near one half is uncertain by {uncertain:.2f} either way. It hears 16 kHz.
Most labels come from a handful of sources, and what one microphone and room did to them is part of what it knows.
It was not trained on generated sound.

## Training

`foley train ear --sounds DIR --out RUN`: 2,500 steps of 64 windows, on one processor core in about a
quarter of an hour.
"""


class EarAccuracy(Struct, frozen=True):
    """Over held-out recordings, heard whole. The mean over labels counts each label once."""

    num_recordings: int
    num_labels: int
    label: float
    label_top3: float
    label_mean_over_labels: float
    family: float
    family_chance: float
    """What naming the commonest family of the training recordings would get."""


def measure_ear(ear: Ear, library: RecordingLibrary) -> EarAccuracy:
    """How often the held-out recordings' labels and families are named right."""
    held_out = library.of_split("held_out")
    truth = [ear.labels.index(recording.label) for recording in held_out]
    heard = np.stack([ear.label_probabilities(recording.wav) for recording in held_out])
    ranked = np.argsort(-heard, axis=1)
    right = ranked[:, 0] == np.array(truth)
    families = [max(p := ear.family_probabilities(r.wav), key=lambda f: p[f]) for r in held_out]
    true_families = [ear.config.families[index] for index in truth]
    trained = [ear.config.families[ear.labels.index(r.label)] for r in library.of_split("train")]
    commonest = max(set(trained), key=trained.count)
    return EarAccuracy(
        num_recordings=len(held_out),
        num_labels=len(set(truth)),
        label=float(right.mean()),
        label_top3=float(np.mean([t in row[:3] for t, row in zip(truth, ranked, strict=True)])),
        label_mean_over_labels=float(
            np.mean([right[np.array(truth) == t].mean() for t in sorted(set(truth))])
        ),
        family=float(np.mean([a == b for a, b in zip(families, true_families, strict=True)])),
        family_chance=float(np.mean([family == commonest for family in true_families])),
    )


def write_ear_card(folder: Path, record: EarFolder, library: RecordingLibrary, accuracy: EarAccuracy) -> None:
    """Write `MODEL_CARD.md` beside the weights."""
    text = TEXT.format(
        dim=record.ear.dim,
        labels=len(record.ear.labels),
        families=len(set(record.ear.families)),
        sha256=record.weights[WEIGHTS_FILE],
        trained=len(library.of_split("train")),
        held_out=accuracy.num_recordings,
        tested=accuracy.num_labels,
        label=accuracy.label,
        top3=accuracy.label_top3,
        mean=accuracy.label_mean_over_labels,
        family=accuracy.family,
        chance=accuracy.family_chance,
        uncertain=1.96 * 0.5 / np.sqrt(accuracy.num_recordings),
    )
    (folder / CARD_FILE).write_text(text, encoding="utf-8")
