"""Small films with sound, whole and broken, and the small networks that prepare them."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import torch
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from numpy.typing import NDArray

from engine.checkpoints import read_model_folder
from engine.codec.encodec import Encodec, preserve_variance
from engine.training.prepare.executor import Executor
from engine.training.prepare.listing import Listing
from engine.training.prepare.run import Preparation
from engine.training.prepare.work import Job, ShardDone, ShardWork, make_shard
from engine.training.state import write_state
from engine.visual.encoders import parse_encoder
from tests.engine.models import TINY, write_tiny_model
from tests.engine.training.synthetic import ping, placed

RATE = 12
SOUND_RATE = 16000


class InTurn:
    """Makes shard after shard in this process: the naive executor that the others are compared with."""

    def run(self, job: Job, work: Sequence[ShardWork]) -> Generator[ShardDone | None, None, None]:
        for shard in work:
            yield make_shard(job, shard)


IN_TURN: Executor = InTurn()


def write_film(
    path: Path,
    *,
    duration_s: float = 1.5,
    hits_s: Sequence[float] = (0.5, 1.1),
    wav: NDArray[np.float32] | None = None,
    sound_late_s: float = 0.0,
    has_sound: bool = True,
) -> Path:
    """Pictures that grow brighter, and strikes at `hits_s` (of the sound's own clock), as PCM in Matroska's way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = placed(duration_s, list(hits_s), ping()) if wav is None else wav
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio: AudioStream | None = None
        if has_sound:
            codec = "aac" if path.suffix == ".mp4" else "pcm_s16le"
            audio = container.add_stream(codec, rate=SOUND_RATE, layout="mono")
        num_frames = round(duration_s * RATE)
        for number in range(num_frames):
            shades = np.linspace(0, 200, 64)[None, :, None] * (number + 1) / num_frames + np.zeros((48, 1, 3))
            frame = av.VideoFrame.from_ndarray(shades.astype(np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            _add_sound(container, audio, sound, round(sound_late_s * SOUND_RATE))
    return path


def _add_sound(
    container: av.container.OutputContainer, audio: AudioStream, wav: NDArray[np.float32], start: int
) -> None:
    for at in range(0, wav.size, 1024):
        samples = (np.clip(wav[at : at + 1024], -1, 1) * 32767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, start + at, Fraction(1, SOUND_RATE)
        container.mux(audio.encode(frame))
    container.mux(audio.encode(None))


def write_truth(film: Path, hits_s: Sequence[float], label: str) -> None:
    hits = [{"time_s": time_s, "strength": 0.75} for time_s in hits_s]
    film.with_suffix(".json").write_text(json.dumps({"hits": hits, "label": label}), encoding="utf-8")


def write_tools(folder: Path) -> Preparation:
    """A codec's training run and a model with a tower, both tiny."""
    write_tiny_model(folder / "model")
    torch.manual_seed(3)
    codec = Encodec(TINY.codec)
    preserve_variance(codec, gain=2.2)
    codec.quantizer.start_by_kmeans(torch.randn(200, TINY.codec.latent_dim) * 0.1, iterations=2)
    config = {name: getattr(TINY.codec, name) for name in TINY.codec.__struct_fields__}
    write_state(folder / "codec", {"step": 1, "codec": codec.state_dict(), "config": config})
    assert read_model_folder(folder / "model").model.tower is not None
    return Preparation(folder / "codec", parse_encoder(f"tower:{folder / 'model'}"), shard_size=2)


def write_clips(folder: Path) -> Path:
    """Six films of two labels, one of them broken, and one whose truth lies beside it."""
    write_film(folder / "knock" / "a.mkv")
    write_film(folder / "knock" / "b.mp4", duration_s=2.0, hits_s=(0.3, 0.9, 1.6))
    write_truth(write_film(folder / "knock" / "c.mkv"), [0.25, 1.25], "rain")
    write_film(folder / "rain" / "d.mkv", has_sound=False)
    write_film(folder / "rain" / "e.mkv", duration_s=12.5, hits_s=(1.0, 9.5, 11.2))
    write_film(folder / "f.mkv", hits_s=(0.2,))
    return folder


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Everything in a set, hidden files too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def clip_names(listing: Listing) -> list[str]:
    return [clip.name for clip in listing.clips]
