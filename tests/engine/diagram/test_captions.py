"""Every kind of layer has a line that says what matters, whatever its parameters are like."""

from hypothesis import given
from hypothesis import strategies as st

from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.diagram.captions import _FORMATTERS, caption, shape_label
from engine.layers import catalogue
from tests.strategies import objects, values
from tests.tiers import noted

KINDS = sorted(catalogue.layer_classes())


CAPTIONS = [
    (
        "Conv1D",
        {"filters": 128, "kernel_size": 5, "activation": "relu"},
        "128 filters · kernel 5 · relu",
    ),
    (
        "Conv2D",
        {"filters": 1, "kernel_size": [3, 3], "strides": [2, 2], "padding": "same"},
        "1 filter · 3 × 3 · stride 2 × 2 · same",
    ),
    ("Dense", {"units": 10, "activation": "softmax"}, "10 units · softmax"),
    ("Dense", {"units": 1, "activation": "linear", "use_bias": False}, "1 unit · no bias"),
    (
        "Embedding",
        {"input_dim": 50000, "output_dim": 256, "mask_zero": True},
        "50,000 words · 256 dims · mask zero",
    ),
    ("Input", {"shape": [None], "dtype": "int32"}, "(None) int32"),
    ("Input", {"shape": [28, 28]}, "(28, 28)"),
    ("Input", {"shape": []}, "scalar"),
    ("Output", {"loss": "mse", "loss_weight": 0.25, "metrics": ["mae"]}, "mse × 0.25 · mae"),
    ("Output", {"loss": {"kind": "huber", "params": {"delta": 2}}}, "huber"),
    ("Output", {}, "no loss"),
    ("LSTM", {"units": 32}, "32 units"),
    (
        "LSTM",
        {"units": 32, "return_sequences": True, "dropout": 0.125},
        "32 units · dropout 12.5 % · all steps",
    ),
    (
        "Bidirectional",
        {"layer": {"kind": "GRU", "params": {"units": 8}}, "merge_mode": "sum"},
        "GRU, 8 units · merge sum",
    ),
    ("Dropout", {"rate": 0.5}, "50 %"),
    ("RandomFlip", {}, "horizontal and vertical"),
    ("RandomFlip", {"mode": "horizontal"}, "horizontal"),
    ("RandomRotation", {"factor": 0.1}, "± 36°"),
    ("RandomRotation", {"factor": [-0.25, 0.1]}, "-90° to 36°"),
    (
        "RandomTranslation",
        {"height_factor": 0.1, "width_factor": [0, 0.2]},
        "height ± 10 % · width 0 % to 20 %",
    ),
    ("RandomZoom", {"height_factor": [-0.3, -0.1]}, "-30 % to -10 %"),
    ("RandomContrast", {"factor": 0.2}, "± 20 %"),
    ("RandomContrast", {"factor": [0.5, 0.1]}, "-50 % to 10 %"),
    ("Concatenate", {}, "axis -1"),
    ("Concatenate", {"axis": 1}, "axis 1"),
    ("BatchNormalization", {}, ""),
    ("BatchNormalization", {"momentum": 0.9}, "momentum 0.9"),
    ("MaxPooling1D", {}, "pool 2"),
    ("MaxPooling2D", {}, "2 × 2"),
    ("Cropping1D", {}, "crop 1, 1"),
    ("Add", {}, ""),
    ("FromTheFuture", {"size": 3, "how": [1, 2]}, "size 3 · how 1, 2"),
]


def test_it_says_what_matters() -> None:
    for kind, params, says in CAPTIONS:
        with noted(kind, params, says):
            assert caption(kind, params) == says


def test_what_a_layer_requires_is_said() -> None:
    for kind in KINDS:
        with noted(kind):
            fields = catalogue.layer_classes()[kind].model_fields
            required = [name for name, field in fields.items() if field.is_required()]
            said = {*_FORMATTERS, "Input.shape"}
            assert all(name in said or f"{kind}.{name}" in said for name in required)


def test_no_phrase_is_left_over() -> None:
    fields = {name for cls in catalogue.layer_classes().values() for name in cls.model_fields}
    own = {
        f"{kind}.{name}" for kind in KINDS for name in catalogue.layer_classes()[kind].model_fields
    }
    assert set(_FORMATTERS) <= fields | own


@given(st.sampled_from([*KINDS, "FromTheFuture"]), st.data())
def test_wrong_parameters_are_shown_as_they_are(kind: str, data: st.DataObject) -> None:
    cls = catalogue.layer_classes().get(kind)
    known = st.dictionaries(st.sampled_from(list(cls.model_fields)), values) if (
        cls and cls.model_fields
    ) else objects  # fmt: skip
    params = data.draw(known | objects)
    said = caption(kind, params)
    assert said == caption(kind, dict(params))
    assert all(len(part) < 100 for part in said.split(" · "))


def test_shapes_in_short() -> None:
    assert (
        shape_label(TensorSpec((DynamicLength("posts").with_step(1, -4, 5), 256))) == "None × 256"
    )
    assert shape_label(TensorSpec((50_000,))) == "50,000"
    assert shape_label(TensorSpec(())) == "scalar"
