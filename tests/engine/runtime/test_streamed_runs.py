"""A streamed table gives the encoders and subsets of the cache, and each row once per epoch."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.check.report import check
from engine.core.diagnostic import DiagnosticError
from engine.data.cache import stream_writer, streamed_rows, table_head
from engine.data.cache.policy import CacheSettings
from engine.data.prepared_data import prepare_data
from engine.events import EpochDone, RunFailed
from engine.runs.request import TrainRequest
from engine.runtime.batches import data_loader
from engine.runtime.device import make_device_context
from engine.runtime.evaluation.record import evaluate_run
from engine.runtime.inference.run_splits import select_rows
from engine.runtime.inference.trained_model import TrainedModel
from engine.runtime.nn_extras.noise import SharedDropout
from engine.runtime.run.runner import train
from tests.engine.runtime.small import ordered, run, scores_of, steps
from tests.engine.runtime.test_cached_runs import SPLITS, csv, told
from tests.engine.runtime.test_cached_runs import given as network
from tests.tiers import grid

COUNT, LENGTHS = 150, (40, 0, 70, 3, 37)
GROUPS = ("inputs", "targets", "masks", "weights")


@pytest.fixture(autouse=True)
def _small(monkeypatch, tmp_path):
    """Let small tables come in many chunks and windows."""
    monkeypatch.setenv("LAYERLOOM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(table_head, "CHUNK_BYTES", 5000)
    monkeypatch.setattr(data_loader, "GROUP_BYTES", 3000)
    monkeypatch.setattr(data_loader, "MIN_ROW_BYTES", 1)


@pytest.fixture
def shards(tmp_path):
    """Write the table of the cached runs as shards, one of which has no rows."""
    header, *lines = csv(tmp_path / "t.csv", COUNT).read_text().splitlines()
    (tmp_path / "shards").mkdir()
    for index, length in enumerate(LENGTHS):
        part, lines = lines[:length], lines[length:]
        (tmp_path / "shards" / f"{index}.csv").write_text("\n".join([header, *part, ""]))
    return tmp_path / "shards"


def prepared(folder, path, split, **given):
    report = check(network(split))
    assert not report.errors
    return prepare_data(report, path, None, caching=CacheSettings(folder=folder / "c", **given))


def loaded(dataset, *rank, size=16):
    return data_loader.make_data_loader(dataset, size, make_device_context("cpu", "float32"), *rank)


@pytest.mark.parametrize("split", grid(SPLITS, 2))
def test_subsets_encoders_and_values_are_those_of_the_cache(split, shards, tmp_path):
    streamed = prepared(tmp_path, shards / "*.csv", split, stream=True)
    cached = prepared(tmp_path, tmp_path / "t.csv", split, use=True)
    assert streamed.train.is_streamed
    assert not cached.train.is_streamed
    assert streamed.fitted == cached.fitted
    assert streamed.split == cached.split
    for one, two in ((streamed.train, cached.train), (streamed.validation, cached.validation)):
        assert [one.target_count(name) for name in two.targets] == [
            two.target_count(name) for name in two.targets
        ]
        for batch, expected in zip(loaded(one).batches(), loaded(two).batches(), strict=True):
            assert [*batch.row_indices] == [*expected.row_indices]
            for group in GROUPS:
                assert getattr(batch, group).keys() == getattr(expected, group).keys()
                for name, tensor in getattr(batch, group).items():
                    assert torch.equal(tensor, getattr(expected, group)[name])


@pytest.mark.parametrize("size", [1, 3, 20])
def test_each_row_is_in_one_batch_of_one_process(size, shards, tmp_path):
    train = prepared(tmp_path, shards, SPLITS[1], stream=True).train
    orders = []
    for epoch in (1, 2):
        loaders = [loaded(train, rank, size) for rank in range(size)]
        assert len(loaders[0]) == -(-train.row_count // 16)
        ranks = [[*loader.batches(loader.epoch_order(5, epoch))] for loader in loaders]
        assert {len(batches) for batches in ranks} == {len(loaders[0])}
        steps = [[b for b in step if b.is_counted] for step in zip(*ranks, strict=True)]
        sizes = [sum(batch.row_count for batch in step) for step in steps]
        assert sizes == [16] * (train.row_count // 16) + [train.row_count % 16]
        rows = [int(row) for step in steps for batch in step for row in batch.row_indices]
        assert sorted(rows) == [*range(train.row_count)]
        assert all(len(batch.inputs["x"]) == batch.row_count for b in ranks for batch in b)
        orders.append(rows)
        for skip in (1, 3, len(ranks[0])):
            rest = [*loaders[-1].batches(loaders[-1].epoch_order(5, epoch), skip)]
            assert [[*b.row_indices] for b in rest] == [[*b.row_indices] for b in ranks[-1][skip:]]
    assert orders[0] != orders[1]


def test_shuffled_batches_have_the_values_of_their_rows(shards, tmp_path):
    train = prepared(tmp_path, shards, SPLITS[1], stream=True).train
    table = next(loaded(train, size=COUNT).batches())
    loader = loaded(train, 1, 2)
    for batch in loader.batches(loader.epoch_order(5, 1)):
        for group in GROUPS:
            for name, tensor in getattr(batch, group).items():
                assert torch.equal(tensor, getattr(table, group)[name][batch.row_indices])


def test_processes_draw_different_random_numbers(shards, tmp_path):
    dataset = prepared(tmp_path, shards, SPLITS[1], stream=True).train
    drawn = []
    for rank in range(2):
        loader = loaded(dataset, rank, 2)
        batch = next(loader.batches(loader.epoch_order(1, 1)))
        noise = SharedDropout(0.5)
        noise.batch_rows = batch.rank_rows
        torch.manual_seed(1)
        drawn.append(noise(torch.ones(batch.row_count, 40)))
    assert drawn[0].shape == drawn[1].shape
    assert not torch.equal(*drawn)


def order(folder, data, **recipe):
    folder.mkdir()
    made = ordered(folder, network(SPLITS[1], **recipe), {"none": np.zeros(1)})
    return replace(made, data=data, stream=True)


@pytest.mark.slow
def test_a_run_resumes_within_an_epoch_and_is_evaluated_on_its_rows(shards, tmp_path):
    whole, events = run(order(tmp_path / "whole", shards / "*.csv"))
    assert whole.record["stream"] is True
    assert "data-streamed" in [e.diagnostic["code"] for e in events if e.kind == "warned"]
    folder, first = run(order(tmp_path / "broken", shards / "*.csv"), stop_after=9)
    _, second = run(TrainRequest(None, None, run=folder.path, resume=True))
    assert steps(first) + steps(second) == steps(events)
    assert told(folder, second)[2] == told(whole, events)[2]
    trained = TrainedModel.open(whole.path)
    scores = scores_of(trained, select_rows(trained, None, "validation").dataset)
    last = [event for event in events if isinstance(event, EpochDone)][-1]
    for name in ("kind/loss", "kind/accuracy"):
        assert scores[name] == pytest.approx(last.validation[name])
    assert evaluate_run(trained, None, "test").rows == 15


@pytest.mark.slow
def test_a_run_whose_shard_is_lost_ends_with_a_diagnostic(shards, tmp_path):
    for _, event in train(order(tmp_path / "run", shards / "*.csv")):  # noqa: B007
        if isinstance(event, EpochDone):
            (shards / "2.csv").unlink()
    assert isinstance(event, RunFailed)
    assert event.code == "data-unreadable"


def test_errors_of_any_row_are_found_before_training(shards, tmp_path):
    text = (shards / "4.csv").read_text().splitlines()
    (shards / "4.csv").write_text("\n".join([*text[:-1], text[-1].replace(",", ",x", 1), ""]))
    found = []
    for given in ({"stream": True}, {"use": True}):
        with pytest.raises(DiagnosticError) as error:
            prepared(tmp_path, shards, None, **given)
        errors = [item for item in error.value.diagnostics if item.severity == "error"]
        found.append([str(item) for item in errors])
    assert found[0] == found[1]


def test_a_target_that_rarely_varies_is_not_constant(shards, tmp_path, monkeypatch):
    monkeypatch.setattr(stream_writer, "SAMPLE_BYTES", 1)
    for file in shards.glob("*.csv"):
        header, *lines = file.read_text().splitlines()
        cells = [line.split(",") for line in lines]
        for row in cells:
            row[6] = "yes" if file.name == "4.csv" and row is cells[-1] else "no"
        file.write_text("\n".join([header, *map(",".join, cells), ""]))
    split = {"kind": "column", "params": {"column": "part"}}
    found = prepared(tmp_path, shards, split, stream=True)
    assert len(found.train.targets["yes"]) < 20
    assert not [item for item in found.warnings if item.code == "target-constant"]


@pytest.mark.parametrize("rows", [30, 70])
def test_shards_that_are_replaced_during_training_end_it(rows, shards, tmp_path):
    train = prepared(tmp_path, shards, None, stream=True).train
    header, *lines = (shards / "2.csv").read_text().splitlines()
    (shards / "2.csv").write_text("\n".join([header, *reversed(lines[:rows]), ""]))
    with pytest.raises(DiagnosticError) as error:
        list(loaded(train).batches())
    assert error.value.diagnostics[0].code == "data-unreadable"


def test_it_is_streamed_if_the_cache_does_not_fit_on_the_disk(shards, tmp_path, monkeypatch):
    from engine.data.cache import policy

    monkeypatch.setattr(policy, "available_memory", lambda: 0)
    assert not prepared(tmp_path, shards, None).train.is_streamed
    monkeypatch.setattr(policy.shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    assert not prepared(tmp_path, shards, None).train.is_streamed  # it is in the cache
    assert prepared(tmp_path / "other", shards, None).train.is_streamed


def test_held_out_rows_are_read_from_the_cache(shards, tmp_path):
    given = prepared(tmp_path, shards, SPLITS[1], stream=True)
    assert given.train.is_streamed
    assert not given.validation.is_streamed


def test_a_window_is_read_while_the_one_before_is_used(shards, tmp_path, monkeypatch):
    train = prepared(tmp_path, shards, None, stream=True).train
    taken, real = [], streamed_rows.StreamedRows.take
    monkeypatch.setattr(
        streamed_rows.StreamedRows, "take", lambda *x: taken.append(len(x[1])) or real(*x)
    )
    loader = loaded(train)
    batches = loader.batches(loader.epoch_order(1, 1))
    next(batches)
    for _ in range(100):
        if len(taken) >= 2:
            break
        time.sleep(0.02)
    assert len(taken) == 2
    batches.close()
