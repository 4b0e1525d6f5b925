"""The queue as an editor handles it: order, pause, making again, and how long it will take."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from engine.protocol import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Generate,
    Original,
    Progress,
    Take,
    Tokens,
)
from foley_plugin.jobs.again import forget_interrupted, interrupted_jobs, jobs_again
from foley_plugin.jobs.errors import CannotRedo
from foley_plugin.jobs.generate import Wish, make_job, open_project
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.queue import JobQueue
from foley_plugin.takes.records import JobState
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import Selected, select


class HandDriven:
    """An engine that does what the test says, when it says so."""

    parallel = 1

    def __init__(self) -> None:
        self.asked: list[tuple[Generate, Callable[[Event], None]]] = []
        self.cancelled: list[int] = []

    def submit(self, request: Generate, on_event: Callable[[Event], None]) -> int:
        self.asked.append((request, on_event))
        return len(self.asked)

    def cancel(self, request_id: int) -> None:
        self.cancelled.append(request_id)

    def progress(self, fraction: float) -> None:
        self.asked[-1][1](Progress(len(self.asked), "generate", fraction))

    def land(self, number: int) -> None:
        request, say = self.asked[-1]
        wav = Path(request.wav_paths[number])
        wav.write_bytes(b"sound")
        sha256 = hashlib.sha256(b"sound").hexdigest()
        say(Take(1, number, str(wav), "hammer", request.seed + number, [], 0.1, -3.0, sha256, {}))

    def end(self, event: Event | None = None) -> None:
        self.asked[-1][1](event or Finished(len(self.asked), 1.0))


class Desk:
    def __init__(self, cut: CutRecord, store: Store) -> None:
        self.cut, self.store, self.engine, self.now_s = cut, store, HandDriven(), 0.0
        self.queue = JobQueue(store, self.engine, now_s=lambda: self.now_s)

    def job(self, place: str, takes: int = 1) -> Job:
        (selected,) = select(self.cut, clips=[place])
        return make_job(self.store, self.cut, selected, Wish(label="hammer", takes=takes))


@pytest.fixture
def desk(cut: CutRecord, project: Path) -> Iterator[Desk]:
    with open_project(cut, project) as store:
        yield Desk(cut, store)


def test_waiting_jobs_are_reordered_and_what_runs_stays(desk: Desk) -> None:
    running, second, third, fourth = (desk.job(f"V1:{number}") for number in (1, 2, 3, 4))
    desk.queue.add(running, second, third, fourth)
    desk.queue.move(fourth, 0)
    desk.queue.move(second, 99)
    desk.queue.move(running, 2)
    assert desk.queue.running == (running,)
    assert desk.queue.waiting == (fourth, third, second)
    desk.queue.move(third, -5)
    desk.engine.end()
    assert desk.queue.running == (third,)


def test_a_paused_queue_ends_what_runs_and_begins_nothing(desk: Desk) -> None:
    first, second = desk.job("V1:1"), desk.job("V1:2")
    desk.queue.add(first, second)
    desk.queue.pause()
    desk.engine.end()
    assert first.state is JobState.FINISHED
    assert desk.queue.running == () and desk.queue.waiting == (second,)
    assert not desk.queue.is_idle
    desk.queue.go_on()
    assert desk.queue.running == (second,)


def test_time_left_follows_from_the_sound_made_so_far(desk: Desk) -> None:
    first, second = desk.job("V1:1", takes=2), desk.job("V1:2")
    desk.queue.add(first, second)
    assert desk.queue.time_left_s is None
    desk.now_s = 60.0  # the model loads: it tells nothing of how long the rest takes
    desk.engine.progress(0.0)
    desk.now_s = 70.0
    desk.engine.progress(0.5)
    sound_s = [job.request.num_samples / 48000 * len(job.request.wav_paths) for job in (first, second)]
    per_second = 10.0 / (sound_s[0] / 2)
    assert desk.queue.time_left_s == pytest.approx((sound_s[0] / 2 + sound_s[1]) * per_second)
    desk.now_s = 80.0
    desk.engine.end()
    desk.engine.progress(0.0)
    assert desk.queue.time_left_s == pytest.approx(sound_s[1] * 20.0 / sound_s[0])


def test_a_failed_job_is_made_again_with_its_own_request(desk: Desk) -> None:
    job = desk.job("V1:1", takes=3)
    desk.queue.add(job)
    desk.engine.land(0)
    desk.engine.end(Failed(1, "request", "The disk is full; make room."))
    assert desk.queue.ended == (job,)
    (again,) = jobs_again(desk.store, desk.cut, job)
    assert (again.request.seed, len(again.request.wav_paths)) == (1, 2), "what landed is not made twice"
    assert again.request.label == "hammer" and again.request.picture == job.request.picture
    assert not set(again.request.wav_paths) & set(job.request.wav_paths)
    desk.queue.add(again)
    desk.engine.land(0)
    desk.engine.land(1)
    desk.engine.end()
    assert sorted(take.seed for take in desk.store.takes(job.cue.id)) == [0, 1, 2]


def test_only_what_is_missing_is_made_again_and_from_what_is_there_today(desk: Desk) -> None:
    job = desk.job("V1:1", takes=5)
    desk.queue.add(job)
    desk.engine.land(1)
    desk.engine.land(2)
    desk.engine.end(Cancelled(1))
    old = Original(wav=f"/gone/takes/{Path(job.takes[0].wav).name}", tokens=Tokens(4, 50, "", b""))
    moved = msgspec.structs.replace(job.request.picture, media="/gone/shot.mov")
    job.request = msgspec.structs.replace(job.request, picture=moved, original=old)
    made = jobs_again(desk.store, desk.cut, job)
    assert [(each.request.seed, len(each.request.wav_paths)) for each in made] == [(0, 1), (3, 2)]
    assert {each.request.picture.media for each in made} == {job.selected.clip.media}
    original = made[0].request.original
    assert original is not None and original.wav == str(desk.store.wav_path(job.takes[0]))
    desk.store.wav_path(job.takes[0]).unlink()
    with pytest.raises(CannotRedo, match="bring it back, or generate it anew"):
        jobs_again(desk.store, desk.cut, job)
    job.request = msgspec.structs.replace(job.request, wav_paths=job.request.wav_paths[1:3], seed=1)
    with pytest.raises(CannotRedo, match="is there already"):
        jobs_again(desk.store, desk.cut, job)


def test_a_cancelled_job_is_told_among_those_that_ended_until_it_is_forgotten(desk: Desk) -> None:
    first, second = desk.job("V1:1"), desk.job("V1:2")
    desk.queue.add(first, second)
    desk.queue.cancel(second)
    desk.queue.cancel(first)
    desk.engine.end(Cancelled(1))
    assert desk.queue.ended == (first, second)
    desk.queue.forget(second)
    assert desk.queue.ended == (first,)


def test_many_are_cancelled_at_once_and_none_of_them_begins(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [desk.job(f"V1:{number}") for number in (1, 2, 3, 4)]
    told: list[tuple[JobState, int]] = []
    desk.queue = JobQueue(
        desk.store,
        desk.engine,
        on_change=lambda job: told.append((job.state, len(desk.queue.waiting))),
        now_s=lambda: desk.now_s,
    )
    desk.queue.add(*jobs)
    desk.engine.progress(0.5)
    desk.now_s = 10.0
    assert desk.queue.time_left_s is not None
    blocks: list[int] = []
    together = desk.store.together

    def counted() -> AbstractContextManager[None]:
        blocks.append(1)
        return together()

    monkeypatch.setattr(desk.store, "together", counted)
    told.clear()
    desk.queue.cancel_all()
    assert blocks == [1], "the disk is waited for once"
    assert told == [(JobState.CANCELLED, 0)] * 3 and desk.engine.cancelled == [1]
    assert [job.state for job in desk.store.jobs()] == [JobState.RUNNING, *[JobState.CANCELLED] * 3]
    desk.engine.end(Cancelled(1))
    assert desk.queue.is_idle and len(desk.engine.asked) == 1


def test_what_a_crash_left_is_found_again_for_the_clips_that_are_there(
    desk: Desk, cut: CutRecord, project: Path
) -> None:
    jobs = [desk.job("V1:1"), desk.job("V1:2", takes=2)]
    desk.queue.add(*jobs)
    desk.engine.land(0)
    desk.store.close()  # and no word to the store of how they ended
    with open_project(cut, project) as store:
        found = interrupted_jobs(store, cut)
        assert [job.selected.clip.index for job in found] == [1, 2]
        assert [job.state for job in found] == [JobState.INTERRUPTED] * 2
        assert [len(job.takes) for job in found] == [1, 0]
        (again,) = jobs_again(store, cut, found[1])
        assert again.selected == found[1].selected and len(again.request.wav_paths) == 2
        for job in found:
            forget_interrupted(store, job)
        assert interrupted_jobs(store, cut) == []


def test_what_is_left_by_closing_is_offered_another_day(desk: Desk, cut: CutRecord, project: Path) -> None:
    desk.queue.add(desk.job("V1:1"), desk.job("V1:2"))
    desk.queue.leave()
    assert desk.engine.cancelled == [1]
    desk.store.close()
    with open_project(cut, project) as store:
        assert len(interrupted_jobs(store, cut)) == 2


def test_an_interrupted_part_of_a_clip_is_found_by_its_place(
    desk: Desk, cut: CutRecord, project: Path
) -> None:
    clip = select(cut, clips=["V1:1"])[0].clip
    part = Selected(clip, Fraction(*clip.record_in) + Fraction(1, 2), Fraction(*clip.record_out))
    make_job(desk.store, cut, part, Wish())
    desk.store.close()
    with open_project(cut, project) as store:
        (found,) = interrupted_jobs(store, cut)
        assert found.selected == part
