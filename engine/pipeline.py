"""From a picture to a sound: frames -> hits and features -> tokens -> waveform.

Picture --decode once--> grey frames --Spotter--> hits, curve --render_sync--> sync track --+
                     \\-> 1 fps RGB --VisualEncoder--> features ---------------------------+-> LM -> codes
                                                              label --------------------- +      |
                                                   WAV <-- resample, cut <-- Encodec.decode <----+
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.checkpoints import (
    DEFAULT_MODEL,
    ModelFolder,
    WeightsFile,
    load_into,
    read_model_folder,
    read_weights,
)
from engine.codec.encodec import ENCODING_ONLY, TRAINING_ONLY, Encodec
from engine.config import PREROLL_CODEBOOKS, ModelConfig
from engine.drafting import DraftJudge
from engine.errors import CheckpointCorrupt
from engine.lm.decoding.decoder import Decoder, TorchDecoder
from engine.lm.decoding.memory import share_heaps, trim_heap
from engine.lm.decoding.narrowing import WeightType, computes_in_bfloat16
from engine.lm.decoding.opening import open_decoder
from engine.lm.generate import generate_takes
from engine.lm.keeping import Ground, LaidOriginal, lay_original
from engine.lm.model import LanguageModel
from engine.lm.on_device import OnDevice, generate_takes_on_device
from engine.lm.opening import curve_after, features_after, hits_after, opening_codes
from engine.lm.sync import render_sync
from engine.lm.units import DRAFTS_AT_ONCE, TakeUnit
from engine.lm.window_queue import OnUnit, OnUnitStep
from engine.lm.windows import TakeConditions
from engine.media.array_cache import ArrayCache
from engine.media.splicing import KeptSound
from engine.media.wav_stream import HeldSound, Wav
from engine.prints.learnt import LEARNT_FILE, LearntEvents
from engine.protocol import Generate, Hit, Picture, Sampling, SamplingWish, fraction
from engine.sounding import held_sound, spliced_sound, waveform
from engine.visual.encoder import Runtime, VisualEncoder
from engine.visual.encoders import open_encoder
from engine.visual.sight import Looker, OnProgress, Sight
from engine.visual.spotter import Spotter
from engine.visual.wording import Words


@dataclass(frozen=True)
class Model:
    """All parts of a model, loaded."""

    record: ModelFolder
    codec: Encodec
    lm: LanguageModel
    """Whole in float32; or, where there is a decoder, its condition encoders alone, the blocks without weights."""
    encoder: VisualEncoder
    spotter: Spotter
    decoder: Decoder | None = None
    on_device: OnDevice | None = None
    """The language model on a GPU, which then draws instead of a decoder."""
    learnt: LearntEvents | None = None
    """What the language model learned from; a model may come without."""

    @property
    def config(self) -> ModelConfig:
        return self.record.model

    @property
    def codec_sha256(self) -> str:
        """Of the weights that tokens are of."""
        return self.record.weights.get("codec.safetensors", "")

    def sampling(self, wish: SamplingWish) -> Sampling:
        """All that takes are drawn with where this is wished: the rest is as the model's folder says.

        Drafts are chosen by the hits that they fall on, so a model without a sync track, which does not know of any,
        draws one.
        """
        sampling = wish.over(self.record.sampling)
        return sampling if self.config.lm.sync is not None else msgspec.structs.replace(sampling, drafts=1)

    @property
    def device(self) -> str:
        return "cpu" if self.on_device is None else self.on_device.lm.norm.weight.device.type


def load_model(
    folder: Path = DEFAULT_MODEL, *, dtype: WeightType | None = None, device: str = "cpu"
) -> Model:
    """Read a model folder, checked by sha256, frozen, in float32.

    Args:
        dtype: give the language model a decoder with weights of this type, read straight into it. Beside a type
            other than float32, a processor that multiplies bfloat16 sees and decodes in it.
        device: where the networks compute; the spotter and what the editor hears are made on the CPU.

    Raises:
        CheckpointNotFound, CheckpointCorrupt.
        RequestError: there is no such device.
    """
    share_heaps()
    record = read_model_folder(folder)
    config = record.model
    codec = Encodec(config.codec)

    def weights(name: str) -> dict[str, Tensor]:
        return read_weights(folder, name, record.weights.get(name, ""))

    # Generation only decodes, so a model may come without the codec's encoder and its running means.
    load_into(
        codec,
        weights("codec.safetensors"),
        what="codec",
        ignore=(*ENCODING_ONLY, *TRAINING_ONLY),
    )
    decoder, on_device = None, None
    file = WeightsFile(folder, "lm.safetensors", record.weights.get("lm.safetensors", ""))
    if device != "cpu":
        on_device = OnDevice.open(config.lm, config.codec, file.read, device, dtype or "bfloat16")
        lm = on_device.conditions
        codec.to(device)
    elif dtype is None:
        lm = LanguageModel(config.lm, config.codec)
        load_into(lm, weights("lm.safetensors"), what="language model")
    else:
        decoder = open_decoder(config.lm, config.codec, file.read, dtype)
        lm = decoder.conditions
    spotter = Spotter.from_weights(config.spotter, weights("spotter.safetensors"), record.settings)
    for part in (codec, lm):
        part.eval().requires_grad_(False)
    is_narrow = device == "cpu" and computes_in_bfloat16(dtype)
    if device == "cpu":
        codec.keep_for_decoding(may_narrow=is_narrow)
    encoder = _encoder(config, folder, Runtime(device, "bfloat16" if is_narrow else "float32"))
    learnt = LearntEvents.from_tensors(weights(LEARNT_FILE)) if LEARNT_FILE in record.weights else None
    return Model(record, codec, lm, encoder, spotter, decoder, on_device, learnt)


def _encoder(config: ModelConfig, folder: Path, runtime: Runtime) -> VisualEncoder:
    if config.encoder is None:
        raise CheckpointCorrupt(f"The model in {folder} names no visual encoder: give one that does.")
    encoder = open_encoder(config.encoder, folder, runtime)
    info = encoder.describe()
    if info.width != config.lm.visual_dim:
        raise CheckpointCorrupt(
            f"The visual encoder {info.name} gives features of {info.width}, the model in {folder} was trained on "
            f"{config.lm.visual_dim}: give the encoder that it was trained with."
        )
    return encoder


class Pipeline:
    """One model at work. Looks are kept, in memory and in the cache, so that a second take decodes no video."""

    def __init__(
        self, model: Model, *, cache: ArrayCache | None = None, decoder: Decoder | None = None
    ) -> None:
        """
        Args:
            decoder: what draws tokens with the model's language model; by default the model's own decoder, or
                PyTorch's own operators.

        Raises:
            CheckpointCorrupt: the encoder's text side is not the one that the model was trained with.
        """
        self.model = model
        self.decoder = decoder or model.decoder or TorchDecoder(model.lm)
        self.words = Words(model.config.lm, model.encoder.reader())
        guesser = model.encoder.guesser(model.config.lm.labels, cache)
        self._judge = DraftJudge(model.codec, model.config.lm.labels, model.learnt)
        self._looker = Looker(model.encoder, model.spotter, guesser=guesser, cache=cache, device=model.device)

    @property
    def dtype(self) -> str:
        """Of the language model's weights."""
        return (self.model.on_device or self.decoder).dtype

    @property
    def backend(self) -> str:
        """What draws; dtype and backend together decide the bytes of a take."""
        return (self.model.on_device or self.decoder).backend

    def look(self, picture: Picture, on_progress: OnProgress) -> Sight:
        """Decode a picture once, and spot, see and guess from it.

        Raises:
            RequestError: the picture is empty or longer than an hour.
            MediaError: the media cannot be decoded.
        """
        try:
            return self._looker.look(picture, on_progress)
        finally:
            trim_heap(collect=False)  # or what looking took would stay beside what drawing takes

    def codes(
        self, request: Generate, sight: Sight, hits: Sequence[Hit], label: str, seed: int, tick: OnProgress
    ) -> Tensor:
        """Draw the tokens [K, T] of one take; `hits` count from the picture's start."""
        made: list[Tensor] = []
        self.draw(
            [self.unit(request, sight, hits, label, seed)],
            side_by_side=DRAFTS_AT_ONCE,
            on_step=lambda _, share: tick("generate", share),
            on_unit=lambda _, codes: made.append(codes),
        )
        return made[0]

    def unit(self, request: Generate, sight: Sight, hits: Sequence[Hit], label: str, seed: int) -> TakeUnit:
        """What one take should follow; `hits` count from the picture's start.

        Raises:
            RequestError: it cannot go on from its cast, or be made from its original.
        """
        config, num_frames = self.model.config, self.num_frames(request)
        curve, features, opening = self._curve(request, sight, label), sight.features, None
        original = self.laid_original(request)
        if original is not None:
            num_frames, hits = original.num_frames, shifted(hits, -float(original.origin))
        hits_s = self._heard_hits(request, hits, label, num_frames)
        if request.cast is not None:
            opening = opening_codes(request.cast, config, self.model.codec_sha256)
            opening_frames = opening.shape[-1]
            opening_s = opening_frames // config.codec.frame_rate
            hits = hits_after(request.cast, hits, opening_s)
            curve, features = curve_after(curve, opening_frames), features_after(features, opening_s)
            num_frames += opening_frames
        asked = self.words.wording(request, label)
        conditions = TakeConditions(
            visual=features,
            label=asked.label,
            negative_label=asked.negative_label,
            sync=self._sync(hits, curve, num_frames),
            prompt=asked.prompt,
            negative_prompt=asked.negative_prompt,
        )
        sampling = self._sampling(request, label)
        return TakeUnit(conditions, num_frames, sampling, seed, opening, original, hits_s)

    def _heard_hits(
        self, request: Generate, hits: Sequence[Hit], label: str, num_frames: int
    ) -> tuple[float, ...]:
        """Where onsets are to be heard; nowhere in what sounds on and on, or keeps another take's rhythm, and where the
        model does not know of hits."""
        config = self.model.config
        keeps_rhythm = request.original is not None and request.original.kept_codebooks > 0
        if config.lm.sync is None or keeps_rhythm or label in config.continuous_labels:
            return ()
        end_s = num_frames / config.codec.frame_rate
        return tuple(hit.time_s for hit in hits if 0 <= hit.time_s < end_s)

    def _sampling(self, request: Generate, label: str) -> Sampling:
        sampling = self.model.sampling(request.sampling)
        if label not in self.model.config.continuous_labels:
            return sampling
        return msgspec.structs.replace(sampling, temperature=sampling.temperature * sampling.steady_cooling)

    def laid_original(self, request: Generate) -> LaidOriginal | None:
        """The take that a request's take is made from, laid under it.

        Raises:
            RequestError: it cannot be.
        """
        original, model = request.original, self.model
        if original is None:
            return None
        with KeptSound(Path(original.wav), request.sample_rate, original.sha256) as kept:
            num_samples = kept.num_samples
        return lay_original(
            original,
            num_samples,
            Ground(
                request.num_samples,
                request.sample_rate,
                model.config.codec,
                model.codec_sha256,
                model.codec.reach_frames,
            ),
        )

    def _sync(self, hits: Sequence[Hit], curve: NDArray[np.float32], num_frames: int) -> Tensor | None:
        config = self.model.config
        if config.lm.sync is None:
            return None
        radius = config.lm.sync.kernel_radius_frames
        track = render_sync(
            hits,
            curve if curve.size else None,
            start_frame=-radius,
            num_frames=num_frames + 2 * radius,
            frame_rate=config.codec.frame_rate,
            config=config.lm.sync,
        )
        return torch.from_numpy(track)

    def draw(
        self, units: Sequence[TakeUnit], *, side_by_side: int, on_step: OnUnitStep, on_unit: OnUnit
    ) -> None:
        """Draw the tokens of several takes; each is handed over as soon as it is whole.

        Args:
            side_by_side: so many drafts are drawn at once.
        """
        device = self.model.on_device
        draw = (
            partial(generate_takes, self.decoder)
            if device is None
            else partial(generate_takes_on_device, device)
        )
        try:
            draw(
                units,
                windows=self.model.config.windows,
                on_step=on_step,
                on_unit=on_unit,
                judge=self._judge,
                side_by_side=side_by_side,
            )
        finally:
            trim_heap(collect=False)

    def waveform(self, codes: Tensor, num_samples: int, sample_rate: int) -> Wav:
        """See `engine.sounding`, as for the other two."""
        return waveform(self.model.codec, codes, num_samples, sample_rate)

    def held(
        self, codes: Tensor, num_samples: int, sample_rate: int, folder: Path
    ) -> AbstractContextManager[HeldSound]:
        return held_sound(self.model.codec, codes, num_samples, sample_rate, folder)

    def sound(
        self, request: Generate, unit: TakeUnit, codes: Tensor, folder: Path
    ) -> AbstractContextManager[HeldSound]:
        """Of a unit's codes [K, T] as they were drawn; its original's samples where they stay.

        Raises:
            OutputError: a long one does not fit into `folder`.
            RequestError: the original is not there any more.
        """
        length, rate = request.num_samples, request.sample_rate
        if unit.original is None:
            return self.held(codes, length, rate, folder)
        return spliced_sound(self.model.codec, codes, unit.original, length, rate, folder)

    def num_frames(self, request: Generate) -> int:
        """Codec frames of a take: T = ceil(50 x duration) + 4."""
        rate = self.model.config.codec.frame_rate
        return math.ceil(Fraction(request.num_samples, request.sample_rate) * rate) + PREROLL_CODEBOOKS

    def _curve(self, request: Generate, sight: Sight, label: str) -> NDArray[np.float32]:
        """Given intensities or, where a label sounds on and on, spotted ones; empty where unknown.

        What is made of hits follows the hits: its curve is the sound's own decay, which no picture shows.
        """
        if request.curve is not None:
            return np.array(request.curve, np.float32)
        if label in self.model.config.continuous_labels:
            return sight.curve
        return np.zeros(0, np.float32)


def shifted(hits: Sequence[Hit], by_s: float) -> list[Hit]:
    """The same hits on another clock."""
    return [Hit(hit.time_s + by_s, hit.strength) for hit in hits]


def hits_in_picture(request: Generate, sight: Sight) -> list[Hit]:
    """Given hits (from the clip's start) or spotted ones, counted from the picture's start."""
    if request.hits is None:
        return list(sight.hits)
    return shifted(request.hits, float(fraction(request.head)))
