"""Arguments are Keras', with Keras' order and defaults; what differs is named here."""

from __future__ import annotations

import inspect

from engine.layers import catalogue
from engine.objectives.metric import METRICS
from engine.recipe.optimizer import OPTIMIZERS
from tests.double import WITHOUT_A_TWIN, keras
from tests.tiers import noted

KINDS = catalogue.layer_classes()
TWINS = sorted(KINDS.keys() - WITHOUT_A_TWIN.keys() - {"Input"})
NOT_OURS = {"self", "args", "kwargs", "name", "dtype"}

# Of the design: channels stand last, weights are free, no state outlives a batch, no tuning in
# parts, no whole-number weights.
BY_DESIGN = {"data_format", "stateful", "lora_rank", "lora_alpha", "quantization_config"}
# What follows stands in the README, row by row.
LEFT_OUT = {
    "Embedding": {"weights"},
    "Bidirectional": {"weights"},
    "LSTM": {"unroll", "use_cudnn"},
    "GRU": {"unroll", "use_cudnn"},
    "SimpleRNN": {"unroll"},
    "BatchNormalization": {"renorm", "renorm_clipping", "renorm_momentum", "synchronized"},
    "MultiHeadAttention": {"attention_axes", "flash_attention"},
}
ADDED = {"MultiHeadAttention": {"use_causal_mask"}, "Attention": {"use_causal_mask"}}
# Nothing is clipped unless a range is given.
OTHER_DEFAULTS = {("RandomContrast", "value_range")}
# Other spellings of the same defaults, by argument and Keras' default.
SPELLINGS = {("activation", None): "linear", ("alpha_initializer", "Zeros"): "zeros"}
OPTIMIZERS_LEFT_OUT = {
    "use_ema", "ema_momentum", "ema_overwrite_frequency", "loss_scale_factor",
    "gradient_accumulation_steps",
}  # fmt: skip
METRICS_LEFT_OUT = {
    "auc": {"summation_method", "thresholds", "multi_label", "num_labels", "label_weights",
            "from_logits"},
    "precision": {"top_k", "class_id"},
    "recall": {"top_k", "class_id"},
    "r2_score": {"num_regressors"},
}  # fmt: skip
CLASSES = {"auc": "AUC", "precision": "Precision", "recall": "Recall", "r2_score": "R2Score",
           "f1_score": "F1Score", "binary_accuracy": "BinaryAccuracy",
           "top_k_categorical_accuracy": "TopKCategoricalAccuracy",
           "cosine_similarity": "CosineSimilarity"}  # fmt: skip


def arguments(cls: type) -> list[str]:
    """Return the arguments of a class of Keras', in its order."""
    return [name for name in inspect.signature(cls.__init__).parameters if name not in NOT_OURS]


def test_layers_take_keras_arguments_in_keras_order_but_for_those_named_here():
    for kind in TWINS:
        with noted(kind):
            compare_arguments(kind)


def compare_arguments(kind: str) -> None:
    theirs, ours = arguments(getattr(keras.layers, kind)), list(KINDS[kind].model_fields)
    gone = {name for name in theirs if name not in ours and not name.endswith("_constraint")}
    assert gone - BY_DESIGN == LEFT_OUT.get(kind, set())
    assert set(ours) - set(theirs) == ADDED.get(kind, set())
    known = [name for name in theirs if name in ours]
    assert known == [name for name in ours if name in theirs]
    assert ours[: len(known)] == known, "what is added comes last"


def test_layers_have_keras_defaults_but_for_those_named_here():
    for kind in TWINS:
        with noted(kind):
            compare_defaults(kind)


def compare_defaults(kind: str) -> None:
    theirs = inspect.signature(getattr(keras.layers, kind).__init__).parameters
    for name, field in KINDS[kind].model_fields.items():
        if name in theirs and (kind, name) not in OTHER_DEFAULTS:
            default = theirs[name].default
            is_required = default is inspect.Parameter.empty
            assert field.is_required() == is_required, name
            assert is_required or field.default == SPELLINGS.get((name, default), default), name


def test_optimizers_take_keras_arguments_but_for_those_named_here():
    for name in OPTIMIZERS:
        with noted(name):
            theirs = set(arguments(getattr(keras.optimizers, name)))
            ours = set(OPTIMIZERS[name].model_fields)
            assert theirs - ours == OPTIMIZERS_LEFT_OUT
            assert ours <= theirs


def test_metrics_take_keras_arguments_but_for_those_named_here():
    for name in CLASSES:
        with noted(name):
            theirs = set(arguments(getattr(keras.metrics, CLASSES[name])))
            ours = set(METRICS[name].model_fields)
            assert theirs - ours == METRICS_LEFT_OUT.get(name, set())
            assert ours <= theirs
