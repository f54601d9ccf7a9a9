"""Arguments that do not fit a call are findings, whoever is called; Keras' words are explained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import engine
from engine import (
    DiagnosticError,
    Input,
    Model,
    Sequential,
    initializers,
    layers,
    losses,
    metrics,
    optimizers,
    schedules,
)
from engine.core.symbolic.argument_binding import require_integer, signature_errors, to_plain_json
from tests.tiers import noted

START = Input((4,), name="start")


def points():
    return Input((4,), name="points")


def model():
    x = points()
    return Model(x, layers.Dense(1, name="price")(x))


def refused(act):
    """Return the first finding that an act is refused with; its text names this file."""
    with pytest.raises(DiagnosticError) as caught:
        act()
    assert str(caught.value).startswith(f"{__file__}:")
    return caught.value.diagnostics[0]


UNFIT_CALLS = [
    (lambda: model().fit(), "param-missing", "x=..."),
    (lambda: model().fit([1], callbacks=[]), "param-unknown", "patience"),
    (lambda: model().fit([1], batchsize=3), "param-unknown", 'Call it "batch_size"'),
    (lambda: model().fit([1], [1], steps_per_epoch=3), "param-unknown", "every row once"),
    (lambda: model().fit([1], x=[1]), "param-invalid", "Remove one of them"),
    (lambda: model().fit(*[1] * 9), "param-unknown", "Pass the arguments by name"),
    (lambda: model().evaluate([1], [1], steps=3), "param-unknown", "all rows"),
    (lambda: model().predict([1], batch_size=0), "param-invalid", "at least 1"),
    (lambda: model().compile("sgd", "mse", run_eagerly=True), "param-unknown", "Remove it"),
    (lambda: model().compile("sgd", "mse", weighted_metrics=[]), "param-unknown", "metrics"),
    (lambda: model().compile("sgd", "mse", presicion="x"), "param-unknown", "precision"),
    (lambda: model().summary(line_length=80), "param-unknown", "Remove it"),
    (lambda: model().get_layer(0), "source-missing", "index=0"),
    (lambda: Model(points()), "param-missing", "outputs=..."),
    (lambda: Model(input=points(), output=1), "param-unknown", "Use inputs"),
    (lambda: Sequential(points(), layers.Dense(3)), "param-invalid", "Pass a list"),
    (lambda: Sequential([points(), layers.Dense]), "kind-unknown", "layers.Dense(...)"),
    (lambda: Sequential([points(), Input]), "kind-unknown", "Make the layer first"),
    (lambda: Sequential([layers.Dense(3)]).build(4), "param-invalid", "(None, 64)"),
    (lambda: Input((4,), sparse=True), "param-unknown", "dense array"),
    (lambda: Input(batch_shape=(None, 4)), "param-unknown", "without the batch"),
    (lambda: Input((-1,)), "param-invalid", "(64,)"),
    (lambda: Input("posts"), "param-invalid", "as a keyword"),
    (lambda: layers.Dense(3, trainable=False), "param-unknown", "all weights"),
    (lambda: layers.Dense(3, kernel_constraint="max_norm"), "param-unknown", "regularizer"),
    (lambda: layers.Embedding(9, 2, input_length=5), "param-unknown", "Input's shape"),
    (lambda: layers.add(points(), points()), "port-takes-many", "into a list"),
    (lambda: layers.Dense(3)(points(), training=True), "no-such-port", "training mode"),
    (lambda: layers.Dense(3)(points(), x=points()), "param-invalid", "Remove one of them"),
    (lambda: layers.Dense(3, name=5), "param-invalid", "in quotes"),
    (lambda: Input((3,), name=5), "param-invalid", "in quotes"),
    (lambda: Model(START, layers.Dense(3)(START), name=5), "param-invalid", "in quotes"),
    (lambda: layers.Bidirectional(layers.LSTM), "param-invalid", "LSTM(...)"),
    (lambda: model().set_weights(None), "checkpoint-unfit", "same layers"),
    (lambda: model().save(None), "param-invalid", "Name a file"),
    (lambda: engine.load(None), "param-invalid", "Name a file"),
    (lambda: model().compile("sgd", "mse", standardize=True), "port-unknown", "Remove"),
    (lambda: optimizers.RMSprop(lr=0.1), "param-unknown", "learning_rate"),
    (lambda: optimizers.SGD(schedules.CosineDecay()), "param-invalid", "schedule=CosineDecay"),
    (lambda: metrics.AUC(name="auc"), "param-unknown", "its own name"),
    (lambda: layers.Dense(), "param-missing", "units"),
    (lambda: layers.Dense(0), "param-invalid", "integer"),
    (lambda: layers.Dense(3, units=4), "param-invalid", "Remove one of them"),
    (lambda: layers.Dense(3, activation=abs), "param-invalid", "as a string"),
    (lambda: layers.Dense(*[1] * 20), "param-unknown", "by name"),
    (lambda: Input(), "param-missing", "shape"),
    (lambda: Input((4,), 32), "param-invalid", ""),
    (lambda: Input((4,), dtype="complex64"), "param-invalid", ""),
    (lambda: layers.Dense(3)(np.ones((2, 4))), "source-missing", ""),
    (lambda: layers.Dense(3)(points(), points()), "port-takes-one", ""),
    (lambda: layers.Dense(3)(), "port-loose", ""),
    (lambda: layers.Conv1D(3, 5)(points()), "wrong-rank", ""),
    (lambda: layers.Embedding(10, 3)(points()), "wrong-dtype", ""),
    (lambda: layers.add([points()]), "too-few-inputs", ""),
]


def test_what_does_not_fit_a_call_is_told_with_what_to_write():
    for act, code, fix in UNFIT_CALLS:
        with noted(act, code, fix):
            found = refused(act)
            assert found.code == code
            assert fix in " ".join(each.text for each in found.fixes)


UNKNOWN_NAMES = [
    (lambda: engine.Modle, "Use Model."),
    (lambda: engine.callbacks.EarlyStopping(patience=3), "Use patience"),
    (lambda: engine.utils.to_categorical([1]), "sparse_categorical_crossentropy"),
    (lambda: engine.models.clone_model, "function that builds"),
    (lambda: layers.Densee, "Use Dense."),
    (lambda: layers.ReLU(), "Use an Activation layer with the activation relu."),
    (lambda: layers.Lambda(abs), "Use a layer"),
    (lambda: layers.TimeDistributed, "last axis"),
    (lambda: optimizers.Adm, "Use Adam."),
    (lambda: optimizers.get("adam"), "as a string"),
    (lambda: layers.Dense(3).get_weights(), 'model.get_layer("name").get_weights'),
    (lambda: setattr(layers.Dense(3), "trainable", False), "all weights"),
    (lambda: setattr(layers.Dense(3), "units", 4), "Create a new object"),
    (lambda: model().weights, "get_weights()"),
    (lambda: model().optimizer, "model.project.recipe"),
    (lambda: model().sumary, "Use summary."),
    (lambda: setattr(model(), "trainable", False), "all weights"),
    (lambda: setattr(model().get_layer("price"), "trainable", False), "all weights"),
    (lambda: model().get_layer("price").kernel, "get_weights()"),
]


def test_a_name_that_is_not_there_is_told_with_what_to_write():
    for act, fix in UNKNOWN_NAMES:
        with noted(act, fix):
            found = refused(act)
            assert found.code == "no-such-name"
            assert fix in found.fixes[0].text


def test_names_that_are_not_there_are_absent_for_python_too():
    for owner in (engine, layers, optimizers, layers.Dense(3), model()):
        assert not hasattr(owner, "Nothing_of_that_name")
    assert not hasattr(model(), "weights")
    with pytest.raises(ImportError):
        from engine import Modle  # noqa: F401


def test_modules_and_words_of_keras_that_mean_the_same_work():
    assert engine.models.Sequential is Sequential
    assert engine.models.load_model is engine.load
    assert layers.Dense(3, name="hidden").name == "hidden"
    assert layers.GlobalMaxPooling1D().name == "global_max_pooling1d"
    assert layers.Dense(3)(inputs=points()).shape == (None, 3)
    assert Input((4,), dtype=np.int32).dtype == "int32"
    assert Sequential([layers.Dense(3, input_dim=4)]).count_params() == 15
    assert layers.Embedding(input_dim=4, output_dim=3).input_dim == 4
    first = points()
    assert Model(first, layers.Dense(3)(first), name=None).name == "model"
    assert Sequential(name=None).name == "sequential"
    model().compile("sgd", "mse", standardize=None)
    assert Input(np.ones((5, 4)).shape[1:]).shape == (None, 4)


def test_things_of_a_family_need_not_be_called():
    made = model()
    made.compile(optimizers.Adam, losses.mean_squared_error, metrics=[metrics.MeanAbsoluteError])
    assert made.graph["price"].params == {
        "loss": "mean_squared_error",
        "metrics": ["MeanAbsoluteError"],
    }
    assert layers.Dense(3, kernel_initializer=initializers.HeNormal) == layers.Dense(
        3, kernel_initializer="he_normal"
    )


def test_whole_numbers_are_python_s_or_numpy_s():
    assert (
        require_integer(3, "n"),
        require_integer(np.int32(3), "n"),
        require_integer(0, "n", 0),
    ) == (3, 3, 0)
    for wrong in (0, -1, 2.0, "3", True, None, np.float64(2)):
        with pytest.raises(DiagnosticError):
            require_integer(wrong, "n")


def test_what_fits_a_call_has_no_misfits():
    def called(first, second=1, *, third=2):
        return first, second, third

    assert signature_errors(called, (1,), {"third": 3}) == []
    assert [each.param for each in signature_errors(called, (), {"fourth": 3})] == [
        "fourth",
        "first",
    ]


def test_a_defect_inside_a_call_stays_a_defect():
    def defect():
        raise TypeError("not the caller's fault")

    from engine.core.symbolic.call_site import with_call_site

    with pytest.raises(TypeError, match="not the caller's fault"):
        with_call_site(defect)()


def test_a_folder_beside_the_package_is_a_caller_s():
    """Its name may well begin like the package's."""
    file = f"{Path(engine.__file__).parent}_notes/mine.py"
    with pytest.raises(DiagnosticError) as caught:
        exec(compile("layers.Dense()", file, "exec"), {"layers": layers})
    assert str(caught.value).startswith(f"{file}:1")


def test_functions_are_no_values():
    with pytest.raises(DiagnosticError):
        to_plain_json(abs)
