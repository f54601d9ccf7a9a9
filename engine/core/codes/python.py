"""Codes of diagnostics of the Python API: unknown names, symbolic tensors, saving, evaluation."""

from engine.core.codes.entry import DiagnosticCode, data_code, usage_code

CODES: dict[str, DiagnosticCode] = {
    "no-such-name": usage_code(
        "There is no such name",
        "A module, a model or a layer has no attribute of that name, or it can't be set.",
        "layers.Densee: the layer is called layers.Dense.",
        "Use the suggested name.",
    ),
    "no-values": usage_code(
        "A symbolic tensor has no values",
        "It stands for the output of a layer before there is data. Only layers compute with it; of "
        "the Python operators, + - and * between two tensors call Add, Subtract and Multiply.",
        "hidden / 2 is an error: scale the data first, or use a Dense layer.",
        "Compute it in a layer, or in the data before training.",
    ),
    "weights-apart": usage_code(
        "A graph file does not contain weights",
        "It defines the network and its training as text; weights have their own safetensors file.",
        'model.save("posts.loom.json"), and model.save_weights("posts.safetensors").',
        "Save the weights separately, with save_weights.",
    ),
    "scored-on-trained": data_code(
        "The model is evaluated on its training rows",
        "A network may have memorized these rows, so the score says little about new ones.",
        "Hold out rows: fit(..., validation_split=0.2), or evaluate on other rows.",
        "Evaluate on held-out rows.",
    ),
}
