"""Written Python draws the same graph again, and reads as a person would write it.

UPDATE_EXPECT=1 writes the expected files anew; read the difference before it is committed.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.check.report import check
from engine.compile.python_source import python_source
from engine.core.diagnostic import DiagnosticError
from engine.graph.model import Project
from engine.graph.templates import template_names
from tests.engine.compile.again import ROOT, Runner, draws_again, source_of, template
from tests.engine.compile.sound import projects
from tests.engine.runtime.small import node, project

GOLDEN = ROOT / "tests" / "golden"


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    started = Runner()
    yield started
    assert started.process.stdin
    started.process.stdin.close()
    started.process.wait(30)
    started.process.stdout.close()


@pytest.mark.parametrize("name", template_names())
def test_a_templates_text_draws_the_template_again(name, runner):
    draws_again(runner, template(name))


@given(projects())
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None)
def test_the_text_of_any_sound_project_draws_it_again(runner, given):
    draws_again(runner, given)


@pytest.mark.parametrize("name", ["posts", "penguins", "siamese"])
def test_the_text_of_a_template_is_as_expected(name):
    path = GOLDEN / f"{name}_functional.py"
    source = source_of(template(name), name)
    if os.environ.get("UPDATE_EXPECT") == "1":
        path.write_text(source)
    assert source == path.read_text()


def rich() -> Project:
    """Everything at once: sharing, several outputs of a layer, bypasses, idle nodes, clashes."""
    return project(
        node("words", "Input", shape=[None], dtype="int32"),
        node("model", "Input", shape=[None], dtype="int32"),
        node("vectors", "Embedding", "words", input_dim=20, output_dim=6, mask_zero=True),
        node("asked_vectors", "Embedding", "model", shares="vectors"),
        node("drop", "Dropout", "vectors", off=True, rate=0.3, seed=5),
        node("probe", "Dense", "drop", units=2),
        node("look", "MultiHeadAttention", {"query": "drop", "value": "asked_vectors"},
             num_heads=2, key_dim=4,
             kernel_initializer={"kind": "he_normal", "params": {"seed": 2}}),
        node("mean", "GlobalAveragePooling1D", "look"),
        node("read", "GRU", "asked_vectors", units=5, return_state=True),
        node("lstm", "LSTM", "drop", units=5, return_state=True),
        node("train", "Concatenate",
             {"xs": ["mean", "read.state_h", "lstm.output", "lstm.state_c"]}),
        node("label_head", "Dense", "train", units=3, activation="softmax"),
        node("years", "Dense", "label_head", units=1),
        node("label", "Output", "label_head", loss="categorical_crossentropy", metrics=["acc"],
             labels=["a", "b", 'c"""\\'], class_weight={"a": 2.0}),
        node("age", "Output", "years", loss={"kind": "huber", "params": {"delta": 2.0}},
             loss_weight=0.5, unit="years"),
        node("said", "Output", "lstm"),
        node("old", "Output", "years", off=True, loss="mse"),
        data={"inputs": {"words": {"column": "post"}},
              "targets": {"age": {"column": "age", "scale": "standardize"}}},
    )  # fmt: skip


def test_everything_at_once_draws_itself_again(runner):
    told = draws_again(runner, rich())
    assert told["class_weight"] == {"label": {"a": 2.0}}


def test_what_is_not_in_use_stands_in_comments():
    lines = source_of(rich()).splitlines()
    assert 'drop = vectors  # bypassed: layers.Dropout(0.3, seed=5, name="drop")' in lines
    assert '# not used by an output: layers.Dense(2, name="probe")' in lines
    assert "# bypassed: the output old" in lines


def test_a_shared_layer_is_made_once_and_called_twice():
    source = source_of(rich())
    assert source.count("layers.Embedding(") == 1
    assert "vectors = vectors_layer(words)" in source
    assert 'asked_vectors = vectors_layer(model_2, name="asked_vectors")' in source


def test_outputs_that_nothing_reads_get_no_name():
    source = source_of(rich())
    assert "_, read_state_h = layers.GRU(" in source
    assert "lstm, _, lstm_state_c = layers.LSTM(5, return_state=True)(drop)" in source


def test_names_that_layers_have_by_themselves_are_left_out():
    given = project(
        node("x", "Input", shape=[3]),
        node("dense", "Dense", "x", units=2),
        node("dense_1", "Dense", "dense", units=2),
        node("dense_2_head", "Dense", "dense_1", units=1),
        node("dense_2", "Output", "dense_2_head", loss="mse"),
    )
    source = source_of(given)
    assert [line for line in source.splitlines() if "layers." in line] == [
        "dense = layers.Dense(2)(x)",
        "dense_1 = layers.Dense(2)(dense)",
        "dense_2 = layers.Dense(1)(dense_1)",
    ]
    assert 'model.compile(optimizer="rmsprop", loss="mse", device="cpu")' in source


def test_masks_balances_weights_and_splits_are_written_or_told(runner):
    given = project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=4),
        node("e", "Dense", "d", units=1),
        node("f", "Dense", "d", units=1, activation="sigmoid"),
        node("mass", "Output", "e", loss="mse"),
        node("sex", "Output", "f", loss="binary_crossentropy", missing="mask",
             class_weight="balanced"),
        data={
            "weights": {"column": "survey"},
            "split": {"kind": "group", "params": {"column": "island"}},
        },
        balance={"kind": "gradnorm", "params": {"alpha": 0.5}},
    )  # fmt: skip
    source = source_of(given)
    assert 'missing={"sex": "mask"}' in source
    assert 'balance={"kind": "gradnorm", "params": {"alpha": 0.5}}' in source
    assert 'class_weight={"sex": "balanced"}' in source
    assert "sample_weight: column survey." in source
    assert "Split: group by column island; pass the held-out rows as validation_data." in source
    drawn, _, _, told = runner.run(source)
    assert drawn.graph["sex"].params["missing"] == "mask"
    assert drawn.recipe["balance"] == given.recipe["balance"]
    assert told["class_weight"] == {"sex": "balanced"}


def test_calls_of_a_shared_layer_that_are_numbered_need_no_names(runner):
    given = project(
        node("x", "Input", shape=[3]),
        node("step", "Dense", "x", units=3),
        node("step_1", "Dense", "step", shares="step"),
        node("step_2", "Dense", "step_1", shares="step"),
        node("y", "Output", "step_2", loss="mse"),
    )
    assert "step_1 = step_layer(step)\nstep_2 = step_layer(step_1)\n" in source_of(given)
    draws_again(runner, given)


def test_a_shared_layer_s_variable_is_never_that_of_an_output(runner):
    given = project(
        node("x", "Input", shape=[3]),
        node("a", "Dense", "x", units=3),
        node("b", "Dense", "a", shares="a"),
        node("a_layer_head", "Dense", "b", units=1),
        node("a_layer", "Output", "a_layer_head", loss="mse"),
    )
    assert "a_layer_2 = layers.Dense(3, " in source_of(given)
    draws_again(runner, given)


def test_texts_are_clean_and_documented(tmp_path):
    for name in template_names():
        (tmp_path / f"{name.replace('-', '_')}.py").write_text(source_of(template(name), name))
    (tmp_path / "rich.py").write_text(source_of(rich(), "rich"))
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--line-length=100",
         "--select=E,F,W,I", "--config", 'lint.isort.known-first-party=["engine"]', str(tmp_path)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    for path in tmp_path.iterdir():
        assert ast.get_docstring(ast.parse(path.read_text())), path.stem
        assert path.read_text().endswith(")\n")


def test_writing_twice_gives_the_same_text():
    assert source_of(rich()) == source_of(rich())


@given(st.text(max_size=60), st.text(max_size=30))
def test_no_text_of_a_file_is_code(text, name):
    """Labels, units, columns and the name of a file stay texts, whatever they hold."""
    given = project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=2, activation="softmax"),
        node("y", "Output", "d", loss="categorical_crossentropy", labels=[text, text + "2"],
             unit=text, class_weight={text: 1.5}),
        data={"inputs": {"x": {"column": text + "c"}}},
    )  # fmt: skip
    report = check(given)
    if report.errors:
        return
    kinds = [type(part) for part in ast.parse(python_source(report, name)).body]
    drawn = [ast.Assign] * 3
    assert kinds == [ast.Expr, ast.ImportFrom, *drawn, ast.Expr, ast.FunctionDef]


def test_a_graph_that_is_not_sound_is_refused():
    given = project(node("x", "Input", shape=[3]), node("y", "Output", "nowhere", loss="mse"))
    with pytest.raises(DiagnosticError):
        python_source(check(given))
