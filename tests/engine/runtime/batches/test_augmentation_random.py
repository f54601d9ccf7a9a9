"""What becomes of a picture by chance goes by seed, layer, epoch and row, and by nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.modules.module import register_module_forward_hook

import engine
from engine import layers
from engine.compile.torch_source import torch_source
from engine.data.cache import table_head
from engine.data.dataset import shuffle as ordering
from engine.runs.request import TrainRequest
from engine.runtime.batches.augmentation_random import AugmentationRandom, uniform_per_row
from engine.runtime.inference.trained_model import TrainedModel
from engine.runtime.nn_extras.augmentation import RandomContrast
from tests.engine.runtime.small import (
    network,
    node,
    ordered,
    predicted_values,
    project,
    run,
    scores_of,
    steps,
)
from tests.tiers import grid

COUNT, EPOCHS = 23, 3
Seen = dict[int, list[bytes]]


def pictures():
    """Return pictures whose second channel holds nothing but the row's number."""
    x = np.random.default_rng(3).random((COUNT, 6, 5, 2)).astype("float32")
    x[..., 1] = np.arange(COUNT)[:, None, None]
    return {"x": x, "y": x[..., 0].mean((1, 2))}


def given(own_seed=None, first=(), name="turn", **recipe):
    own = {} if own_seed is None else {"seed": own_seed}
    source = first[-1]["name"] if first else "x"
    fields = {"epochs": EPOCHS, "batch_size": 4, "seed": 5, "validation_split": 0.0}
    return project(
        node("x", "Input", shape=[6, 5, 2]),
        *first,
        node("flip", "RandomFlip", source, **own),
        node("move", "RandomTranslation", "flip", height_factor=0.3, width_factor=0.2, **own),
        node(name, "RandomRotation", "move", factor=0.2, fill_mode="wrap", **own),
        node("zoom", "RandomZoom", name, height_factor=0.2, width_factor=0.3, **own),
        node("contrast", "RandomContrast", "zoom", factor=0.3, **own),
        node("flat", "Flatten", "contrast"),
        node("drop", "Dropout", "flat", rate=0.3),
        node("d", "Dense", "drop", units=1),
        node("y", "Output", "d", loss="mse"),
        **fields | recipe,
    )


@contextmanager
def seen() -> Iterator[tuple[Seen, list[bool]]]:
    """Return what the last augmentation makes of each row in training, epoch by epoch.

    Then, of each batch that is not trained on, whether it came out as it went in.
    """
    trained: Seen = defaultdict(list)
    left: list[bool] = []

    def hear(module, given, answer):
        if not isinstance(module, RandomContrast):
            return
        if not module.training:
            left.append(torch.equal(answer, given[0]))
            return
        for picture in answer.detach():
            trained[round(picture[..., 1].mean().item())].append(picture.numpy().tobytes())

    hook = register_module_forward_hook(hear)
    try:
        yield trained, left
    finally:
        hook.remove()


def shown(folder, made, **order):
    """Return what a run shows its network of each row, and the folder and events of the run."""
    folder.mkdir()
    with seen() as (trained, _):
        ran = run(ordered(folder, made, pictures(), **order))
    return trained, ran


@pytest.fixture
def whole(tmp_path):
    """What a run in batches of 4 shows of each row."""
    return shown(tmp_path / "whole", given())[0]


def test_each_row_is_another_picture_in_each_epoch(whole):
    assert sorted(whole) == list(range(COUNT))
    assert all(len(set(epochs)) == len(epochs) == EPOCHS for epochs in whole.values())


@pytest.mark.parametrize(
    "recipe",
    grid([{"batch_size": 7}, {"batch_size": 1}, {"batch_size": 64}, {"shuffle": False},
          {"batch_size": 5, "accumulate": 3}], 2),
    ids=str,
)  # fmt: skip
def test_batches_and_their_order_change_no_picture(tmp_path, whole, recipe):
    assert shown(tmp_path / "other", given(**recipe))[0] == whole


def test_other_layers_change_no_picture(tmp_path, whole):
    first = (node("same", "Activation", "x", activation="linear"),)
    assert shown(tmp_path / "other", given(first=first))[0] == whole


@pytest.mark.parametrize(
    "made", [given(seed=6), given(9), given(name="spin")], ids=["run", "layers", "name"]
)
def test_another_seed_or_name_of_a_layer_is_another_picture(tmp_path, whole, made):
    trained, _ = shown(tmp_path / "other", made)
    assert all(trained[row] != whole[row] for row in whole)


def test_a_layers_own_seed_holds_whatever_the_runs_is(tmp_path):
    shows = [shown(tmp_path / str(run), given(9, seed=run))[0] for run in (5, 6)]
    assert shows[0] == shows[1]


@pytest.mark.slow
@pytest.mark.parametrize("stop", grid([6, 2, 13], 1))
def test_a_resumed_run_shows_the_pictures_that_were_left_and_learns_the_same(tmp_path, whole, stop):
    order = ordered(tmp_path, given(), pictures())
    _, through = run(replace(order, run=tmp_path / "through"))
    with seen() as (trained, _):
        folder, first = run(replace(order, run=tmp_path / "broken"), stop)
        _, rest = run(TrainRequest(None, None, run=folder.path, resume=True))
    assert trained == whole
    assert steps(first) + steps(rest) == steps(through)


def test_rows_from_the_cache_are_the_same_pictures(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(table_head, "CHUNK_BYTES", 600)
    monkeypatch.setattr(ordering, "GROUP_BYTES", 1200)  # some groups of rows in an epoch
    monkeypatch.setattr(ordering, "BLOCK_BYTES", 500)
    monkeypatch.setattr(ordering, "MIN_ROW_BYTES", 1)
    split = {"validation_split": 0.2}
    cached, memory = (
        shown(tmp_path / str(cache), given(**split), cache=cache) for cache in (True, False)
    )
    assert cached[0] == memory[0]
    assert len(cached[0]) == COUNT - round(COUNT * 0.2)
    assert steps(cached[1][1]) == steps(memory[1][1])


def test_validation_evaluation_and_prediction_see_rows_as_they_are(tmp_path):
    with seen() as (_, left):
        folder, _ = run(ordered(tmp_path, given(validation_split=0.2), pictures()))
        trained = TrainedModel.open(folder.path)
        scores_of(trained, tmp_path / "small.npz")
        first, again = (predicted_values(trained, tmp_path / "small.npz") for _ in range(2))
    assert len(left) > EPOCHS
    assert all(left)
    np.testing.assert_array_equal(first["y"], again["y"])


def test_layers_that_share_change_pictures_alike():
    made = project(
        node("x", "Input", shape=[6, 5, 2]),
        node("mask", "Input", shape=[6, 5, 2]),
        node("turn", "RandomRotation", "x", factor=0.5),
        node("turned", "RandomRotation", "mask", shares="turn"),
        node("apart", "Subtract", {"a": "turn", "b": "turned"}),
        node("flat", "Flatten", "apart"),
        node("y", "Output", "flat", loss="mse"),
    )
    net = network(made).train()
    x = torch.from_numpy(pictures()["x"])
    with AugmentationRandom(net, 1).for_rows(1, np.arange(COUNT)):
        assert not net({"x": x, "mask": x})["y"].any()


def test_fit_in_python_shows_what_a_file_would(whole):
    x = engine.Input((6, 5, 2), name="x")
    y = layers.RandomFlip(name="flip")(x)
    y = layers.RandomTranslation(0.3, 0.2, name="move")(y)
    y = layers.RandomRotation(0.2, fill_mode="wrap", name="turn")(y)
    y = layers.RandomZoom(0.2, 0.3, name="zoom")(y)
    y = layers.RandomContrast(0.3, name="contrast")(y)
    model = engine.Model(x, layers.Dense(1, name="d")(layers.Flatten(name="flat")(y)))
    model.compile("sgd", "mse", seed=5)
    data = pictures()
    with seen() as (trained, _):
        model.fit(data["x"], data["y"], epochs=EPOCHS, batch_size=11, verbose=0)
    assert trained == whole


def test_written_source_draws_from_torchs_generator_in_training_and_says_so():
    net = network(given())
    source = torch_source(net.plan, "Twin")
    space: dict = {}
    exec(source, space)
    twin = space["Twin"]().train()
    x = torch.from_numpy(pictures()["x"])

    def drawn():
        torch.manual_seed(1)
        return twin(x)["y"]

    assert torch.equal(drawn(), drawn())
    assert not torch.equal(twin(x)["y"], twin.eval()(x)["y"])
    assert "if None, each call makes them with torch's generator" in " ".join(source.split())


def test_draws_are_spread_evenly_and_know_nothing_of_each_other():
    key, rows = np.array([7], np.uint64), np.arange(100_000)
    first, later = uniform_per_row(key, 1, rows, 2), uniform_per_row(key, 2, rows, 2)
    columns = [first[:, 0], first[:, 1], later[:, 0], np.roll(first[:, 0], 1)]
    for numbers in columns:
        assert 0 <= numbers.min() < numbers.max() < 1
        shares, _ = np.histogram(numbers, 100, (0, 1))
        assert abs(shares - 1000).max() < 5 * np.sqrt(1000)
    apart = np.corrcoef(columns) - np.eye(len(columns))
    assert np.abs(apart).max() < 5 / np.sqrt(len(rows))


def test_draws_are_those_of_splitmix_in_plain_numbers():
    """So no version and no machine may draw otherwise."""
    key, epoch, rows, count = 7, 3, [0, 41, 2**40], 2
    step, every = 0x9E3779B97F4A7C15, 2**64

    def mixed(value):
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 % every
        value = (value ^ value >> 27) * 0x94D049BB133111EB % every
        return value ^ value >> 31

    def number(row, place):
        of_row = mixed((mixed((key + epoch * step) % every) + row * step) % every)
        return (mixed((of_row + place * step) % every) >> 11) / 2**53

    expected = [[number(row, place) for place in range(1, count + 1)] for row in rows]
    drawn = uniform_per_row(np.array([key], np.uint64), epoch, np.array(rows), count)
    assert drawn.tolist() == expected
