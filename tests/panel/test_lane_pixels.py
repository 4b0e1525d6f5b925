"""Lanes as columns of pixels: as many clips as there are, each where a plain loop would put it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtGui import QColor

from foley_plugin.qtmodels.lanes import Lane, LaneItem, LaneKind
from foley_plugin.qtmodels.time_scale import TimeScale
from foley_plugin.ui.lane_pixels import boxes_between, columns, line_image, wave_image

WIDTH_PX = 120


def lane_of(lengths_s: list[tuple[float, float]]) -> Lane:
    items, at_s = [], 0.0
    for gap_s, length_s in lengths_s:
        items.append(LaneItem("x", at_s + gap_s, at_s + gap_s + length_s, "clip"))
        at_s = items[-1].record_out_s
    return Lane(LaneKind.VIDEO, "V1", "", items)


@given(
    st.lists(st.tuples(st.floats(0, 0.5), st.floats(0.001, 2.0)), min_size=1, max_size=50),
    st.floats(0.5, 60),
    st.floats(0, 20),
)
def test_columns_are_those_of_a_plain_loop(
    lengths_s: list[tuple[float, float]], pixels_per_s: float, left_s: float
) -> None:
    lane, scale = lane_of(lengths_s), TimeScale(pixels_per_s, left_s)
    boxes = boxes_between(lane, scale, 10, 10, 10 + WIDTH_PX)
    codes = (np.arange(len(boxes.left_px)) % 7 + 1).astype(np.uint8)
    found = columns(boxes, codes, np.ones(len(codes), bool), 10, 10 + WIDTH_PX)
    naive = np.zeros(WIDTH_PX, np.uint8)
    for code, left, right in zip(codes, boxes.left_px, boxes.right_px, strict=True):
        for x in range(max(10, left), min(10 + WIDTH_PX, right)):
            naive[x - 10] = max(naive[x - 10], code)
    np.testing.assert_array_equal(found, naive)


def test_neighbours_have_an_edge_between_them_and_the_smallest_still_a_pixel() -> None:
    lane = lane_of([(0.0, 1.0), (0.0, 1.0), (0.0, 0.001)])
    boxes = boxes_between(lane, TimeScale(20.0), 0, 0, WIDTH_PX)
    assert boxes.left_px.tolist() == [0, 20, 40]
    assert boxes.right_px.tolist() == [19, 39, 41]


def test_a_line_is_drawn_in_the_colours_of_its_codes() -> None:
    table = np.array([0, 0xFF112233, 0xFF445566], np.uint32)
    image = line_image(np.array([0, 1, 2], np.uint8), table)
    assert [image.pixelColor(x, 0).alpha() for x in range(3)] == [0, 255, 255]
    assert [image.pixelColor(x, 0).name() for x in (1, 2)] == ["#112233", "#445566"]


def test_a_wave_is_as_high_as_its_peak_and_nothing_where_there_is_no_sound() -> None:
    image = wave_image(np.array([0.0, 0.5, 1.0, -1.0], np.float32), QColor("#ffffff"), 46)
    heights = [sum(image.pixelColor(x, y).alpha() > 127 for y in range(46)) for x in range(4)]
    assert heights == [2, 20, 40, 0]
