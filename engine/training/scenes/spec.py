"""All that happens in one rendered scene, drawn at random before anything is rendered."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from msgspec import Struct

from engine.protocol import Hit
from engine.training.scenes.actors import Actor, Cover, Drifter
from engine.training.scenes.camera import Backdrop, Camera
from engine.training.scenes.casting import Cast, cast_for
from engine.training.scenes.cue import Cue, Staged
from engine.training.scenes.events import LibraryView
from engine.training.scenes.labels import ANY_CONTINUOUS_LOOK, ANY_LOOK, LOOKS, POINT_KINDS, LabelLook
from engine.training.scenes.paths import Intensity, Tremor, Wander
from engine.training.scenes.staging import STAGES
from engine.training.scenes.timing import draw_hits, draw_intensity, no_intensity

TRAIN_SEEDS = range(2**40)
VALIDATION_SEEDS = range(2**40, 2**40 + 10**6)
TEST_SEEDS = range(2**41, 2**41 + 10**6)
"""Pictures of one split are never drawn from a seed of another."""

FRAME_RATES = (10.0, 12.0, 15.0, 24000 / 1001, 24.0, 25.0, 30000 / 1001, 30.0, 50.0, 60000 / 1001, 60.0)


class SceneConfig(Struct, frozen=True):
    """How often what is drawn. Rates are hits a second."""

    duration_s: float = 4.0
    hits_per_s: tuple[float, float] = (0.3, 5.0)
    min_gap_s: float = 0.12
    strengths: tuple[float, float] = (0.1, 1.0)
    continuous_share: float = 0.2
    still_share: float = 0.06
    cut_share: float = 0.25
    distractor_share: float = 0.4
    cover_share: float = 0.1
    moving_camera_share: float = 0.5
    handled_share: float = 0.0
    """Scenes of hits in which a hand sets things down, whatever the label's own ways of moving are."""
    strided_share: float = 0.0
    """Of scenes in which someone walks, those whose walker has legs that bend; the others are of an older kind."""


TRAINING_SCENES = SceneConfig()
TEST_SCENES = SceneConfig(
    hits_per_s=(0.5, 2.0),
    min_gap_s=0.25,
    strengths=(0.35, 1.0),
    continuous_share=0.0,
    still_share=0.0,
    cover_share=0.0,
)
"""What onset F1 is measured on: hits that can be told apart, and contact in sight."""


@dataclass(frozen=True)
class Shot:
    """The picture from `start_s` to `end_s`."""

    start_s: float
    end_s: float
    backdrop: Backdrop
    camera: Camera
    actors: tuple[Actor, ...]


@dataclass(frozen=True)
class Grade:
    """What is done to the finished picture."""

    gain: float
    lift: float
    tint: tuple[float, float, float]
    noise: float
    flicker: Wander | None
    noise_seed: int


@dataclass(frozen=True)
class SceneSpec:
    """One scene. `hits` are in time order; `intensity` is 0 throughout where the label is not continuous.

    Frames of a camera at `frame_rate` expose from their own time for `shutter_s`.
    """

    duration_s: float
    label: str
    kind: str
    hits: tuple[Hit, ...]
    continuous: bool
    intensity: Intensity
    shots: tuple[Shot, ...]
    grade: Grade
    frame_rate: float
    shutter_s: float
    cuts_s: tuple[float, ...] = field(default=())


def scene_rng(seed: int) -> np.random.Generator:
    """The generator of one scene's picture."""
    return np.random.default_rng([seed % 2**32, seed // 2**32, 7])


def draw_spec(
    rng: np.random.Generator,
    view: LibraryView,
    config: SceneConfig = TRAINING_SCENES,
    *,
    label: str | None = None,
) -> SceneSpec:
    """Draw a scene of a label that the library can sound (any of them, if not given)."""
    label, continuous = _choose_label(rng, view, config, label)
    look = _look(label, continuous)
    kind = _draw_kind(rng, label, look, config, continuous=continuous)
    silent = rng.random() < config.still_share
    cuts = _draw_cuts(rng, config)
    rate_hz = float(np.exp(rng.uniform(*np.log(config.hits_per_s))))
    intensity = (
        draw_intensity(rng, config.duration_s)
        if continuous and not silent
        else no_intensity(config.duration_s)
    )
    shots: list[Shot] = []
    hits: list[Hit] = []
    for start_s, end_s in zip((0.0, *cuts), (*cuts, config.duration_s), strict=True):
        struck: tuple[Hit, ...] = ()
        if not continuous and not silent:
            first_s = max(start_s + 0.06, hits[-1].time_s + config.min_gap_s if hits else 0.0)
            struck = draw_hits(
                rng,
                start_s=first_s,
                end_s=end_s - 0.05,
                rate_hz=rate_hz,
                min_gap_s=config.min_gap_s,
                strengths=config.strengths,
                kind=kind,
            )
        hits.extend(struck)
        shots.append(_draw_shot(rng, Cue(start_s, end_s, struck, intensity, label), look, kind, config))
    frame_rate = float(rng.choice(FRAME_RATES))
    return SceneSpec(
        duration_s=config.duration_s,
        label=label,
        kind="still" if silent else kind,
        hits=tuple(hits),
        continuous=continuous,
        intensity=intensity,
        shots=tuple(shots),
        grade=_draw_grade(rng),
        frame_rate=frame_rate,
        shutter_s=float(rng.uniform(0.05, 0.7)) / frame_rate,
        cuts_s=cuts,
    )


def _choose_label(
    rng: np.random.Generator, view: LibraryView, config: SceneConfig, label: str | None
) -> tuple[str, bool]:
    if label is None:
        pool = view.continuous_labels if rng.random() < config.continuous_share else view.point_labels
        label = str(rng.choice(pool or view.labels))
    if label not in view.labels:
        raise ValueError(f"no recording sounds {label!r}")
    return label, label in view.continuous_labels


def _look(label: str, continuous: bool) -> LabelLook:
    look = LOOKS.get(label, ANY_LOOK)
    fits = tuple(kind for kind in look.kinds if (kind in POINT_KINDS) != continuous)
    if not fits:
        return ANY_CONTINUOUS_LOOK if continuous else ANY_LOOK
    return LabelLook(fits, look.material, look.ground)


def _draw_kind(
    rng: np.random.Generator, label: str, look: LabelLook, config: SceneConfig, *, continuous: bool
) -> str:
    # Nothing is drawn where none is wanted: scenes of the other kinds stay what they were.
    if config.handled_share and not continuous and rng.random() < config.handled_share:
        return "handle"
    kind = str(rng.choice(look.kinds))
    is_person = kind == "walk" and label != "gallop"
    if is_person and config.strided_share and rng.random() < config.strided_share:
        return "stride"
    return kind


def _draw_cuts(rng: np.random.Generator, config: SceneConfig) -> tuple[float, ...]:
    if rng.random() >= config.cut_share or config.duration_s < 1.5:
        return ()
    count = 1 + int(rng.integers(0, max(1, round(config.duration_s / 3))))
    times = np.sort(rng.uniform(0.6, config.duration_s - 0.6, size=count))
    kept: list[float] = []
    for time_s in times:
        if not kept or time_s - kept[-1] >= 0.6:
            kept.append(round(float(time_s), 6))
    return tuple(kept)


def _draw_shot(rng: np.random.Generator, cue: Cue, look: LabelLook, kind: str, config: SceneConfig) -> Shot:
    cast = cast_for(look.material, look.ground, rng)
    staged = STAGES[kind](rng, cue, cast)
    behind: list[Actor] = []
    before: list[Actor] = []
    if rng.random() < config.distractor_share:
        for _ in range(int(rng.integers(1, 3))):
            (before if rng.random() < 0.2 else behind).append(_draw_distractor(rng, cast))
    if rng.random() < config.cover_share:
        before.append(_draw_cover(rng, cast, staged))
    backdrop = Backdrop(cast.wall, cast.ground, staged.floor_y, shade=float(rng.uniform(-0.3, 0.3)))
    return Shot(
        cue.start_s,
        cue.end_s,
        backdrop,
        _draw_camera(rng, cue, staged, config),
        (*behind, *staged.actors, *before),
    )


def _draw_distractor(rng: np.random.Generator, cast: Cast) -> Drifter:
    sides = rng.uniform(0.02, 0.15, size=3)
    return Drifter(
        cast.accent(rng),
        x=Wander.drawn(rng, float(rng.uniform(0.0, 0.5)), (0.1, 0.9)),
        y=Wander.drawn(rng, float(rng.uniform(0.0, 0.3)), (0.1, 0.9)),
        at_x=float(rng.uniform(-0.6, 0.6)),
        at_y=float(rng.uniform(-0.4, 0.4)),
        half_width=float(sides[0]),
        half_height=float(sides[1]),
        radius=float(sides[2]) * 0.5,
        turn=Wander.drawn(rng, float(rng.uniform(0, 2)), (0.1, 0.6)),
    )


def _draw_cover(rng: np.random.Generator, cast: Cast, staged: Staged) -> Cover:
    half_width, half_height = (float(side) for side in rng.uniform(0.05, 0.18, size=2))
    return Cover(cast.accent(rng), staged.place.x, staged.place.y, half_width, half_height)


def _draw_camera(rng: np.random.Generator, cue: Cue, staged: Staged, config: SceneConfig) -> Camera:
    zoom = float(np.exp(rng.uniform(-0.25, 0.3)))
    if rng.random() >= config.moving_camera_share:
        return Camera(pan_x=staged.pan_x, zoom=zoom, middle_s=cue.middle_s)
    hand = float(rng.choice([0.0, 0.004, 0.012, 0.03]))
    pans = rng.random() < 0.35
    bump = Tremor(cue.times_s, tuple(0.02 * s for s in cue.strengths)) if rng.random() < 0.12 else None
    return Camera(
        pan_x=staged.pan_x + (float(rng.normal(0, 0.12)) if pans else 0.0),
        pan_y=float(rng.normal(0, 0.03)) if pans else 0.0,
        drift_x=Wander.drawn(rng, hand, (0.4, 4.0), 4),
        drift_y=Wander.drawn(rng, hand, (0.4, 4.0), 4),
        bump=bump,
        zoom=zoom,
        zoom_rate=float(rng.normal(0, 0.05)) if rng.random() < 0.25 else 0.0,
        middle_s=cue.middle_s,
    )


def _draw_grade(rng: np.random.Generator) -> Grade:
    red, green, blue = (float(channel) for channel in rng.normal(1, 0.05, size=3))
    return Grade(
        gain=float(rng.uniform(0.7, 1.2)),
        lift=float(rng.uniform(-0.03, 0.1)),
        tint=(red, green, blue),
        noise=float(rng.choice([0.0, 0.006, 0.015, 0.035])),
        flicker=Wander.drawn(rng, float(rng.uniform(0.01, 0.08)), (1.0, 12.0))
        if rng.random() < 0.15
        else None,
        noise_seed=int(rng.integers(2**31)),
    )
