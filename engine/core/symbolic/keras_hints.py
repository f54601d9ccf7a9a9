"""Hints for users of Keras: what to write in place of Keras names that Layerloom does not have."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.diagnostic import Diagnostic, Fix, nearest_kind

# Arguments of functions and constructors.
_ARGUMENTS = {
    "batch_input_shape": "Start with an Input: Input(shape=(...)), without the batch axis.",
    "batch_shape": "Use shape=(...), without the batch axis, and pass batch_size to fit.",
    "callbacks": "Remove it: use patience, monitor and restore_best_weights of fit for early "
    "stopping, and schedule of compile for the learning rate.",
    "data_format": "Remove it: the format is always channels_last.",
    "dtype": "Remove it: use precision of compile, which applies to the whole model.",
    "initial_learning_rate": "Remove it: a schedule starts at the optimizer's learning_rate.",
    "input": "Use inputs.",
    "input_length": "Remove it: the length is in the Input's shape.",
    "jit_compile": "Remove it.",
    "lr": "Use learning_rate.",
    "name": "Remove it: a loss or metric always has its own name.",
    "output": "Use outputs.",
    "run_eagerly": "Remove it.",
    "sparse": "Remove it, and pass a dense array.",
    "stateful": "Remove it: the state is reset for every batch.",
    "steps": "Remove it: all rows are used.",
    "steps_per_epoch": "Remove it: an epoch uses every row once.",
    "steps_per_execution": "Remove it.",
    "tensor": "Call layers on the tensor itself.",
    "trainable": "Remove it: all weights of a model are trained.",
    "validation_batch_size": "Remove it: batch_size is used for both.",
    "validation_freq": "Remove it: validation runs after every epoch.",
    "validation_steps": "Remove it: all rows are used.",
    "weighted_metrics": "Use metrics, which are not weighted.",
    "weights": "Remove it, and call set_weights of the model's layer.",
    "workers": "Remove it.",
}
# Arguments of a layer call.
CALL_ARGUMENT_HINTS = {
    "initial_state": "Remove it: the initial state is always zeros.",
    "mask": "Remove it: use mask_zero of an Embedding, or a Masking layer.",
    "return_attention_scores": "Remove it.",
    "training": "Remove it: fit uses training mode, predict does not.",
    "use_causal_mask": "Pass it to the layer's constructor.",
}
_ENCODER = 'Encode the column in the data block instead: "encode": "{}".'
# Names in modules, and attributes of models and layers.
_NAMES = {
    "activations": "Pass an activation as a string: activation='relu'.",
    "applications": "Draw the network, or write its layers.",
    "backend": "Use layers.",
    "callbacks": "Use patience, monitor, min_delta and restore_best_weights of fit, and schedule "
    "of compile.",
    "constraints": "Remove constraints; a regularizer also keeps weights small.",
    "datasets": "Pass arrays, or see `engine sample`.",
    "ops": "Use layers, such as layers.add([a, b]).",
    "preprocessing": "Pass arrays: text as ids, padded with 0.",
    "random": "Set the seed in compile: seed=1.",
    "saving": "Use model.save(path) and engine.load(path).",
    "utils": "Instead of to_categorical use numpy.eye(classes)[labels], or the loss "
    "sparse_categorical_crossentropy; instead of plot_model model.plot(path); instead of "
    "set_random_seed compile(seed=...).",
    # Layers.
    **dict.fromkeys(
        ("CategoryEncoding", "Discretization", "Hashing", "IntegerLookup", "StringLookup"),
        _ENCODER.format("category"),
    ),
    **dict.fromkeys(
        ("GroupNormalization", "RMSNormalization", "SpectralNormalization", "UnitNormalization"),
        "Use LayerNormalization or BatchNormalization, which normalize differently.",
    ),
    "ELU": "Use an Activation layer with the activation elu.",
    "InputLayer": "Use Input(shape=(...)).",
    "Lambda": "Use a layer: functions can't be saved in a file.",
    "Layer": "Use an existing layer; engine/README.md explains how to add one.",
    "Normalization": 'Scale the column in the data block instead: "scale": "standardize".',
    "ReLU": "Use an Activation layer with the activation relu.",
    "Rescaling": 'Scale the arrays first; "encode": "image" in the data block scales pixels.',
    "Resizing": "Set the size in the Input's shape: images of the data are resized to it.",
    "SimpleRNNCell": "Use SimpleRNN.",
    "Softmax": "Use an Activation layer with the activation softmax.",
    "TextVectorization": _ENCODER.format("text"),
    "TimeDistributed": "Call the layer itself: Dense works on the last axis of any sequence.",
    # Losses, metrics, optimizers and the like.
    "get": "Pass the name as a string.",
    "legacy": "Use the optimizer itself: optimizers.RMSprop().",
    "clone_model": "Write a function that builds the model, and call it again.",
    "schedules": "Use schedules of engine, and pass one to compile(schedule=...).",
    # Models and layers.
    "add_loss": "Set a loss for each output in compile.",
    "add_metric": "Set metrics for each output in compile.",
    "built": "Remove it: a model is built as soon as its Input is known.",
    "fit_generator": "Use fit, with all rows as arrays.",
    "from_config": "Open a file with engine.load.",
    "get_config": "Use model.project, or layer.params().",
    "history": "Use the return value of fit.",
    "kernel": "Use get_weights() of the model's layer.",
    "loss": "Use model.graph: its Outputs hold the losses.",
    "metrics": "Use model.graph: its Outputs hold the metrics.",
    "metrics_names": "Use evaluate(...).names.",
    "optimizer": "Use model.project.recipe, and compile again to change it.",
    "output_shape": "Use output.shape.",
    "input_shape": "Use input.shape.",
    "predict_on_batch": "Use predict(x, batch_size=len(x)).",
    "predict_classes": "Use predict(x).argmax(-1).",
    "predict_proba": "Use predict.",
    "reset_metrics": "Remove it: metrics are reset for every epoch.",
    "reset_states": "Remove it: the state is reset for every batch.",
    "stop_training": "Pass patience to fit.",
    "to_json": "Use model.save(path).",
    "trainable": "Remove it: all weights of a model are trained.",
    "trainable_weights": "Use get_weights(), or named_weights().",
    "weights": "Use get_weights(), or named_weights().",
}
# Attributes that only the layers in `model.layers` have.
_MODEL_LAYER_NAMES = ("count_params", "get_weights", "input", "output", "set_weights")


def argument_hint(name: str) -> str | None:
    """Return what to write in place of a Keras argument, None if there is no hint for it."""
    if name.endswith("_constraint"):
        return "Remove it; a regularizer also keeps weights small."
    return _ARGUMENTS.get(name)


def name_hint(name: str) -> str | None:
    """Return what to write in place of a Keras name, None if there is no hint for it."""
    if name in _MODEL_LAYER_NAMES:
        return f'Get the layer from its model: model.get_layer("name").{name}.'
    return _NAMES.get(name)


def unknown_name(owner: str, name: str, known: Iterable[str]) -> Diagnostic:
    """Return the diagnostic for a name that a module or an object does not have."""
    known = list(known)
    nearest = nearest_kind(name, known)
    advice = name_hint(name)
    hint = f"; did you mean {nearest!r}?" if nearest and not advice else ""
    return Diagnostic.error(
        "no-such-name",
        f"{owner} has no {name!r}{hint}",
        Fix(advice or (f"Use {nearest}." if nearest else "Look it up with dir().")),
        found=name,
        expected="a name that dir() lists",
    )


def read_only_attribute(owner: str, name: str) -> Diagnostic:
    """Return the diagnostic for an attribute that can't be assigned."""
    return Diagnostic.error(
        "no-such-name",
        f"{owner}: the attribute {name!r} can't be set",
        Fix(_NAMES.get(name) or "Create a new object with that value."),
        found=f"{name} = ...",
        expected="a call of one of its methods",
    )
