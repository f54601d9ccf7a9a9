"""Rows without a target: no loss, no score, and the same gradients as if they were left out."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import isnan, nan

import numpy as np
import pytest
import torch
from sklearn.metrics import r2_score, roc_auc_score

from engine.core.tensor_spec import TensorSpec
from engine.events import EpochDone, RunStarted, Warned
from engine.layers.io import Output, resolve_head
from engine.objectives.loss import LOSSES
from engine.runtime.batches.batch import Batch
from engine.runtime.batches.data_loader import DataLoader
from engine.runtime.loss_weighting.total_loss import compute_losses, heads_of
from engine.runtime.model.metrics import HeadMetrics
from engine.runtime.training.epoch_metrics import EpochMetrics, evaluate
from tests.engine.runtime.small import loss_value, network, node, ordered, project, run
from tests.tiers import noted

ROWS, UNITS, STEPS = 24, 3, 5
REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight")
# A trunk with a number, a class and a yes-or-no, and labels for different halves of the rows.
THREE = (
    node("x", "Input", shape=[4]),
    node("trunk", "Dense", "x", units=6, activation="tanh"),
    node("a", "Dense", "trunk", units=1),
    node("b", "Dense", "trunk", units=3, activation="softmax"),
    node("c", "Dense", "trunk", units=1, activation="sigmoid"),
    node("mass", "Output", "a", loss="mse", loss_weight=0.5, metrics=["mae"], missing="mask"),
    node("kind", "Output", "b", loss="sparse_categorical_crossentropy", metrics=["accuracy"],
         missing="mask"),
    node("sex", "Output", "c", loss="binary_crossentropy", loss_weight=2.0, metrics=["accuracy"],
         missing="mask"),
)  # fmt: skip
HEADS = ("mass", "kind", "sex")


def rows(seed=0):
    rng = np.random.default_rng(seed)
    inputs = {"x": rng.normal(size=(ROWS, 4))}
    targets = {
        "mass": rng.normal(size=(ROWS, 1)),
        "kind": rng.integers(0, 3, ROWS),
        "sex": rng.integers(0, 2, (ROWS, 1)).astype(float),
    }
    masks = {name: rng.permutation(ROWS) < ROWS // 2 for name in HEADS}
    return inputs, targets, masks


def three(**recipe):
    return project(*THREE, precision="float64", **recipe)


def double(given):
    return network(given).double()


def gradients(net, batch, names=HEADS):
    """By head, the gradient of its weighted loss on every weight."""
    net.zero_grad()
    weights = {head.name: head.loss_weight for head in heads_of(net)}
    scores = compute_losses(net, batch)
    terms = [scores.losses[name] * weights[name] for name in names if name in scores.losses]
    torch.stack(terms).sum().backward()
    return {
        name: torch.zeros_like(p) if p.grad is None else p.grad.clone()
        for name, p in net.named_parameters()
    }


def test_three_half_labelled_heads_learn_as_if_each_saw_its_own_rows_alone():
    """Every labelled cell contributes: the gradient is the sum of three plain trainings' own."""
    inputs, targets, masks = rows()
    net = double(three())
    (batch,) = DataLoader(inputs, targets, ROWS, torch.float64, masks=masks).batches()
    together = gradients(net, batch)
    alone = []
    for name in HEADS:
        own = np.flatnonzero(masks[name])
        feed = DataLoader({"x": inputs["x"][own]}, {name: targets[name][own]}, ROWS, torch.float64)
        alone.append(gradients(net, next(feed.batches()), (name,)))
    for name, gradient in together.items():
        torch.testing.assert_close(gradient, sum(each[name] for each in alone))


def test_a_batch_without_any_label_gives_no_loss_and_no_gradient():
    inputs, targets, _ = rows()
    masks = {name: np.zeros(ROWS, bool) for name in HEADS}
    net = double(three())
    (batch,) = DataLoader(inputs, targets, ROWS, torch.float64, masks=masks).batches()
    assert compute_losses(net, batch).total.item() == 0
    assert all((g == 0).all() for g in gradients(net, batch).values())


def head_of(loss, shape=(UNITS,), **params):
    output = Output.from_params({"loss": {"kind": loss, "params": params}, "missing": "mask"})
    curve = {"softmax": "softmax", "sigmoid": "sigmoid", "positive": "softplus"}
    return resolve_head(
        "y", output, TensorSpec(shape), curve.get(LOSSES[loss].expected_activation, "linear")
    )


def raw_and_target(head, shape, seed=1):
    rng = np.random.default_rng(seed)
    raw = torch.tensor(rng.normal(size=(ROWS, *shape)))
    raw = raw if head.fold or head.loss.expected_activation == "any" else torch.sigmoid(raw)
    index = rng.integers(0, shape[-1], (ROWS, *shape[:-1]))
    target = {
        "number": rng.normal(size=(ROWS, *shape)) ** 2 + 0.1,
        "index": index,
        "onehot": np.eye(shape[-1])[index],
        "distribution": rng.dirichlet(np.ones(shape[-1]), (ROWS, *shape[:-1])),
        "binary": rng.integers(0, 2, (ROWS, *shape)).astype(float),
    }[head.target_form]
    return raw, torch.tensor(target)


def blanked(head, target, mask):
    """What the data puts in the place of a target that is not there."""
    if head.target_form in ("onehot", "distribution"):
        first = torch.zeros(target.shape[-1], dtype=target.dtype)
        first[0] = 1
        return torch.where(mask[..., None], target, first)
    return torch.where(mask.reshape(*mask.shape, *[1] * (target.dim() - mask.dim())), target, 0)


@pytest.mark.parametrize("loss", list(LOSSES))
def test_every_loss_leaves_out_what_has_no_target(loss):
    for shape, reduction in product([(UNITS,), (STEPS, UNITS)], REDUCTIONS):
        with noted(shape, reduction):
            check_masked(loss, shape, reduction)


def check_masked(loss, shape, reduction):
    head = head_of(loss, shape, reduction=reduction)
    raw, target = raw_and_target(head, shape)
    mask = torch.tensor(np.random.default_rng(2).random((ROWS, *shape[:-1])) < 0.5)
    target = blanked(head, target, mask)
    weight = torch.linspace(0.5, 2, ROWS, dtype=torch.float64)
    own = weight.reshape(-1, *[1] * (mask.dim() - 1)).expand(mask.shape)

    def value(raw, target, weight, present=None):
        raw = raw.detach().requires_grad_()
        answer = loss_value(head, raw, target, None, weight, present)
        answer.backward()
        return answer.detach(), raw.grad

    found, gradient = value(raw, target, weight, mask)
    wanted, alone = value(raw[mask], target[mask], own[mask])
    torch.testing.assert_close(found, wanted)
    torch.testing.assert_close(gradient[mask], alone)
    assert (gradient[~mask] == 0).all()
    empty, nothing = value(raw, target, weight, torch.zeros_like(mask))
    assert empty == 0
    assert (nothing == 0).all()


APART = [name for name in LOSSES if LOSSES[name].is_elementwise]


@pytest.mark.parametrize("loss", APART)
def test_of_several_columns_every_cell_that_is_there_contributes(loss):
    for reduction in REDUCTIONS:
        with noted(reduction):
            check_cells(loss, reduction)


def check_cells(loss, reduction):
    head = head_of(loss, reduction=reduction)
    raw, target = raw_and_target(head, (UNITS,))
    whole = loss_value(head, raw, target, None, None, torch.ones_like(target, dtype=torch.bool))
    torch.testing.assert_close(whole, loss_value(head, raw, target))
    mask = torch.tensor(np.random.default_rng(2).random((ROWS, UNITS)) < 0.6)
    if loss in ("hinge", "squared_hinge"):
        mask[0] = True  # these look at all targets to tell 0 and 1 from -1 and 1
    raw.requires_grad_()
    found = loss_value(head, raw, torch.where(mask, target, 0), None, None, mask)
    cells = head.loss.values(torch, target.unsqueeze(-1), raw.unsqueeze(-1))
    cells = cells[mask]
    wanted = cells.sum() / UNITS if reduction == "sum" else cells.mean()
    torch.testing.assert_close(found, wanted)
    found.backward()
    assert (raw.grad[~mask] == 0).all()


def test_a_loss_on_whole_rows_leaves_out_rows_that_lack_a_cell():
    head = head_of("cosine_similarity")
    raw, target = raw_and_target(head, (UNITS,))
    mask = torch.ones_like(target, dtype=torch.bool)
    mask[3, 1] = mask[7] = False
    keep = mask.all(-1)
    found = loss_value(head, raw, target, None, None, mask)
    torch.testing.assert_close(found, loss_value(head, raw[keep], target[keep]))


def measured(loss, metrics, raw, target, mask, batches=(10, 3, 11)):
    output = Output.from_params({"loss": loss, "metrics": metrics, "missing": "mask"})
    head = resolve_head(
        "y", output, TensorSpec(raw.shape[1:]), "sigmoid" if loss[0] == "b" else "linear"
    )
    running = HeadMetrics(head)
    for place in range(len(batches)):
        some = slice(sum(batches[:place]), sum(batches[: place + 1]))
        running.update(raw[some], target[some], present=mask[some])
    return running.result()


def test_metrics_count_rows_that_have_a_target():
    rng = np.random.default_rng(4)
    raw = torch.tensor(rng.permutation(ROWS)[:, None] / ROWS).float()
    target = torch.tensor(rng.integers(0, 2, (ROWS, 1))).float()
    mask = torch.tensor(rng.random(ROWS) < 0.6)
    own, told = raw[mask][:, 0].numpy(), target[mask][:, 0].numpy()
    found = measured("binary_crossentropy", ["accuracy", "auc", "mae"], raw, target, mask)
    assert found["accuracy"] == pytest.approx(((own > 0.5) == told).mean())
    assert found["auc"] == pytest.approx(roc_auc_score(told, own), abs=0.01)
    assert found["mae"] == pytest.approx(np.abs(own - told).mean())


def test_metrics_of_several_columns_count_cells_and_those_of_rows_count_whole_rows():
    rng = np.random.default_rng(5)
    raw, target = torch.tensor(rng.normal(size=(2, ROWS, UNITS)))
    mask = torch.tensor(rng.random((ROWS, UNITS)) < 0.7)
    found = measured("mse", ["mae", "rmse", "r2_score", "cosine_similarity"], raw, target, mask)
    error = (raw - target)[mask]
    whole = mask.all(-1)
    assert found["mae"] == pytest.approx(error.abs().mean().item())
    assert found["root_mean_squared_error"] == pytest.approx(error.square().mean().sqrt().item())
    assert found["r2_score"] == pytest.approx(r2_score(target[whole], raw[whole]), abs=1e-5)
    cosine = torch.nn.functional.cosine_similarity(raw[whole], target[whole], -1).mean()
    assert found["cosine_similarity"] == pytest.approx(cosine.item())


@pytest.mark.parametrize("size", [1, 5, ROWS])
def test_scores_do_not_depend_on_which_rows_meet_in_a_batch(size):
    inputs, targets, masks = rows()
    net = double(three())
    found = evaluate(net, DataLoader(inputs, targets, size, torch.float64, masks=masks).batches())
    total = 0.0
    for name, weight in zip(HEADS, (0.5, 1.0, 2.0), strict=True):
        own = np.flatnonzero(masks[name])
        feed = DataLoader({"x": inputs["x"][own]}, {name: targets[name][own]}, ROWS, torch.float64)
        alone = evaluate(net, feed.batches())
        for key in (each for each in alone if each.startswith(name) and not isnan(alone[each])):
            assert found[key] == pytest.approx(alone[key])
        total += weight * alone[f"{name}/loss"]
    assert found["loss"] == pytest.approx(total)


def test_an_output_without_a_single_target_has_no_score_and_the_total_is_that_of_the_others():
    inputs, targets, masks = rows()
    masks["sex"] = np.zeros(ROWS, bool)
    net = double(three())
    found = evaluate(net, DataLoader(inputs, targets, 7, torch.float64, masks=masks).batches())
    assert isnan(found["sex/loss"])
    assert isnan(found["sex/accuracy"])
    assert found["loss"] == pytest.approx(0.5 * found["mass/loss"] + found["kind/loss"])


def test_a_ledger_of_masked_rows_goes_on_from_what_it_has_written():
    inputs, targets, masks = rows()
    net = double(three())
    batches = list(DataLoader(inputs, targets, 5, torch.float64, masks=masks).batches())

    def ledger(some: list[Batch], state=None):
        made = EpochMetrics(heads_of(net))
        if state is not None:
            made.load_state_dict(state)
        for batch in some:
            made.update(net, compute_losses(net, batch), batch)
        return made

    through = ledger(batches).result()
    assert ledger(batches[2:], ledger(batches[:2]).state_dict()).result() == through


def holed(arrays, name, every):
    values = arrays[name].astype(float)
    values[::every] = nan
    return arrays | {name: values}


def test_a_run_tells_how_many_rows_are_labelled_for_each_output(tmp_path):
    inputs, targets, _ = rows()
    arrays = holed(holed(inputs | targets, "sex", 2), "kind", 3)
    given = three(epochs=2, batch_size=5, validation_split=0.25)
    folder, events = run(ordered(tmp_path, given, arrays))
    (started,) = (event for event in events if isinstance(event, RunStarted))
    counts = {head.name: (head.labelled, head.validation_labelled) for head in started.outputs}
    told = {"train": counts["sex"][0], "validation": counts["sex"][1]}
    assert folder.record["labelled"]["sex"] == told
    assert sum(counts["sex"]) == 12
    assert sum(counts["kind"]) == 16
    assert sum(counts["mass"]) == ROWS
    assert (started.rows, started.validation_rows) == (18, 6)
    codes = [event.diagnostic["code"] for event in events if isinstance(event, Warned)]
    assert codes.count("target-masked") == 2
    scores = [event for event in events if isinstance(event, EpochDone)][-1]
    assert all(np.isfinite(list(scores.train.values())))


def test_an_output_that_no_validation_row_has_a_target_of_is_warned_about(tmp_path):
    inputs, targets, _ = rows()
    halves = {"kind": "time", "params": {"column": "day", "validation": 0.5}}
    sex = targets["sex"].copy()
    sex[ROWS // 2 :] = nan
    arrays = inputs | targets | {"sex": sex, "day": np.arange(ROWS)}
    given = replace(three(epochs=1), data={"split": halves})
    _, events = run(ordered(tmp_path, given, arrays))
    warned = [
        event.diagnostic["node"]
        for event in events
        if isinstance(event, Warned)
        and event.diagnostic["severity"] == "warning"
        and event.diagnostic["code"] == "target-masked"
    ]
    assert warned == ["sex"]
    (done,) = (event for event in events if isinstance(event, EpochDone))
    assert isnan(done.validation["sex/loss"])
    assert np.isfinite(done.validation["loss"])
