"""What the worker does for each request, on a loaded model."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from engine.checkpoints import DEFAULT_MODEL
from engine.errors import Cancelled, OutputError, RequestError
from engine.evaluation.matching import onset_f1
from engine.evaluation.onsets import detect_onsets
from engine.media.audio import resample, write_wav
from engine.pipeline import Pipeline, Sight, hits_in_picture, load_model, shifted
from engine.protocol import (
    PROTOCOL_VERSION,
    Event,
    Finished,
    Generate,
    Hit,
    Progress,
    Ready,
    Request,
    Spot,
    Spotted,
    Take,
    fraction,
)

PROGRESS_INTERVAL_S = 0.1
F1_TOLERANCE_S = 0.1
STAGE_SHARES = {"decode": (0.0, 0.15), "spot": (0.15, 0.18), "look": (0.18, 0.2), "generate": (0.2, 0.97)}
"""Where each stage lies in the progress of a request."""


class Service:
    """Carries out requests one after the other; says events; asks before each step whether to stop."""

    def __init__(
        self,
        model_folder: Path | None,
        num_threads: int,
        say: Callable[[Event], None],
        is_cancelled: Callable[[int], bool],
    ) -> None:
        torch.set_num_threads(num_threads)
        self._pipeline = Pipeline(load_model(model_folder or DEFAULT_MODEL))
        self._num_threads, self._say, self._is_cancelled = num_threads, say, is_cancelled

    def ready(self) -> Ready:
        model = self._pipeline.model
        return Ready(
            protocol=PROTOCOL_VERSION,
            engine_version=version("foley"),
            model=model.config.name,
            model_sha256=model.record.sha256,
            labels=list(model.config.lm.labels),
            device="cpu",
            dtype="float32",
            num_threads=self._num_threads,
        )

    def carry_out(self, request: Request) -> None:
        """
        Raises:
            FoleyError: in a sentence; `Cancelled` when the client said so.
        """
        match request:
            case Spot():
                self._spot(request)
            case Generate():
                self._generate(request)
            case _:
                raise RequestError(
                    "The engine does not know this request: update the panel and the engine together."
                )

    def _spot(self, request: Spot) -> None:
        sight = self._pipeline.look(request.picture, self._progress(request.id, 0, 1))
        hits = shifted(sight.hits, -float(fraction(request.head)))
        self._say(Spotted(request.id, hits, sight.curve.tolist(), sight.labels))

    def _generate(self, request: Generate) -> None:
        started = time.monotonic()
        count = len(request.wav_paths)
        self._refuse_early(request)
        sight = self._pipeline.look(request.picture, self._progress(request.id, 0, count))
        for take in range(count):
            self._say(self._take(request, take, sight))
        self._say(Finished(request.id, time.monotonic() - started))

    def _refuse_early(self, request: Generate) -> None:
        """What cannot end well must not cost the user a decode and a take.

        Raises:
            UnknownLabel, OutputError.
        """
        for label in (request.label, request.negative_label):
            if label is not None:
                self._pipeline.label_index(label)
        for path in request.wav_paths:
            if Path(path).exists():
                raise OutputError(
                    f"The file {path} is there already and is not overwritten; choose another name."
                )

    def _take(self, request: Generate, take: int, sight: Sight) -> Take:
        started = time.monotonic()
        pipeline = self._pipeline
        progress = self._progress(request.id, take, len(request.wav_paths))
        head_s = float(fraction(request.head))
        hits = hits_in_picture(request, sight)
        label = request.label or self._guessed(sight)
        seed = request.seed + take
        codes = pipeline.codes(request, sight, hits, label, seed, progress)
        wav = pipeline.waveform(codes, request.num_samples, request.sample_rate)
        progress("generate", 1.0)
        digest = write_wav(request.wav_paths[take], wav, request.sample_rate)
        heard = resample(wav, request.sample_rate, pipeline.model.config.codec.sample_rate)
        return Take(
            id=request.id,
            take=take,
            wav=request.wav_paths[take],
            label=label,
            seed=seed,
            hits=shifted(hits, -head_s),
            wall_s=time.monotonic() - started,
            peak_dbfs=float(20 * np.log10(max(float(np.abs(wav).max(initial=0.0)), 1e-9))),
            sha256=digest,
            recipe=self._recipe(request, label, seed, hits),
            onset_f1_100ms=self._f1(request, heard),
        )

    def _guessed(self, sight: Sight) -> str:
        """
        Raises:
            RequestError: this model has no guess to offer.
        """
        if not sight.labels:
            raise RequestError(
                "This model cannot tell the sound from the picture: choose a label for the clip."
            )
        return sight.labels[0].label

    def _f1(self, request: Generate, wav: NDArray[np.float32]) -> float | None:
        """Onsets heard inside the clip, its handles left out, against the known hits; None where none are known."""
        if request.reference_hits is None:
            return None
        start_s = float(fraction(request.head))
        end_s = float(request.picture.duration - fraction(request.tail))
        found = [hit.time_s for hit in detect_onsets(wav, self._pipeline.model.config.codec.sample_rate)]
        inside = [time_s - start_s for time_s in found if start_s - F1_TOLERANCE_S <= time_s < end_s]
        return onset_f1(inside, [hit.time_s for hit in request.reference_hits], F1_TOLERANCE_S)

    def _recipe(self, request: Generate, label: str, seed: int, hits: list[Hit]) -> dict[str, object]:
        """All that shapes the bytes. `hits` count from the picture's start."""
        ready = self.ready()
        said = msgspec.to_builtins(request)
        kept = ("picture", "head", "num_samples", "sample_rate", "negative_label", "sampling", "curve")
        return {
            **{name: said[name] for name in kept},
            "label": label,
            "seed": seed,
            "hits": msgspec.to_builtins(hits),
            "hits_given": request.hits is not None,
            "model": ready.model,
            "model_sha256": ready.model_sha256,
            "model_licence": self._pipeline.model.record.licence,
            "engine_version": ready.engine_version,
            "torch_version": str(torch.__version__),
            "device": ready.device,
            "dtype": ready.dtype,
            "num_threads": ready.num_threads,
        }

    def _progress(self, request_id: int, take: int, count: int) -> Callable[[str, float], None]:
        """Tells the client now and then, and stops where the client asked to."""
        last = [0.0]

        def on_progress(stage: str, share: float) -> None:
            if self._is_cancelled(request_id):
                raise Cancelled("Cancelled.")
            now = time.monotonic()
            if now - last[0] >= PROGRESS_INTERVAL_S:
                last[0] = now
                low, high = STAGE_SHARES[stage]
                within = low + (high - low) * share
                self._say(Progress(request_id, stage, (take + within) / count, take))

        return on_progress
