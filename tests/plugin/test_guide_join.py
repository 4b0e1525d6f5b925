"""Picture hits and production sound, joined."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.protocol import Hit
from foley_plugin.jobs.guide import SAME_S, Origin, joined

moments = st.lists(st.floats(0, 10, allow_nan=False), max_size=12).map(
    lambda times: [Hit(time_s, 0.5) for time_s in sorted(times)]
)


def test_what_is_seen_and_heard_is_one_contact_at_the_sounds_time() -> None:
    found = joined([Hit(1.0, 0.4), Hit(3.0, 0.9)], [Hit(1.06, 0.7), Hit(2.0, 0.2)])
    assert [(each.time_s, each.strength, each.origin) for each in found] == [
        (1.06, 0.7, Origin.BOTH),
        (2.0, 0.2, Origin.SOUND),
        (3.0, 0.9, Origin.PICTURE),
    ]


def test_the_nearest_pair_is_joined_first() -> None:
    found = joined([Hit(1.0), Hit(1.09)], [Hit(1.08)])
    assert [(each.time_s, each.origin) for each in found] == [(1.0, Origin.PICTURE), (1.08, Origin.BOTH)]


@given(moments, moments)
def test_nothing_is_lost_and_nothing_counted_twice(seen: list[Hit], heard: list[Hit]) -> None:
    found = joined(seen, heard)
    both = [each for each in found if each.origin is Origin.BOTH]
    assert len(found) == len(seen) + len(heard) - len(both)
    times = [each.time_s for each in found]
    assert times == sorted(times)
    heard_times = [hit.time_s for hit in heard]
    assert all(each.time_s in heard_times for each in both)
    alone = [each.time_s for each in found if each.origin is Origin.PICTURE]
    lonely = [each.time_s for each in found if each.origin is Origin.SOUND]
    assert not any(abs(a - b) <= SAME_S for a in alone for b in lonely)
