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
from torch import Tensor

from engine.checkpoints import DEFAULT_MODEL
from engine.errors import MediaError, RequestError, is_out_of_memory
from engine.evaluation.clips import BrokenTruth, TestClip, read_clip
from engine.evaluation.kept_samples import SampleNote, SampleRecipe, SampleRequest, claim, is_of, stamp
from engine.evaluation.opening import Drawing
from engine.evaluation.samples import System, named_folder, reference, refuse_same_names, samples_in
from engine.lm.units import TakeUnit
from engine.media.atomic import write_new_file
from engine.media.audio import write_wav
from engine.opening import drafts_after, drafts_that_fit
from engine.pipeline import Pipeline
from engine.protocol import Generate, Picture, Span, rational
from engine.visual.sight import Sight
from engine.visual.wording import NO_LABEL

CLIPS_PER_PLACE = 4
"""So many are looked at before they are drawn: the places are rarely idle, and little is lost when a run is stopped."""
STANDARD_DRAWING = Drawing()


@dataclass(frozen=True)
class SampleMaker:
    """A model, how it is asked and how it draws."""

    pipeline: Pipeline
    request: SampleRequest
    drawing: Drawing = STANDARD_DRAWING

    @property
    def recipe(self) -> SampleRecipe:
        model = self.pipeline.model
        request = msgspec.structs.replace(self.request, sampling=model.sampling(self.request.sampling))
        return SampleRecipe(
            model.config.name, model.record.sha256, request, self.pipeline.dtype, model.device
        )

    @property
    def facts(self) -> dict[str, str]:
        """The recipe for readers of a report."""
        recipe, asked = self.recipe, self.request
        drawn = self.pipeline.model.sampling(asked.sampling)
        return {
            "model": recipe.model,
            "model sha256": recipe.model_sha256,
            "hits": "spotted in the picture" if asked.hits == "spotted" else "the clips' true ones, given",
            "labels": "the clips' own where known, else guessed" if asked.labels == "given" else "guessed",
            "seed": str(asked.seed),
            "sampling": f"guidance {drawn.cfg_scale:g}, top-k {drawn.top_k}, temperature {drawn.temperature:g}, "
            f"drafts {drawn.drafts}",
            "weights": f"{recipe.dtype} on {recipe.device}",
        }


@dataclass(frozen=True)
class _Draft:
    """A sample that is about to be drawn."""

    clip_name: str
    num_samples: int
    note: SampleNote
    unit: TakeUnit


def model_rows(
    models: Sequence[str],
    request: SampleRequest,
    films: Sequence[Path],
    out: Path,
    others: Sequence[System],
    log: Callable[[str], None],
    drawing: Drawing = STANDARD_DRAWING,
) -> list[System]:
    """A row a model: folders, or NAME=DIR; the default model where there is none. Samples go into out/samples.

    Raises:
        RequestError: two rows would have one name, or there is no such type of weights or device.
        CheckpointError: a model cannot be loaded. OutputError.
    """
    named = [named_folder(option) for option in models] or [("", DEFAULT_MODEL)]
    folders = [(name or folder.resolve().name, folder) for name, folder in named]
    refuse_same_names([*others, reference(), *(System(name, "model") for name, _ in folders)])
    rows = []
    for number, (name, folder) in enumerate(folders):
        maker = SampleMaker(drawing.open(folder), request, drawing)
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

    Clips are drawn side by side, some at a time; each sample is written as soon as it is whole.

    Raises:
        OutputError: the folder cannot be written, or holds samples of another recipe.
        RequestError: the model knows no label for a film and cannot guess.
    """
    claim(folder, maker.recipe)
    present = samples_in(folder)
    failures: dict[str, str] = {}
    wanted = [film for film in films if not is_of(present.get(film.stem), film)]
    done = len(films) - len(wanted)

    def one_more() -> None:
        nonlocal done
        done += 1
        on_sample(done)

    if not wanted:
        on_sample(done)
    at_a_time = CLIPS_PER_PLACE * maker.drawing.most_at_once(maker.pipeline)
    for start in range(0, len(wanted), at_a_time):
        drafts = []
        for film in wanted[start : start + at_a_time]:
            try:
                drafts.append(_laid_out(maker, film))
            except (MediaError, BrokenTruth) as error:
                failures[film.stem] = error.sentence
                one_more()
        _draw(maker, drafts, folder, one_more)
    return System(name, "model", folder, samples_in(folder), maker.facts, failures)


def seed_of(seed: int, clip_name: str) -> int:
    """A clip's own seed: it does not depend on which other clips there are."""
    digest = hashlib.sha256(f"{seed}:{clip_name}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def _laid_out(maker: SampleMaker, film: Path) -> _Draft:
    """Look at a film, and lay out what its sample should follow.

    Raises:
        MediaError, BrokenTruth: the film or the truth beside it cannot be read.
        RequestError: the model knows no label for it and cannot guess.
    """
    pipeline, clip = maker.pipeline, read_clip(film)
    rate = pipeline.model.config.codec.sample_rate
    duration = clip.film.duration_s
    picture = Picture(str(film.absolute()), [Span(rational(duration), (0, 1))])
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
    note = SampleNote(label, label_from, hits, seed, stamp(film))
    return _Draft(clip.name, request.num_samples, note, pipeline.unit(request, sight, hits, label, seed))


def _draw(maker: SampleMaker, drafts: Sequence[_Draft], folder: Path, on_sample: Callable[[], None]) -> None:
    """Draw some samples side by side, and write each as soon as it is whole; fewer at once where memory ends."""
    pipeline, waiting = maker.pipeline, list(drafts)
    most = maker.drawing.most_at_once(pipeline)
    while waiting:
        batch = list(waiting)
        units = [draft.unit for draft in batch]

        def land(number: int, codes: Tensor, batch: Sequence[_Draft] = batch) -> None:
            _write(batch[number], codes, pipeline, folder)
            waiting.remove(batch[number])
            on_sample()

        side_by_side = min(most, drafts_that_fit(pipeline, units))
        try:
            pipeline.draw(units, side_by_side=side_by_side, on_step=lambda number, share: True, on_unit=land)
        except Exception as error:
            fewer = drafts_after(pipeline, side_by_side, error) if is_out_of_memory(error) else None
            if fewer is None:
                raise
            most = fewer


def _write(draft: _Draft, codes: Tensor, pipeline: Pipeline, folder: Path) -> None:
    """The sample and, before it, its note: where the sample is, both are."""
    rate = pipeline.model.config.codec.sample_rate
    wav = pipeline.waveform(codes, draft.num_samples, rate)
    note, sample = folder / f"{draft.clip_name}.json", folder / f"{draft.clip_name}.wav"
    for old in (sample, note):  # of another film of that name, or of a run that ended between the two
        old.unlink(missing_ok=True)
    write_new_file(note, msgspec.json.encode(draft.note))
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
