"""What to write instead of Keras' words that have no meaning here."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.diagnostic import Diagnostic, Fix, nearest_word

# Arguments of functions and of things that are made.
_ARGUMENTS = {
    "batch_input_shape": "Begin with an Input: Input(shape=(...)), without the batch.",
    "batch_shape": "Say shape=(...), without the batch, and the batch's size to fit.",
    "callbacks": "Leave it out: patience, monitor and restore_best_weights of fit stop early, and "
    "schedule of compile changes the learning rate.",
    "data_format": "Leave it out: channels always come last.",
    "dtype": "Leave it out: precision of compile says it for the whole model.",
    "initial_learning_rate": "Leave it out: the optimizer's learning_rate is where it starts.",
    "input": "Write inputs.",
    "input_length": "Leave it out: the Input's shape says the length.",
    "jit_compile": "Leave it out.",
    "lr": "Write learning_rate.",
    "name": "Leave it out: a loss or metric goes by its own name.",
    "output": "Write outputs.",
    "run_eagerly": "Leave it out.",
    "sparse": "Leave it out, and give the rows as a usual array.",
    "stateful": "Leave it out: every batch begins anew.",
    "steps": "Leave it out: all rows are taken.",
    "steps_per_epoch": "Leave it out: an epoch takes all rows once.",
    "steps_per_execution": "Leave it out.",
    "tensor": "Call layers on the tensor itself.",
    "trainable": "Leave it out: every weight of a model is trained.",
    "validation_batch_size": "Leave it out: batch_size holds for both.",
    "validation_freq": "Leave it out: every epoch is validated.",
    "validation_steps": "Leave it out: all rows are taken.",
    "weighted_metrics": "Write metrics: each counts every row once.",
    "weights": "Leave it out, and call set_weights of the model's layer.",
    "workers": "Leave it out.",
}
# Arguments of a layer that is called.
_CALLED = {
    "initial_state": "Leave it out: a recurrent layer starts from zeros.",
    "mask": "Leave it out: mask_zero of an Embedding, or a Masking layer, makes the mask.",
    "return_attention_scores": "Leave it out.",
    "training": "Leave it out: fit trains, and predict does not.",
    "use_causal_mask": "Say it where the layer is made.",
}
# Names in modules, and names of models and layers.
_NAMES = {
    "activations": "Give an activation as a text: activation='relu'.",
    "applications": "Draw the network, or write its layers.",
    "backend": "Write layers.",
    "callbacks": "fit takes patience, monitor, min_delta and restore_best_weights; compile takes "
    "schedule.",
    "constraints": "Leave constraints out; a regularizer also keeps weights small.",
    "datasets": "Bring arrays, or see `engine sample`.",
    "ops": "Write layers, such as layers.add([a, b]).",
    "preprocessing": "Bring arrays: text as ids, padded with 0.",
    "random": "Say the seed to compile: seed=1.",
    "saving": "Write model.save(path) and engine.load(path).",
    "utils": "For to_categorical write numpy.eye(classes)[labels], or take the loss "
    "sparse_categorical_crossentropy; for plot_model model.plot(path); for set_random_seed "
    "compile(seed=...).",
    # Layers.
    "ELU": "Write layers.Activation('elu').",
    "InputLayer": "Write Input(shape=(...)).",
    "Lambda": "Use a layer: a file could not hold a function.",
    "Layer": "Use the layers that there are; engine/README.md says how to add one.",
    "ReLU": "Write layers.Activation('relu').",
    "Rescaling": "Scale the arrays before, or map their column with a scale.",
    "Softmax": "Write layers.Activation('softmax').",
    "TimeDistributed": "Call the layer itself: Dense works on the last axis of any sequence.",
    # Of families.
    "get": "Give the name as a text.",
    "legacy": "Write the optimizer itself: optimizers.RMSprop().",
    "clone_model": "Write a function that builds the model, and call it again.",
    "schedules": "Write schedules of engine, and give one to compile(schedule=...).",
    # Models and layers.
    "add_loss": "Give a loss to each output with compile.",
    "add_metric": "Give metrics to each output with compile.",
    "built": "Leave it out: a model is built as soon as its Input is known.",
    "fit_generator": "Write fit, with all rows as arrays.",
    "from_config": "Open a file with engine.load.",
    "get_config": "Write model.project, or layer.params().",
    "history": "fit answers the history.",
    "kernel": "Write get_weights() of the model's layer.",
    "loss": "Write model.graph, whose Outputs hold it.",
    "metrics": "Write model.graph, whose Outputs hold them.",
    "metrics_names": "Write evaluate(...).names.",
    "optimizer": "Write model.project.recipe, and compile again to change it.",
    "output_shape": "Write output.shape.",
    "input_shape": "Write input.shape.",
    "predict_on_batch": "Write predict(x, batch_size=len(x)).",
    "predict_classes": "Write predict(x).argmax(-1).",
    "predict_proba": "Write predict.",
    "reset_metrics": "Leave it out: every epoch and every batch is scored by itself.",
    "reset_states": "Leave it out: every batch begins anew.",
    "stop_training": "Give fit a patience.",
    "to_json": "Write model.save(path).",
    "trainable": "Leave it out: every weight of a model is trained.",
    "trainable_weights": "Write get_weights(), or named_weights().",
    "weights": "Write get_weights(), or named_weights().",
}
# What a layer has only at its place in a model.
_PLACED = ("count_params", "get_weights", "input", "output", "set_weights")


def argument_advice(name: str) -> str | None:
    """Return what to write instead of an argument of Keras', None if it is none."""
    if name.endswith("_constraint"):
        return "Leave it out; a regularizer also keeps weights small."
    return _ARGUMENTS.get(name)


def call_advice(name: str) -> str | None:
    """Return what to write instead of an argument that Keras' layers take when called."""
    return _CALLED.get(name)


def name_advice(name: str) -> str | None:
    """Return what to write instead of a name of Keras', None if it is none."""
    if name in _PLACED:
        return f'Ask the layer at its place in a model: model.get_layer("name").{name}.'
    return _NAMES.get(name)


def no_such_name(owner: str, name: str, known: Iterable[str]) -> Diagnostic:
    """Return the finding for a name that an owner does not have."""
    known = list(known)
    nearest = nearest_word(name, known)
    advice = name_advice(name)
    hint = f"; did you mean {nearest!r}?" if nearest and not advice else ""
    return Diagnostic(
        "no-such-name",
        f"{owner} has no {name!r}{hint}",
        found=name,
        expected="a name that dir() of it lists",
        fixes=(Fix(advice or (f"Write {nearest}." if nearest else "Look it up with dir().")),),
    )


def cannot_be_set(owner: str, name: str) -> Diagnostic:
    """Return the finding for an attribute that a person tries to change."""
    return Diagnostic(
        "no-such-name",
        f"{owner} has no {name!r} that could be set",
        found=f"{name} = ...",
        expected="what its methods change",
        fixes=(Fix(_NAMES.get(name) or "Make a new one with the value that it should have."),),
    )
