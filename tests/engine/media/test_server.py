"""The media process, spoken to over its pipes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.media.audio import write_wav
from engine.media.waveform import peaks_of
from engine.protocol import (
    Heard,
    MediaFailed,
    MediaReply,
    MediaReplyBuffer,
    MediaRequest,
    Onsets,
    Peaks,
    Pixels,
    Probe,
    Probed,
    Thumbnail,
    ViewerFrame,
    Waveform,
    encode_media,
    rational,
)
from tests.engine.media.numbered_video import HEIGHT, NUM_BITS, number_in, write_numbered


class Client:
    """Sends requests and collects as many replies."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "engine.media.server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.buffer = MediaReplyBuffer()

    def send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def ask(self, *requests: MediaRequest) -> dict[int | None, tuple[MediaReply, bytes]]:
        self.send(b"".join(map(encode_media, requests)))
        return self.replies(len(requests))

    def replies(self, count: int) -> dict[int | None, tuple[MediaReply, bytes]]:
        assert self.process.stdout is not None
        found: list[tuple[MediaReply, bytes]] = []
        while len(found) < count:
            data = self.process.stdout.read1(1 << 16)
            assert data, "the process ended"
            found += self.buffer.feed(data)
        return {reply[0].id: reply for reply in found}


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client()
    yield client
    client.process.kill()
    client.process.wait()
    for pipe in (client.process.stdin, client.process.stdout):
        assert pipe is not None
        pipe.close()


def number_of(header: MediaReply, payload: bytes) -> int:
    assert isinstance(header, Pixels) and len(payload) == header.width * header.height * 3
    pixels = np.frombuffer(payload, np.uint8).reshape(header.height, header.width, 3)[..., 0]
    return number_in(pixels.reshape(header.height, NUM_BITS, -1).mean(axis=2))


def test_frames_thumbnails_waveforms_and_probes_come_back(client: Client, tmp_path: Path) -> None:
    rate = Fraction(24000, 1001)
    video = str(write_numbered(tmp_path / "a.mov", 72, rate, metadata={"timecode": "01:00:00:00"}))
    sound = np.sin(np.arange(24001) / 20).astype(np.float32) * np.linspace(0, 0.9, 24001, dtype=np.float32)
    write_wav(tmp_path / "a.wav", sound, 48000)
    frames = [ViewerFrame(i, video, rational(i / rate), HEIGHT) for i in (0, 1, 2, 30, 31, 5)]
    replies = client.ask(
        Waveform(100, str(tmp_path / "a.wav"), 100),
        Probe(101, video),
        Thumbnail(102, video, rational(70 / rate), 32),
        *frames,
    )
    assert [number_of(*replies[frame.id]) for frame in frames] == [0, 1, 2, 30, 31, 5]
    assert number_of(*replies[102]) == 70
    outline, payload = replies[100]
    assert isinstance(outline, Peaks) and outline.num_bins == 51
    drawn = np.frombuffer(payload, "<f4").reshape(-1, 2)
    assert np.abs(drawn - peaks_of(sound, 48000, 100)).max() < 1e-6
    assert drawn[10, 0] == pytest.approx(sound[4800:5280].min(), abs=1e-6)
    probed = replies[101][0]
    assert isinstance(probed, Probed)
    assert Fraction(*probed.frame_rate) == rate and probed.start_timecode == (18018, 5)


def test_onsets_of_a_sound_come_back(client: Client, tmp_path: Path) -> None:
    sound = np.zeros(96000, np.float32)
    for start in (24000, 60000):
        sound[start : start + 1440] = 0.7 * np.linspace(1, 0, 1440) * np.sin(np.arange(1440) / 3)
    write_wav(tmp_path / "a.wav", sound, 48000)
    replies = client.ask(Onsets(1, str(tmp_path / "a.wav")), Onsets(2, str(tmp_path / "gone.wav")))
    heard, failed = replies[1][0], replies[2][0]
    assert isinstance(heard, Heard) and heard.times_s == pytest.approx([0.5, 1.25], abs=0.01)
    assert len(heard.strengths) == 2 and min(heard.strengths) > 0.5
    assert isinstance(failed, MediaFailed) and failed.code == "media_not_found"


def test_failures_are_replies_and_the_process_lives_on(client: Client, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\x00" * 5000)
    video = str(write_numbered(tmp_path / "a.mp4", 5, Fraction(25)))
    replies = client.ask(
        Probe(1, str(tmp_path / "gone.mp4")),
        ViewerFrame(2, str(broken), (0, 1), 90),
        Waveform(3, video, 100),
        Thumbnail(4, video, (0, 1), 0),
        ViewerFrame(5, str(tmp_path / "gone.mp4"), (0, 1), 90),
    )
    codes = {i: reply.code for i, (reply, _) in replies.items() if isinstance(reply, MediaFailed)}
    assert codes == {
        1: "media_not_found",
        2: "media_unreadable",
        3: "media_unreadable",
        4: "request",
        5: "media_not_found",
    }
    client.send(b"nonsense\n")
    [(reply, _)] = client.replies(1).values()
    assert isinstance(reply, MediaFailed) and reply.id is None
    assert isinstance(client.ask(Thumbnail(6, video, (0, 1), 8))[6][0], Pixels)


def test_it_answers_what_was_asked_and_ends_with_its_stdin(client: Client, tmp_path: Path) -> None:
    video = str(write_numbered(tmp_path / "a.mp4", 5, Fraction(25)))
    client.send(b"".join(encode_media(Thumbnail(i, video, (i, 25), 8)) for i in range(5)))
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert set(client.replies(5)) == set(range(5))
    assert client.process.wait(timeout=20) == 0


def test_a_file_that_was_replaced_is_read_afresh(client: Client, tmp_path: Path) -> None:
    video = write_numbered(tmp_path / "a.mp4", 5, Fraction(25))
    assert number_of(*client.ask(ViewerFrame(1, str(video), (1, 25), 64))[1]) == 1
    longer = write_numbered(tmp_path / "b.mp4", 50, Fraction(25))
    video.write_bytes(longer.read_bytes())
    assert number_of(*client.ask(ViewerFrame(2, str(video), (40, 25), 64))[2]) == 40


def test_it_loads_no_torch() -> None:
    code = "import sys, engine.media.server; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_bin_finer_than_a_sample_repeats_it() -> None:
    wav = np.array([0.1, -0.2, 0.3], np.float32)
    assert peaks_of(wav, 3, 6).tolist() == [[v, v] for v in wav[[0, 0, 1, 1, 2, 2]].tolist()]
    assert peaks_of(np.zeros(0, np.float32), 3, 6).shape == (0, 2)
