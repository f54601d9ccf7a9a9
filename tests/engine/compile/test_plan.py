"""A plan: the work that Outputs need, in order, with names that written source can use."""

from __future__ import annotations

import keyword

from hypothesis import given
from hypothesis import strategies as st

from engine.check.report import check
from engine.compile.plan import RESERVED, build_plan
from engine.graph.node_names import is_valid_name
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template, template_names
from tests.engine.runtime.small import node, project


def planned(given):
    report = check(given)
    assert not report.errors
    return build_plan(given.graph, report)


def chain(name="d", **params):
    return project(
        node("x", "Input", shape=[3]),
        node(name, "Dense", "x", units=2, **params),
        node("y", "Output", name, loss="mse"),
    )


def test_every_template_is_planned_with_each_step_after_what_it_reads():
    for name in template_names():
        made = planned(parse(read_template(name)).project)
        known = {given.variable for given in made.inputs}
        for step in made.steps:
            assert {var for var in (*step.inputs, *step.masks) if var} <= known
            known |= {*step.outputs.values(), *([step.mask] if step.mask else [])}
            known |= {step.pre_activation} if step.pre_activation else set()
        assert {head.variable for head in made.heads} <= known


def test_nodes_that_no_output_needs_are_left_out():
    given = project(
        node("x", "Input", shape=[3]),
        node("z", "Input", shape=[3]),
        node("d", "Dense", "x", units=2),
        node("aside", "Dense", "z", units=2),
        node("y", "Output", "d", loss="mse"),
    )
    made = planned(given)
    assert [one.name for one in made.inputs] == ["x"]
    assert [step.node for step in made.steps] == ["d"]


def test_sharing_nodes_have_one_owner_and_weights_are_listed_once():
    given = project(
        node("x", "Input", shape=[3]),
        node("one", "Dense", "x", units=3),
        node("two", "Dense", "one", shares="one"),
        node("y", "Output", "two", loss="mse"),
    )
    made = planned(given)
    assert [(step.node, step.owner, step.owns_module) for step in made.steps] == [
        ("one", "one", True), ("two", "one", False)
    ]  # fmt: skip
    ((name, attribute, weights),) = made.weights()
    assert (name, attribute, [w.name for w in weights]) == ("one", "one", ["kernel", "bias"])


def test_a_folded_activation_is_left_out_where_nobody_else_reads_it():
    made = planned(
        project(
            node("x", "Input", shape=[3]),
            node("p", "Dense", "x", units=4, activation="softmax"),
            node("y", "Output", "p", loss="categorical_crossentropy"),
        )
    )
    (step,) = made.steps
    assert (step.activation, step.pre_activation, step.output) == ("linear", "p", "p")
    (head,) = made.heads
    assert (head.head.fold, head.variable) == (True, "p")


def test_a_folded_activation_is_kept_beside_its_logits_where_somebody_reads_it():
    made = planned(
        project(
            node("x", "Input", shape=[3]),
            node("p", "Dense", "x", units=4, activation="softmax"),
            node("p_logits", "Dense", "p", units=1),
            node("y", "Output", "p", loss="categorical_crossentropy"),
            node("z", "Output", "p_logits", loss="mse"),
        )
    )
    first = made.steps[0]
    assert (first.activation, first.pre_activation, first.output) == ("softmax", "p_logits_2", "p")
    assert made.heads[0].variable == "p_logits_2"


def test_a_bypassed_node_has_no_step_and_its_reader_reads_what_came_in():
    given = project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=3),
        node("gone", "Dropout", "d", off=True, rate=0.5),
        node("e", "Dense", "gone", units=1),
        node("y", "Output", "e", loss="mse"),
    )
    made = planned(given)
    assert [step.node for step in made.steps] == ["d", "e"]
    assert made.steps[1].inputs == ("d",)


def test_several_outputs_have_a_variable_each():
    given = project(
        node("x", "Input", shape=[None, 2]),
        node("read", "LSTM", "x", units=3, return_state=True),
        node("both", "Concatenate", {"xs": ["read", "read.state_c"]}),
        node("y", "Output", "both", loss="mse"),
    )
    made = planned(given)
    assert made.steps[1].inputs == ("read", "read_state_c")
    assert len(set(made.steps[0].outputs.values())) == 3


@given(st.sampled_from(sorted(RESERVED)))
def test_reserved_names_get_a_number_wherever_they_are_legal(name):
    if is_valid_name(name):
        assert planned(chain(name)).attributes[name] == f"{name}_2"


def test_no_reserved_name_is_a_keyword():
    assert not [name for name in RESERVED if keyword.iskeyword(name)]
