"""Written source: it reads as a person would write it, it is clean, and no text in it is code.

That it computes what the module computes is held by the conformance tests and test_export.
UPDATE_EXPECT=1 writes the expected files anew; read the difference before it is committed.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.check.report import check
from engine.compile.line_wrap import wrap_line
from engine.compile.plan import build_plan
from engine.compile.torch_source import module_name, to_class_name, torch_source
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template, template_names
from tests.engine.runtime.small import node, project
from tests.tiers import noted

GOLDEN = Path(__file__).parents[2] / "golden"


def written(given, name="small", title=""):
    report = check(given)
    assert not report.errors
    return torch_source(build_plan(given.graph, report), name, title)


def template(name):
    return written(parse(read_template(name)).project, name)


def rich():
    """A graph with long calls, sums, several outputs, shared weights and folded heads."""
    return project(
        node("words", "Input", shape=[None], dtype="int32"),
        node("asked", "Input", shape=[None], dtype="int32"),
        node("points", "Input", shape=[3]),
        node("vectors", "Embedding", "words", input_dim=20, output_dim=6, mask_zero=True),
        node("asked_vectors", "Embedding", "asked", shares="vectors"),
        node("both", "Bidirectional", "vectors",
             layer={"kind": "LSTM", "params": {"units": 4, "return_sequences": True}}),
        node("drop", "Dropout", "both", rate=0.3, seed=5),
        node("look", "MultiHeadAttention", {"query": "drop", "value": "drop"},
             num_heads=2, key_dim=4),
        node("mean", "GlobalAveragePooling1D", "look"),
        node("read", "GRU", "asked_vectors", units=5, return_state=True),
        node("norm", "BatchNormalization", "points"),
        node("everything", "Concatenate", {"xs": ["mean", "read", "read.state_h", "norm"]}),
        node("label_head", "Dense", "everything", units=3, activation="softmax"),
        node("more", "Dense", "label_head", units=1),
        node("label", "Output", "label_head", loss="categorical_crossentropy"),
        node("age", "Output", "more", loss="mse"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "file"),
    [("posts", "posts.py"), ("question-answering", "question_answering.txt")],
)
def test_the_source_of_a_template_is_as_expected(name, file):
    """For the second one without the modules of the engine that are pasted before it."""
    path, source = GOLDEN / file, template(name)
    if path.suffix == ".txt":
        source = source[source.index(f"class {to_class_name(name)}") :]
    if os.environ.get("UPDATE_EXPECT") == "1":
        path.write_text(source)
    assert source == path.read_text()


def test_sources_are_clean_and_documented(tmp_path):
    for name in template_names():
        (tmp_path / f"{module_name(name)}.py").write_text(template(name))
    (tmp_path / "rich.py").write_text(written(rich(), "rich"))
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--line-length=100",
         "--select=E,F,W,I", str(tmp_path)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    for path in tmp_path.iterdir():
        with noted(path.stem):
            check_text(path.read_text(), path.stem)


def check_text(source, name):
    assert max(map(len, source.splitlines())) <= 100
    assert "\n\n\n\n" not in source
    assert source.endswith(")\n") or source.endswith("}\n")
    tree = ast.parse(source)
    assert ast.get_docstring(tree)
    network = tree.body[-1]
    assert isinstance(network, ast.ClassDef)
    assert network.name == to_class_name(name)
    assert ast.get_docstring(network)
    assert not {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)} & {"engine"}


def test_writing_twice_gives_the_same_text():
    assert written(rich()) == written(rich())


def test_only_the_modules_that_are_used_are_pasted():
    for name, classes in (
        ("posts", ["Posts"]),
        ("question-answering", ["Noise", "Recurrence", "LSTM", "QuestionAnswering"]),
    ):
        body = ast.parse(template(name)).body
        assert [part.name for part in body if isinstance(part, ast.ClassDef)] == classes
    assert "import" not in template("posts").replace("import torch\nfrom torch import nn\n", "")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("question-answering", "QuestionAnswering"), ("posts", "Posts"), ("my net 2", "MyNet2"),
     ("3d", "Network3d"), ("", "Network"), ("Größe", "GrE"), ("none", "None_")],
)  # fmt: skip
def test_class_names_are_names(name, expected):
    made = to_class_name(name)
    assert made.isidentifier()
    compile(f"class {made}: pass", "", "exec")
    if expected != "None_":
        assert made == expected


@pytest.mark.parametrize("name", ["LSTM", "tensor", "value-error", "None"])
def test_a_class_is_never_called_like_what_its_file_uses(name):
    assert to_class_name(name).startswith("Network")


@given(st.text(max_size=20))
def test_any_name_gives_a_class_and_a_file_that_can_be_imported(name):
    compile(f"class {to_class_name(name)}: pass", "", "exec")
    compile(f"import {module_name(name)}", "", "exec")


def test_a_file_is_never_called_like_what_it_imports():
    assert module_name("torch") == "network_torch"
    assert module_name("question-answering") == "question_answering"


@given(st.text(max_size=200))
def test_a_title_is_text_whatever_it_holds(title):
    """Labels of a table stand in the docstring; they can't end it."""
    given = project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=1),
        node("y", "Output", "d", loss="mse"),
    )
    source = written(given, title=f"Small.\n\nlabel: {title}")
    kinds = [type(statement) for statement in ast.parse(source).body]
    assert kinds == [ast.Expr, ast.Import, ast.ImportFrom, ast.ClassDef]
    assert max(map(len, source.splitlines())) <= 100 or "\\" in source or '"' in source


# Breaking lines


WORDS = st.sampled_from(["x", "torch.relu(x)", "f(a, b)", '"a, (b"', "(a, b)", "[1, 2]", "x[1, :]"])
EXPRESSIONS = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.lists(inner, min_size=1, max_size=4).map(lambda parts: f"call({', '.join(parts)})"),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"g[{', '.join(parts)}].h(1)"),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: " + ".join(parts)),
    ),
    max_leaves=12,
)


@given(EXPRESSIONS, st.integers(10, 60))
def test_a_broken_statement_means_what_it_meant(expression, width):
    line = f"    name = {expression}"
    lines = wrap_line(line, width)
    assert ast.dump(ast.parse("\n".join(lines).lstrip())) == ast.dump(ast.parse(line.strip()))
    assert len(line) > width or lines == [line]
