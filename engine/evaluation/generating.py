"""A model's own samples for a set of test clips; a second start goes on where the first stopped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from engine.checkpoints import DEFAULT_MODEL
from engine.errors import MediaError, OutputError, RequestError
from engine.evaluation.clips import BrokenTruth, TestClip, read_clip
from engine.evaluation.samples import System, named_folder, reference, refuse_same_names, samples_in
from engine.media.atomic import write_new_file
from engine.media.audio import write_wav
from engine.pipeline import Pipeline, load_model
from engine.protocol import Generate, Hit, Picture, Sampling, Span, rational
from engine.visual.sight import Sight
from engine.visual.wording import NO_LABEL

RECIPE_FILE = ".recipe.json"
"""Hidden, because a film may be called "recipe" and its sample has a JSON beside it."""
STAMPED_BYTES = 1 << 20
DEFAULT_SAMPLING = Sampling()

HitsFrom = Literal["spotted", "given"]
LabelsFrom = Literal["given", "guessed"]


class SampleRequest(Struct, frozen=True):
    """How models are to be asked.

    Attributes:
        hits: "spotted" in the picture, or "given": the clip's true ones (what an editor would correct them to).
        labels: the clip's own where it has one that the model knows ("given"), or always the model's best guess.
    """

    hits: HitsFrom = "spotted"
    labels: LabelsFrom = "given"
    seed: int = 0
    sampling: Sampling = DEFAULT_SAMPLING


class SampleRecipe(Struct, frozen=True):
    """All that shapes a folder of samples but the clips themselves."""

    model: str
    model_sha256: str
    request: SampleRequest


class SampleNote(Struct, frozen=True):
    """What stands beside a sample. `film` tells the film that it was made for from another of that name."""

    label: str
    label_from: Literal["file", "picture"]
    hits: list[Hit]
    seed: int
    film: str = ""


@dataclass(frozen=True)
class SampleMaker:
    """A model and how it is asked."""

    pipeline: Pipeline
    request: SampleRequest

    @property
    def recipe(self) -> SampleRecipe:
        model = self.pipeline.model
        return SampleRecipe(model.config.name, model.record.sha256, self.request)


def model_rows(
    models: Sequence[str],
    request: SampleRequest,
    films: Sequence[Path],
    out: Path,
    others: Sequence[System],
    log: Callable[[str], None],
) -> list[System]:
    """A row a model: folders, or NAME=DIR; the default model where there is none. Samples go into out/samples.

    Raises:
        RequestError: two rows would have one name. CheckpointError: a model cannot be loaded. OutputError.
    """
    named = [named_folder(option) for option in models] or [("", DEFAULT_MODEL)]
    folders = [(name or folder.resolve().name, folder) for name, folder in named]
    refuse_same_names([*others, reference(), *(System(name, "model") for name, _ in folders)])
    rows = []
    for number, (name, folder) in enumerate(folders):
        maker = SampleMaker(Pipeline(load_model(folder)), request)
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-") or f"model-{number + 1}"

        def tell(done: int, name: str = name) -> None:
            if done == len(films) or done % 25 == 0:
                log(f"{name}: {done} of {len(films)} samples")

        rows.append(make_samples(maker, films, out / "samples" / plain, name=name, on_sample=tell))
    return rows


def make_samples(
    maker: SampleMaker,
    films: Sequence[Path],
    folder: Path,
    *,
    name: str,
    on_sample: Callable[[int], None] = lambda done: None,
) -> System:
    """One sample a film into `folder`; those that lie there already are kept. A film that fails is noted.

    Raises:
        OutputError: the folder cannot be written, or holds samples of another recipe.
        RequestError: the model knows no label for a film and cannot guess.
    """
    _claim(folder, maker.recipe)
    present = samples_in(folder)
    failures: dict[str, str] = {}
    for number, film in enumerate(films):
        sample = present.get(film.stem)
        if sample is None or not _is_of(sample, film):
            try:
                _make(maker, read_clip(film), folder)
            except (MediaError, BrokenTruth) as error:
                failures[film.stem] = error.sentence
        on_sample(number + 1)
    facts = {
        "model": maker.recipe.model,
        "model sha256": maker.recipe.model_sha256,
        "hits": "spotted in the picture"
        if maker.request.hits == "spotted"
        else "the clips' true ones, given",
        "labels": "the clips' own where known, else guessed"
        if maker.request.labels == "given"
        else "guessed",
        "seed": str(maker.request.seed),
        "sampling": f"guidance {maker.request.sampling.cfg_scale:g}, top-k {maker.request.sampling.top_k}, "
        f"temperature {maker.request.sampling.temperature:g}, drafts {maker.request.sampling.drafts}",
    }
    return System(name, "model", folder, samples_in(folder), facts, failures)


def seed_of(seed: int, clip_name: str) -> int:
    """A clip's own seed: it does not depend on which other clips there are."""
    digest = hashlib.sha256(f"{seed}:{clip_name}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def _claim(folder: Path, recipe: SampleRecipe) -> None:
    """Note the recipe in a new folder, or compare with the one that is noted."""
    content = msgspec.json.format(msgspec.json.encode(recipe)) + b"\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        noted = folder / RECIPE_FILE
        if not noted.exists():
            write_new_file(noted, content)
        elif noted.read_bytes() != content:
            raise OutputError(
                f"The samples in {folder} were made by another model or with other settings: choose another "
                "--out, or take that folder away."
            )
    except OSError as error:
        raise OutputError(
            f"The folder {folder} cannot be written ({error}); choose another --out."
        ) from error


def _stamp(film: Path) -> str:
    """Length and beginning: enough to see that a film was replaced."""
    with open(film, "rb") as file:
        return f"{film.stat().st_size}-{hashlib.sha256(file.read(STAMPED_BYTES)).hexdigest()[:16]}"


def _is_of(sample: Path, film: Path) -> bool:
    try:
        note = msgspec.json.decode(sample.with_suffix(".json").read_bytes(), type=SampleNote)
        return note.film == _stamp(film)
    except (OSError, msgspec.MsgspecError):
        return False


def _make(maker: SampleMaker, clip: TestClip, folder: Path) -> None:
    pipeline = maker.pipeline
    rate = pipeline.model.config.codec.sample_rate
    duration = clip.film.duration_s
    picture = Picture(str(clip.film.path.absolute()), [Span(rational(duration), (0, 1))])
    sight = pipeline.look(picture, lambda stage, share: None)
    label, label_from = _label(maker, clip, sight)
    hits = list(clip.hits) if maker.request.hits == "given" else sight.hits
    request = Generate(
        id=0,
        picture=picture,
        wav_paths=[],
        num_samples=_samples(duration, rate),
        sample_rate=rate,
        label=label or None,
        sampling=maker.request.sampling,
    )
    seed = seed_of(maker.request.seed, clip.name)
    codes = pipeline.codes(request, sight, hits, label, seed, lambda stage, share: None)
    wav = pipeline.waveform(codes, request.num_samples, rate)
    note, sample = folder / f"{clip.name}.json", folder / f"{clip.name}.wav"
    for old in (note, sample):  # of another film of that name, or of a run that ended between the two
        old.unlink(missing_ok=True)
    told = SampleNote(label, label_from, hits, seed, _stamp(clip.film.path))
    write_new_file(note, msgspec.json.encode(told))
    write_wav(sample, wav, rate)


def _samples(duration: Fraction, rate: int) -> int:
    return max(1, round(duration * rate))


def _label(maker: SampleMaker, clip: TestClip, sight: Sight) -> tuple[str, Literal["file", "picture"]]:
    known = maker.pipeline.model.config.lm.labels
    if maker.request.labels == "given" and clip.label in known and clip.label is not None:
        return clip.label, "file"
    if not known:
        return NO_LABEL, "picture"
    guesses = [guess.label for guess in sight.labels if guess.label in known]
    if not guesses:
        raise RequestError(
            f"The model cannot tell the sound of {clip.film.path.name} from its picture, and {clip.name}.json "
            "names no label that it knows: name one there."
        )
    return guesses[0], "picture"
