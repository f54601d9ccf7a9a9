"""Input and Output: what a file may say of them, and what flows through."""

import pytest

from engine.core.diagnostic import Diagnostic
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.io import Input, Output
from engine.objectives.loss import LOSSES


def test_a_free_axis_remembers_its_input():
    spec = Input(shape=(None, 3)).output_spec("posts")
    assert spec == TensorSpec((DynamicLength("posts", 0), 3))
    assert str(spec) == "(batch, posts, 3)"


def test_ids_are_whole_numbers():
    assert Input(shape=(None,), dtype="int32").output_spec("posts").dtype == "int32"


def test_an_input_has_no_ports_and_still_infers():
    assert Input.ports() == ()
    assert Input(shape=(4,)).infer() == TensorSpec((4,))


@pytest.mark.parametrize("params", [{}, {"shape": [0]}, {"shape": [-1]}, {"shape": 4},
                                    {"shape": [4], "dtype": "float64"}])  # fmt: skip
def test_an_input_of_no_shape_is_refused(params):
    assert isinstance(Input.try_from_params(params), list)


def test_an_output_passes_on_what_comes_in():
    spec = TensorSpec((DynamicLength("posts"), 3), mask=True)
    assert Output().infer(spec) == spec
    assert Output().produces_mask(spec)
    assert Output().call(None, "x") == "x"
    assert not Output().weights(spec)


def test_an_output_survives_a_file():
    params = {
        "loss": {"kind": "huber", "params": {"delta": 2.0}},
        "loss_weight": 0.25,
        "metrics": ["mae", {"kind": "top_k_categorical_accuracy", "params": {"k": 3}}],
        "class_weight": {"yes": 2.0},
        "labels": ["no", "yes"],
        "unit": "years",
    }
    assert Output.from_params(params).params() == params
    assert Output.from_params({}).params() == {}


def test_other_spellings_are_one_loss():
    long, short = (
        Output.from_params({"loss": "mean_squared_error"}),
        Output.from_params({"loss": "mse"}),
    )
    assert long == short
    assert LOSSES.to_plain_json(long.loss) == "mse"


def test_python_may_write_class_weights_as_keras_does():
    assert Output(class_weight={0: 1.0, 1: 5.0}).class_weight == {"0": 1.0, "1": 5.0}


@pytest.mark.parametrize(
    "params",
    [
        {"loss_weight": -1}, {"loss": "msee"}, {"loss": {"kind": "mse", "params": {"delta": 1}}},
        {"metrics": "acc"}, {"metrics": ["accu"]}, {"class_weight": {"0": -1}}, {"labels": [1]},
        {"missing": "skip"},
    ],
)  # fmt: skip
def test_a_person_s_mistake_is_a_diagnostic(params):
    (found,) = Output.try_from_params(params)
    assert isinstance(found, Diagnostic)
    assert found.param == next(iter(params))
    assert found.fixes


@pytest.mark.parametrize(
    ("params", "mended"),
    [
        ({"loss": "msee"}, {"loss": "mse"}),
        ({"metrics": ["mae", "accu"]}, {"metrics": ["mae", "accuracy"]}),
    ],
)
def test_a_slip_of_the_pen_is_one_click(params, mended):
    (found,) = Output.try_from_params(params)
    assert found.fixes[0].edit == {"do": "set_params", "params": mended}
    assert isinstance(Output.try_from_params(mended), Output)
