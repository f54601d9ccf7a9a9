"""A run's page stands alone: it shows what the events say, and asks no other host for anything."""

from __future__ import annotations

import json
import math
import re
from html.parser import HTMLParser

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.events import (
    ControlTaken,
    EpochDone,
    OutputInfo,
    RunFailed,
    RunFinished,
    RunStarted,
    StepsDone,
    Warned,
)
from engine.report.axes import ChartAxis, x_axis, y_axis
from engine.report.line_chart import ChartSeries, line_chart
from engine.report.page import render_page
from engine.runs.evaluation import (
    Calibration,
    CalibrationBin,
    ConfusionMatrix,
    EvaluationRecord,
    EvaluationScore,
    OutputEvaluation,
    Residuals,
    ThresholdCurve,
    WorstRow,
    save_evaluation,
)
from engine.runs.folder.notes import set_name, set_star, set_text
from engine.runs.folder.run_folder import RunFolder, lock_run_folder
from engine.runs.log.event_log import EventWriter
from engine.runs.state.step_curve import StepCurve

GRAPH = {
    "format": "layerloom", "version": 1,
    "graph": {"nodes": [
        {"name": "x", "kind": "Input", "params": {"shape": [3]}},
        {"name": "d", "kind": "Dense", "inputs": {"x": "x"}, "params": {"units": 1}},
        {"name": "y", "kind": "Output", "inputs": {"x": "d"}, "params": {"loss": "mse"}},
        {"name": "z", "kind": "Output", "inputs": {"x": "d"}, "params": {"loss": "mae"}},
    ]},
    "recipe": {"epochs": 3, "optimizer": {"kind": "Adam", "params": {"learning_rate": 0.01}}},
}  # fmt: skip
HOSTILE = '<script src="https://evil.example/x.js"></script>"\'&\x07'


class Reader(HTMLParser):
    """Gathers tags, what they refer to, and text."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.links, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        named = dict(attrs)
        self.links += [named[key] for key in ("src", "href", "srcset", "data") if key in named]
        if tag not in ("meta", "img", "source"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(text):
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


@pytest.fixture
def run(tmp_path):
    path = tmp_path / "g-001"
    with lock_run_folder(path), EventWriter(path) as events:
        described = {"run_id": "r", "seed": 7, "device": "cpu", "paths": {"data": "/d/t.csv"}}
        RunFolder.create(path, described, json.dumps(GRAPH).encode())
        heads = (
            OutputInfo(name="y", loss="mse"),
            OutputInfo(name="z", loss="mae", weight=0.5, unit="standard deviations"),
        )
        events.write(RunStarted(run_id="r", epochs=3, rows=9, validation_rows=3, outputs=heads))
        found = {"code": "target-scale", "message": HOSTILE, "fixes": [{"text": "Mend it."}]}
        events.write(Warned(diagnostic=found))
        for epoch in (1, 2, 3):
            losses = {"y": (3.0 / epoch,), "z": (1.0,)}
            events.write(StepsDone(first=epoch, last=epoch, loss=(3.5,), losses=losses,
                                   learning_rate=(0.1 / epoch,), grad_norm=(2.0,)))  # fmt: skip
            held = {"loss": 3.0 / epoch, "y/loss": math.nan if epoch == 2 else 1.25, "z/mae": 1.0}
            events.write(EpochDone(epoch=epoch, step=epoch, train=held, validation=held))
        events.write(ControlTaken(id="a", request="learning_rate", step=2, value=0.05, before=0.1))
        events.write(RunFinished(step=3, epoch=3, seconds=2.5, reason="all epochs are done"))
    return path


def results(name="test.csv"):
    area = ThresholdCurve(label="a", x=(0, 0.5, 1), y=(0, 0.8, 1), at=(None, 0.5, 0.1), area=0.75)
    worst = WorstRow(row=17, loss=2.0, truth="a", predicted=HOSTILE, confidence=0.9)
    return EvaluationRecord(
        name=name,
        data="/d/test.csv",
        rows=80,
        scores=(
            EvaluationScore(name="loss", value=0.5),
            EvaluationScore(output="y", name="mae", value=None),
        ),
        outputs=(
            OutputEvaluation(
                name="y",
                task="classes",
                count=80,
                confusion=ConfusionMatrix(labels=("a", HOSTILE), counts=((30, 10), (0, 40))),
                calibration=Calibration(
                    bins=(
                        CalibrationBin(low=0.5, high=0.6, count=80, predicted=0.55, observed=0.5),
                    ),
                    error=0.05,
                ),
                roc=(area,),
                precision_recall=(area,),
                worst=(worst,),
            ),
            OutputEvaluation(
                name="z",
                task="number",
                unit="cm",
                count=80,
                residuals=(
                    Residuals(
                        mean=0.0,
                        deviation=1.0,
                        largest=-3.0,
                        edges=(-1, 0, 1),
                        counts=(3, 4),
                        truth=(1.0, 2.0),
                        predicted=(1.5, 2.5),
                    ),
                ),
            ),
        ),
    )


def test_the_page_asks_no_other_host_for_anything(run):
    save_evaluation(run, results())
    text = render_page(run)
    reader = read(text)
    assert all(link.startswith("data:image/svg+xml;base64,") for link in reader.links)
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & set(reader.tags)
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in text
    styles = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    assert not re.search(r"url\(|@import|http", styles)
    assert "prefers-color-scheme:dark" in styles


def test_names_and_notes_are_nothing_but_text(run):
    set_name(run, "<b>wide</b>")
    set_text(run, HOSTILE.replace("\x07", ""))
    save_evaluation(run, results())
    text = render_page(run)
    assert "<script" not in text
    assert "\x07" not in text
    assert "<title>&lt;b&gt;wide&lt;/b&gt;</title>" in text
    assert "evil.example" in "".join(read(text).text)


def test_the_page_shows_what_the_events_say(run):
    set_star(run)
    text = "".join(read(render_page(run)).text)
    for said in ("★ g-001", "finished", "3 of 3", "2.5\N{NO-BREAK SPACE}s", "t.csv",
                 "Finished after epoch 3, step 3: all epochs are done.",
                 "Total loss", "Learning rate", "Gradient norm",
                 "Share of each output in the total loss", "Changes during the run", "target-scale",
                 "Mend it.", "optimizer.params.learning_rate", "seed"):  # fmt: skip
        assert said in text, said
    assert "Evaluated on" not in text


def test_an_error_says_what_it_counts_in_while_it_trains(run):
    text = "".join(read(render_page(run)).text)
    for said in ("z/mae, in standard deviations", "z: mae, in standard deviations"):
        assert said in text, said
    assert "y/loss, in" not in text


def test_the_best_is_that_since_losses_are_weighed_otherwise(tmp_path):
    path = tmp_path / "g-001"
    asked = {"request": "loss_weight", "value": {"y": 9.0}, "before": {"y": 1.0}}
    with lock_run_folder(path), EventWriter(path) as events:
        RunFolder.create(path, {"run_id": "r"}, json.dumps(GRAPH).encode())
        heads = (OutputInfo(name="y", loss="mse"),)
        events.write(RunStarted(run_id="r", epochs=3, steps_per_epoch=1, outputs=heads))
        for epoch, loss in enumerate((1.25, 7.5, 6.25), 1):
            events.write(EpochDone(epoch=epoch, step=epoch, train={"loss": loss},
                                   validation={"loss": loss}))  # fmt: skip
            if epoch == 1:
                events.write(ControlTaken(id="a", step=1, anew=True, **asked))
    text = "".join(read(render_page(path)).text)
    assert "6.2500 in epoch 3" in text
    assert "1.2500 in epoch" not in text
    said = "The search for the best epoch restarted: new loss weights from step 2 on"
    assert text.count(said) == 2, "below the scores, and beside the change"


def test_every_chart_and_picture_is_told_in_words(run):
    save_evaluation(run, results())
    text = render_page(run)
    charts = re.findall(r'<svg class="chart"[^>]*>', text)
    assert len(charts) >= 10
    assert all(re.search(r'role="img" aria-label="[^"]{20,}"', chart) for chart in charts)
    assert re.search(r'<img [^>]*alt="The graph, 4 nodes: x \(Input\), d \(Dense\)', text)
    assert '<html lang="en">' in text
    assert text.count("<h1>") == 1


def test_evaluations_are_shown_with_their_worst_rows(run):
    save_evaluation(run, results())
    text = "".join(read(render_page(run)).text)
    for said in ("Evaluated on test.csv", "Confusion matrix", "ROC", "Precision",
                 "Calibration", "Worst rows", "17", "Residuals",
                 "Predicted against true", "predicted minus true, cm"):  # fmt: skip
        assert said in text, said


def test_a_run_that_has_said_nothing_or_failed_has_a_page_too(tmp_path):
    path = tmp_path / "a"
    with lock_run_folder(path), EventWriter(path) as events:
        RunFolder.create(path, {}, json.dumps(GRAPH).encode())
        read(render_page(path))
        events.write(RunStarted(run_id="r"))
        failed = {"code": "diverged", "message": "the loss is no number", "severity": "error"}
        events.write(RunFailed(code="diverged", diagnostic=failed))
    assert "the loss is no number" in render_page(path)
    assert "Failed before its first step." in render_page(path)


def test_what_is_no_run_has_none(tmp_path):
    with pytest.raises(DiagnosticError):
        render_page(tmp_path)


# Axes and numbers


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (-3, 250), (1e-9, 2e-9), (5, 5), (0.2, 0.2001), (-1e6, 1e6)]
)
def test_ticks_are_round_and_within_the_axis(low, high):
    axis = y_axis([low, high])
    ticks = axis.ticks()
    assert 2 <= len(ticks) <= 12
    assert all(axis.low <= tick <= axis.high or math.isclose(tick, axis.high) for tick in ticks)


def test_a_wide_range_is_drawn_by_factors_unless_it_has_zeros():
    assert y_axis([0.001, 1.0]).log
    assert not y_axis([0.0, 1.0]).log
    assert not y_axis([0.001, 1.0], allow_log=False).log
    assert y_axis([0.001, 1.0]).ticks() == pytest.approx([0.001, 0.01, 0.1, 1.0])
    assert ChartAxis(1, 100, 0, 10, log=True).position(10) == pytest.approx(5)
    assert x_axis(3, 3).high > 3


def test_a_curve_of_a_million_steps_is_thinned_with_its_range():
    curve = StepCurve().extended(1, [math.sin(step) for step in range(200_000)])
    drawn = line_chart([ChartSeries("long", curve)], "step", [(7, "here")])
    assert len(drawn) < 20_000
    assert "spread" in drawn
    assert "here" in drawn
    assert line_chart([ChartSeries("none", StepCurve().extended(1, [math.nan]))], "step") == ""
