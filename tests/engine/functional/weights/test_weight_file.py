"""What is kept of a model: its graph in a file, its weights beside it, its drawing."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from engine import DiagnosticError, DiagnosticWarning, Input, Model, layers, load
from engine.data.writers.npz import npz_bytes
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template
from engine.runs.request import TrainRequest
from engine.runtime.checkpoints.state_dicts import network_weights
from engine.runtime.checkpoints.weight_file import write_weights
from engine.runtime.run.runner import train

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 4))
Y = X[:, 0] - X[:, 1]


def model_of() -> Model:
    points = Input((4,), name="points")
    x = layers.BatchNormalization(name="norm")(points)
    model = Model(points, layers.Dense(1, name="price")(layers.Dropout(0.1)(x)))
    model.compile("rmsprop", "mse", metrics=["mae"])
    return model


def codes(act):
    """Return the codes that an act is refused with."""
    with pytest.raises(DiagnosticError) as caught:
        act()
    return [found.code for found in caught.value.diagnostics]


def test_a_file_gives_graph_and_training_back_and_weights_come_apart(tmp_path):
    model = model_of()
    model.fit(X, Y, epochs=3, batch_size=8, verbose=0)
    model.save(tmp_path / "price.loom.json")
    model.save_weights(tmp_path / "price.safetensors")
    opened = load(tmp_path / "price.loom.json")
    assert (opened.graph, opened.project) == (model.graph, model.project)
    assert opened.name == "price"
    opened.load_weights(tmp_path / "price.safetensors")
    np.testing.assert_array_equal(opened.predict(X), model.predict(X))
    assert len(opened.fit(X, Y, verbose=0)["loss"]) == 3


def test_a_file_trains_in_the_terminal_as_it_does_in_python(tmp_path):
    model = model_of()
    model.fit(X, Y, epochs=3, batch_size=8, verbose=0)
    model.save(tmp_path / "price.loom.json")
    (tmp_path / "rows.npz").write_bytes(npz_bytes({"points": X, "price": Y}))
    order = TrainRequest(
        graph=tmp_path / "price.loom.json", data=tmp_path / "rows.npz", run=tmp_path / "run"
    )
    list(train(order))
    own = model.named_weights()
    other = load(tmp_path / "price.loom.json")
    other.load_weights(tmp_path / "run" / "model.safetensors")
    assert own.keys() == other.named_weights().keys()
    for name, array in other.named_weights().items():
        np.testing.assert_array_equal(own[name], array)


@pytest.mark.parametrize("template", ["sequential", "question-answering", "posts", "siamese"])
def test_a_drawn_graph_can_be_opened_and_trained(template, tmp_path):
    path = tmp_path / f"{template}.loom.json"
    path.write_bytes(read_template(template))
    model = load(path)
    assert model.graph == parse(path.read_bytes()).project.graph
    model.save(tmp_path / "again.loom.json")
    assert load(tmp_path / "again.loom.json").project == model.project
    assert model.count_params() == sum(layer.count_params() for layer in model.layers)
    assert model.compile("adam", _losses(model)) is None


def _losses(model: Model) -> dict:
    return {name: model.graph[name].params["loss"] for name in model.output_names}


def test_compiling_a_drawn_graph_again_keeps_units_and_labels(tmp_path):
    path = tmp_path / "posts.loom.json"
    path.write_bytes(read_template("posts"))
    model = load(path)
    assert model.project.data["targets"]["age"]["scale"] == "standardize"
    model.compile("sgd", {"age": "mae"})
    assert model.graph["age"].params == {"unit": "years", "loss": "mae"}
    assert "scale" not in model.project.data["targets"]["age"]


def test_a_file_that_is_not_sound_is_refused_by_code(tmp_path):
    path = tmp_path / "wrong.loom.json"
    text = read_template("sequential").replace(b'"x": "hidden_2"', b'"x": "hiden_2"')
    path.write_bytes(text)
    assert sorted(codes(lambda: load(path))) == ["source-missing"]
    assert codes(lambda: load(tmp_path / "none.loom.json")) == ["file-missing"]


def test_weights_of_another_network_are_refused_whole(tmp_path):
    model = model_of()
    before = model.get_weights()
    other = Input((4,), name="other")
    Model(other, layers.Dense(2, name="kind")(other)).save_weights(tmp_path / "w.safetensors")
    assert codes(lambda: model.load_weights(tmp_path / "w.safetensors")) == ["checkpoint-unfit"]
    (tmp_path / "w.safetensors").write_bytes(b"nothing")
    assert codes(lambda: model.load_weights(tmp_path / "w.safetensors")) == ["checkpoint-lost"]
    assert codes(lambda: model.set_weights(before[:-1])) == ["checkpoint-unfit"]
    assert codes(lambda: model.set_weights([*before[:-1], np.ones(7)])) == ["checkpoint-unfit"]
    assert codes(lambda: model.set_weights({"price/kernl": before[4]})) == ["checkpoint-unfit"]
    assert all(map(np.array_equal, before, model.get_weights()))


def test_weights_are_taken_by_name_and_by_layer():
    model = model_of()
    kernel = np.arange(4.0).reshape(4, 1)
    model.set_weights({"price/kernel": kernel})
    np.testing.assert_array_equal(model.named_weights()["price/kernel"], kernel)
    model.get_layer("price").set_weights([2 * kernel, np.ones(1)])
    own, bias = model.get_layer("price").get_weights()
    np.testing.assert_array_equal(own, 2 * kernel)
    assert bias == 1


def test_a_layer_is_found_by_name_or_place_and_used_again():
    model = model_of()
    price = model.get_layer("price")
    assert (price.units, price.input.name, price.output.shape) == (1, "dropout", (None, 1))
    assert model.get_layer(index=-1).name == "price"
    assert [layer.name for layer in model.layers] == ["points", "norm", "dropout", "price"]
    points = Input((4,), name="others")
    assert Model(points, price(points)).get_weights()[0] is not None
    assert codes(lambda: model.get_layer("pric")) == ["source-missing"]
    assert codes(lambda: model.get_layer(index=9)) == ["source-missing"]


def test_the_drawing_is_svg_and_is_written_where_asked(tmp_path):
    model = model_of()
    picture = model.plot(tmp_path / "model.svg")
    assert picture.startswith("<svg")
    assert "price" in picture
    assert (tmp_path / "model.svg").read_text(encoding="utf-8") == picture


@pytest.mark.parametrize(
    ("keep", "name"),
    [
        (lambda model, path: model.save(path), "m.keras"),
        (lambda model, path: model.save(path), "m.h5"),
        (lambda model, path: model.save(path), "m"),
        (lambda model, path: model.save_weights(path), "m.weights.h5"),
        (lambda model, path: model.plot(path), "m.png"),
    ],
)
def test_a_name_that_says_another_format_is_refused(keep, name, tmp_path):
    model = model_of()
    assert codes(lambda: keep(model, tmp_path / name)) == ["param-invalid"]
    assert list(tmp_path.iterdir()) == []


def test_a_model_from_a_file_says_that_its_weights_are_apart(tmp_path):
    path = tmp_path / "price.loom.json"
    model_of().save(path)
    opened = load(path)
    with pytest.warns(DiagnosticWarning, match="weights-apart"):
        opened.predict(X)
    opened.predict(X)  # told once
    for wake in (
        lambda model: model.fit(X, Y, verbose=0),
        lambda model: model.set_weights(model.get_weights()),
        lambda model: model.get_layer("price").set_weights([np.ones((4, 1)), np.ones(1)]),
    ):
        other = load(path)
        wake(other)
        other.predict(X)


def scaled() -> Model:
    points = Input((4,), name="points")
    model = Model(points, layers.Dense(1, name="price")(points))
    model.compile("adam", "mse", standardize="price")
    return model


def test_units_of_a_standardised_target_travel_with_the_weights(tmp_path):
    """Without them, another model would answer deviations from the mean for prices."""
    model, prices = scaled(), 1000 * Y + 50_000
    model.fit(X, prices, epochs=3, verbose=0)
    model.save_weights(tmp_path / "w.safetensors")
    other = scaled()
    other.load_weights(tmp_path / "w.safetensors")
    np.testing.assert_array_equal(other.predict(X), model.predict(X))
    shifted = other.evaluate(X, prices + 1000, verbose=0)
    assert shifted == model.evaluate(X, prices + 1000, verbose=0)
    assert shifted.loss > model.evaluate(X, prices, verbose=0).loss


@pytest.mark.parametrize("part", ["", "model.safetensors"])
def test_units_come_from_a_run_folder_too(part, tmp_path):
    model, prices = scaled(), 1000 * Y + 50_000
    model.fit(X, prices, epochs=3, batch_size=8, verbose=0)
    model.save(tmp_path / "price.loom.json")
    (tmp_path / "rows.npz").write_bytes(npz_bytes({"points": X, "price": prices}))
    order = TrainRequest(
        graph=tmp_path / "price.loom.json", data=tmp_path / "rows.npz", run=tmp_path / "run"
    )
    list(train(order))
    other = load(tmp_path / "price.loom.json")
    other.load_weights(tmp_path / "run" / part)
    np.testing.assert_allclose(other.predict(X), model.predict(X), rtol=1e-6)
    whole = load(tmp_path / "run")
    assert whole.name == "run"
    np.testing.assert_array_equal(whole.predict(X), other.predict(X))


def test_encoders_that_are_none_are_refused(tmp_path):
    path = tmp_path / "w.safetensors"
    model = scaled()
    write_weights(
        path,
        network_weights(model._state.require_torch_model().network),
        {"fitted": '{"inputs": 3}'},
    )
    before = model.get_weights()
    assert codes(lambda: model.load_weights(path)) == ["param-invalid"]
    write_weights(
        path, network_weights(model._state.require_torch_model().network), {"fitted": "{"}
    )
    assert codes(lambda: model.load_weights(path)) == ["checkpoint-lost"]
    assert all(map(np.array_equal, before, model.get_weights()))


def test_models_are_neither_copied_nor_pickled():
    for act in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(DiagnosticError, match="save_weights"):
            act(model_of())


def test_a_notebook_shows_the_drawing():
    model = model_of()
    assert model._repr_svg_() == model.plot()
    assert repr(model) == "<Model model>"


def test_a_summary_can_go_elsewhere():
    told: list[str] = []
    model_of().summary(print_fn=told.append)
    assert "Non-trainable params: 8" in told[0]
