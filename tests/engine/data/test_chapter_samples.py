"""Samples of pictures, signals and sentence pairs: what the columns say is in the rows."""

import numpy as np

from engine.data.samples import make_sample
from engine.data.samples.pairs import SLOTS, WORD_IDS
from engine.data.samples.pictures import SHAPES
from engine.data.samples.signals import CLICK_HEIGHT, STEPS, WAVES

MEANING = {
    WORD_IDS[w]: (s, g)
    for s, slot in enumerate(SLOTS)
    for g, group in enumerate(slot)
    for w in group
}


def meanings(ids):
    return [[MEANING[i] for i in row if i in MEANING] for row in ids.tolist()]


def test_pairs_mean_the_same_exactly_where_they_are_said_to():
    train = make_sample("siamese", rows=400).train
    left, right = meanings(train["left"]), meanings(train["right"])
    assert all(len(row) == len(SLOTS) for row in (*left, *right))
    assert [float(a == b) for a, b in zip(left, right, strict=True)] == train["same"].tolist()
    assert 0.4 < train["same"].mean() < 0.6
    assert (train["left"] != train["right"]).any(axis=1)[train["same"] == 1].mean() > 0.9
    assert train["left"].dtype == np.int32
    assert train["left"].max() < 30


def test_figures_are_told_apart_by_how_much_of_their_box_they_fill():
    train = make_sample("residual", rows=2_000).train
    assert train["picture"].shape == (2_000, 16, 16, 1)
    bright = train["picture"][..., 0] > 0.45
    box = np.array([_box(one) for one in bright])
    filled = bright.sum(axis=(1, 2)) / box
    which = train["figure"].argmax(axis=1)
    mean = {figure: filled[which == place].mean() for place, figure in enumerate(SHAPES)}
    assert mean["square"] > mean["disc"] > max(mean["cross"], mean["triangle"])


def _box(picture):
    rows, columns = (np.flatnonzero(picture.sum(axis=axis) > 1) for axis in (1, 0))
    return max(1, (np.ptp(rows) + 1) * (np.ptp(columns) + 1)) if len(rows) and len(columns) else 1


def test_waves_are_equally_loud_and_only_clicks_last_one_step():
    train = make_sample("inception", rows=2_000).train
    signal, which = train["signal"][..., 0], train["wave"].argmax(axis=1)
    assert signal.shape == (2_000, STEPS)
    loud = [np.square(signal[which == place]).mean() for place in range(len(WAVES))]
    assert max(loud) < 1.1 * min(loud)
    alone = np.abs(signal[:, 1:-1] - (signal[:, :-2] + signal[:, 2:]) / 2)
    sines = which == WAVES.index("sine")
    clicked = train["clicks"] == 1
    highest = alone.max(axis=1)
    assert highest[sines & ~clicked].max() < CLICK_HEIGHT
    assert np.median(highest[sines & clicked]) > 0.8 * CLICK_HEIGHT


def test_a_nearer_lamp_lies_farther_apart_and_one_picture_does_not_tell():
    train = make_sample("two-cameras", rows=2_000).train
    place = np.arange(16)
    at = {}
    for side in ("left", "right"):
        weight = np.clip(train[side][..., 0], 0.3, None) - 0.3
        at[side] = (weight.sum(axis=1) * place).sum(axis=1) / weight.sum(axis=(1, 2))
    apart = at["left"] - at["right"]
    assert np.corrcoef(apart, 1 / train["distance"])[0, 1] > 0.97
    assert abs(np.corrcoef(train["left"].max(axis=(1, 2, 3)), train["distance"])[0, 1]) < 0.1
    assert 1 <= train["distance"].min() < train["distance"].max() <= 5
