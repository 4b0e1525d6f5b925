"""Jobs from a real cut, on a real process that plays the engine: what is kept, whatever happens."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest

from engine.protocol import Hit, fraction
from foley_plugin.jobs import earlier
from foley_plugin.jobs.earlier import earlier_jobs
from foley_plugin.jobs.generate import Wish, hits_in_clip, hits_in_cue, make_job, open_project, placement
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.queue import JobQueue
from foley_plugin.services.batch import Outcome, RequestFailed, Stop, run_jobs, run_spot
from foley_plugin.services.engine_subprocess import SubprocessEngine
from foley_plugin.takes.records import MAX_FIRST_SEED, MOST_TAKES, JobState, Spotting
from foley_plugin.takes.store import Store
from foley_plugin.timeline.media_identity import media_identity
from foley_plugin.timeline.placement import plan_cue
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import Selected, select, whole_clip

FakeEngine = Callable[..., list[str]]


class Bench:
    """A project and an engine that behaves as told."""

    def __init__(self, cut: CutRecord, store: Store, engine: SubprocessEngine) -> None:
        self.cut, self.store, self.engine, self.stop = cut, store, engine, Stop()

    def jobs(
        self, *places: str, takes: int = 1, label: str | None = "hammer", seed: int | None = None
    ) -> list[Job]:
        wish = Wish(label=label, takes=takes, seed=seed)
        return [make_job(self.store, self.cut, each, wish) for each in select(self.cut, clips=places)]

    def run(self, jobs: list[Job], on_change: Callable[[Job], None] | None = None) -> Outcome:
        return run_jobs(self.store, self.engine, jobs, stop=self.stop, on_change=on_change)


@pytest.fixture
def bench_with(
    cut: CutRecord, project: Path, tmp_path: Path, fake_engine: FakeEngine
) -> Iterator[Callable[..., Bench]]:
    opened: list[Bench] = []

    def make(**script: object) -> Bench:
        engine = SubprocessEngine(fake_engine(**script), log_path=tmp_path / "engine.log")
        opened.append(Bench(cut, open_project(cut, project), engine))
        return opened[-1]

    yield make
    for bench in opened:
        bench.engine.close()
        bench.store.close()


def states(jobs: list[Job]) -> list[str]:
    return [job.state.value for job in jobs]


def stored_states(bench: Bench) -> list[str]:
    return [job.state.value for job in bench.store.jobs()]


def test_every_take_lands_with_the_exact_length_and_is_stored(bench_with: Callable[..., Bench]) -> None:
    bench = bench_with()
    jobs = bench.jobs("V1:1", "V1:4", takes=2)
    outcome = bench.run(jobs)
    assert outcome == Outcome(failures=[], stopped=False)
    assert states(jobs) == stored_states(bench) == ["finished", "finished"]
    assert [take.seed for take in jobs[0].takes] == [0, 1]
    for job in jobs:
        for take in job.takes:
            with wave.open(str(bench.store.wav_path(take))) as file:
                assert (file.getnframes(), file.getframerate()) == (job.plan.num_samples, 48000)
    assert len(bench.store.takes()) == 4


def test_hits_stay_with_the_cue_and_those_set_by_hand_are_not_touched(
    bench_with: Callable[..., Bench],
) -> None:
    bench = bench_with(spotted=[0.5])
    spotted, by_hand = bench.jobs("V1:1", "V1:2")
    set_before = Spotting(hits=[Hit(1.0)], curve=[0.5], by_hand=True)
    bench.store.set_spotting(by_hand.cue.id, set_before)
    bench.run([spotted, by_hand])
    kept = [bench.store.cue(job.cue.key) for job in (spotted, by_hand)]
    assert [cue.spotting for cue in kept if cue is not None] == [Spotting(hits=[Hit(0.5, 0.8)]), set_before]


def test_progress_never_goes_back_and_ends_at_one(bench_with: Callable[..., Bench]) -> None:
    bench = bench_with()
    seen: list[float] = []
    bench.run(bench.jobs("V1:1", takes=2), on_change=lambda job: seen.append(job.fraction))
    assert seen == sorted(seen) and seen[-1] == 1.0 and len(set(seen)) > 4


def test_a_second_job_for_the_same_cue_goes_on_with_the_seeds(bench_with: Callable[..., Bench]) -> None:
    bench = bench_with()
    bench.run(bench.jobs("V1:1", takes=2))
    (again,) = bench.jobs("V1:1")
    assert again.request.seed == 2
    (other_label,) = bench.jobs("V1:1", label="door")
    assert other_label.cue.id != again.cue.id and other_label.request.seed == 0


def test_seeds_go_round_where_the_largest_was_drawn(bench_with: Callable[..., Bench]) -> None:
    """A database holds no larger number than the last take's of the largest seed."""
    bench = bench_with()
    for seed, takes in ((0, 2), (20, 1), (MAX_FIRST_SEED, MOST_TAKES)):
        bench.run(bench.jobs("V1:1", takes=takes, seed=seed))
    assert max(take.seed for take in bench.store.takes()) == 2**63 - 1
    (again,) = bench.jobs("V1:1", takes=2)
    assert again.request.seed == 21, "past 20, since between 1 and 20 there is no room for every job"
    bench.run([again])
    (another,) = bench.jobs("V1:1")
    assert another.request.seed == 23 and another.request.seed + MOST_TAKES < MAX_FIRST_SEED


def test_an_engine_that_dies_in_the_middle_keeps_the_finished_take_and_the_next_job_runs(
    bench_with: Callable[..., Bench], tmp_path: Path
) -> None:
    bench = bench_with(die_in_take=1, die_once_marker=str(tmp_path / "died"))
    jobs = bench.jobs("V1:1", "V1:2", takes=3)
    outcome = bench.run(jobs)
    assert states(jobs) == stored_states(bench) == ["failed", "finished"]
    assert len(jobs[0].takes) == 1 and len(jobs[1].takes) == 3
    assert jobs[0].sentence is not None and "status 7" in jobs[0].sentence
    assert outcome.failures == [f"workshop_hammer.mov: {jobs[0].sentence}"]
    assert len(bench.store.takes()) == 4


def test_as_many_jobs_are_open_as_the_engine_can_use(bench_with: Callable[..., Bench]) -> None:
    bench = bench_with(parallel=2, step_s=0.02)
    jobs = bench.jobs("V1:1", "V1:2", "V1:3", "V1:4", takes=2)
    at_once = [0]

    def count(_job: Job) -> None:
        at_once.append(states(jobs).count("running"))

    assert bench.run(jobs, on_change=count) == Outcome(failures=[], stopped=False)
    assert max(at_once) == 2
    assert [len(job.takes) for job in jobs] == [2] * 4


def test_what_ran_beside_a_job_that_kills_the_engine_is_made_all_the_same(
    bench_with: Callable[..., Bench], tmp_path: Path
) -> None:
    """Those of which nothing had landed run again, each alone; the one with a take is not made twice."""
    bench = bench_with(parallel=4, die_in_take=1, die_once_marker=str(tmp_path / "died"))
    jobs = bench.jobs("V1:1", "V1:2", "V1:3", takes=2)
    alone: list[bool] = []

    def count(job: Job) -> None:
        if job.takes and job is not jobs[0]:
            alone.append(states(jobs).count("running") == 1)

    bench.run(jobs, on_change=count)
    assert states(jobs) == stored_states(bench) == ["failed", "finished", "finished"]
    assert [len(job.takes) for job in jobs] == [1, 2, 2]
    # The last change of each job comes when it no longer runs.
    assert alone.count(False) == 2


def test_stopping_ends_all_that_is_open(bench_with: Callable[..., Bench]) -> None:
    bench = bench_with(parallel=3, step_s=0.1)

    def stop_after_first_take(job: Job) -> None:
        bench.stop.is_set = bench.stop.is_set or bool(job.takes)

    jobs = bench.jobs("V1:1", "V1:2", "V1:3", "V1:4", takes=3)
    outcome = bench.run(jobs, on_change=stop_after_first_take)
    assert outcome.stopped
    assert states(jobs) == stored_states(bench) == ["cancelled"] * 4
    assert 1 <= len(bench.store.takes()) < 12


def test_an_engine_that_always_dies_is_not_started_for_ever(bench_with: Callable[..., Bench]) -> None:
    bench = bench_with(die_in_take=0)
    jobs = bench.jobs("V1:1", "V1:2", "V1:3", "V1:4")
    outcome = bench.run(jobs)
    assert states(jobs) == ["failed"] * 4
    assert len(outcome.failures) == 1


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ({"die_before_ready": True}, "before it was ready"),
        ({"fail_to_load": "There is no model here."}, "There is no model here."),
        ({"protocol_version": 99}, "version 99"),
        ({"fail_request": "The file is not a film."}, "The file is not a film."),
        ({"endless_line": True}, "not its protocol"),
        ({"corrupt_wav": True}, "is not what the engine wrote"),
    ],
)
def test_what_goes_wrong_ends_in_its_sentence(
    bench_with: Callable[..., Bench], script: dict[str, object], words: str
) -> None:
    bench = bench_with(**script)
    jobs = bench.jobs("V1:1")
    outcome = bench.run(jobs)
    assert states(jobs) == stored_states(bench) == ["failed"]
    (sentence,) = outcome.failures
    assert words in sentence and "\n" not in sentence
    assert bench.store.takes() == []


def test_a_command_that_is_not_there_ends_in_a_sentence(
    bench_with: Callable[..., Bench], tmp_path: Path
) -> None:
    bench = bench_with()
    bench.engine = SubprocessEngine([str(tmp_path / "no-engine")], log_path=tmp_path / "engine.log")
    outcome = bench.run(bench.jobs("V1:1"))
    assert "could not be started" in outcome.failures[0]


def test_babble_on_stdout_is_passed_over_and_logged(bench_with: Callable[..., Bench], tmp_path: Path) -> None:
    bench = bench_with(bad_lines=1, steps_per_take=2)
    jobs = bench.jobs("V1:1")
    bench.run(jobs)
    assert states(jobs) == ["finished"]
    assert "a line from the engine was skipped" in (tmp_path / "engine.log").read_text()


def test_the_log_does_not_name_the_home_folder(bench_with: Callable[..., Bench], tmp_path: Path) -> None:
    bench = bench_with()
    bench.run(bench.jobs("V1:1"))
    bench.engine.close()
    log = (tmp_path / "engine.log").read_text()
    assert "~" in log and str(Path.home() / "somewhere") not in log


def test_stopping_keeps_the_finished_take_and_drops_what_waits(bench_with: Callable[..., Bench]) -> None:
    bench = bench_with(step_s=0.15)

    def stop_after_first_take(job: Job) -> None:
        bench.stop.is_set = bool(job.takes)

    jobs = bench.jobs("V1:1", "V1:2", takes=6)
    outcome = bench.run(jobs, on_change=stop_after_first_take)
    assert outcome.stopped
    assert states(jobs) == stored_states(bench) == ["cancelled", "cancelled"]
    assert 1 <= len(jobs[0].takes) < 6 and jobs[1].takes == []
    assert len(bench.store.takes()) == len(jobs[0].takes)


def test_an_engine_that_does_not_stop_is_killed_and_the_next_job_runs(
    bench_with: Callable[..., Bench],
) -> None:
    bench = bench_with(step_s=0.05, hang_on_cancel=True)
    queue = JobQueue(bench.store, bench.engine)
    first, second = bench.jobs("V1:1", "V1:2")
    queue.add(first, second)
    while first.fraction == 0:
        bench.engine.pump()
    hung_pid = bench.engine.pid
    queue.cancel(first)
    while first.is_open:
        bench.engine.pump()
    assert first.state is JobState.CANCELLED
    while not queue.is_idle:
        bench.engine.pump()
    assert second.state is JobState.FINISHED
    assert bench.engine.pid != hung_pid


def test_spotting_answers_or_tells_why_not(bench_with: Callable[..., Bench]) -> None:
    from foley_plugin.jobs.generate import spot_request

    bench = bench_with(spotted=[0.25, 1.0])
    (selected,) = select(bench.cut, clips=["V1:1"])
    heard: list[float] = []
    found = run_spot(
        bench.engine, spot_request(bench.cut, selected), stop=bench.stop, on_progress=heard.append
    )
    assert found is not None and [hit.time_s for hit in found.hits] == [0.25, 1.0]
    assert heard[-1] == 1.0


def test_spotting_with_a_dead_engine_raises_its_sentence(bench_with: Callable[..., Bench]) -> None:
    from foley_plugin.jobs.generate import spot_request

    bench = bench_with(die_before_ready=True)
    (selected,) = select(bench.cut, clips=["V1:1"])
    with pytest.raises(RequestFailed, match="before it was ready"):
        run_spot(bench.engine, spot_request(bench.cut, selected), stop=bench.stop, on_progress=lambda _: None)


@contextmanager
def _job(cut: CutRecord, project: Path, selected: Selected, wish: Wish) -> Iterator[tuple[Store, Job]]:
    with open_project(cut, project) as store:
        yield store, make_job(store, cut, selected, wish)


def test_hits_count_from_the_clip_also_where_a_part_of_it_is_selected(cut: CutRecord) -> None:
    (whole,) = select(cut, clips=["V1:2"])
    later = Fraction(1)
    part = Selected(whole.clip, whole.record_in + later, whole.record_out)
    plan = plan_cue(cut, part)
    hits = [Hit(0.0, 0.1), Hit(0.5, 0.2), Hit(1.25, 0.3), Hit(99.0, 0.4)]
    in_cue = hits_in_cue(hits, part, plan)
    assert [(round(hit.time_s, 6), hit.strength) for hit in in_cue] == [(-1.0, 0.1), (-0.5, 0.2), (0.25, 0.3)]
    assert [hit.time_s for hit in hits_in_clip(in_cue, part)] == [1.25]


def test_the_request_and_the_placement_hold_the_same_time(cut: CutRecord, project: Path) -> None:
    (selected,) = select(cut, clips=["V1:4"])
    with _job(cut, project, selected, Wish(label="drip", hits=[Hit(0.1)])) as (_, job):
        request, plan = job.request, job.plan
        assert fraction(request.head) + fraction(request.tail) + fraction(plan.duration) == (
            request.picture.duration
        )
        assert request.num_samples >= plan.wav_frames * 48000 / fraction(cut.rate) > request.num_samples - 1
        assert {fraction(span.speed) for span in request.picture.spans} == {Fraction(1, 2)}


def test_a_late_hit_rings_past_the_cut(bench_with: Callable[..., Bench]) -> None:
    bench = bench_with(spotted=[0.5, 3.1])
    (job,) = bench.jobs("V1:1")
    bench.run([job])
    placed = placement(bench.store, bench.cut, job, job.takes[0])
    assert placed.duration_frames > job.plan.duration_frames
    assert placed.head_frames + placed.duration_frames <= placed.wav_frames
    assert placed.metadata["cue"] == job.cue.key


def test_takes_are_found_again_with_one_look_at_each_file(
    bench_with: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long cut has few films and many clips; a digest of a film's ends is half a megabyte to read."""
    bench = bench_with()
    bench.run(bench.jobs("V1:3", takes=2))
    bench.run(bench.jobs("V1:3", label="cloth"))
    looked: list[str] = []

    def look(path: str) -> str:
        looked.append(path)
        return media_identity(path)

    monkeypatch.setattr(earlier, "media_identity", look)
    clips = [whole_clip(clip) for clip in bench.cut.clips if clip.eligible] * 2
    found = earlier_jobs(bench.store, bench.cut, clips)
    assert len(looked) == len(set(looked))
    labels = sorted([take.label for take in job.takes] for job in found)
    assert labels == [*([["cloth"]] * 2), *([["hammer", "hammer"]] * 2)]
