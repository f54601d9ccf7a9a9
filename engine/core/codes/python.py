"""Codes of findings that only Python code can get: names, symbolic tensors, what is kept."""

from engine.core.codes.entry import Code, Exit

CODES: dict[str, Code] = {
    "no-such-name": Code(
        "There is nothing of that name",
        "A module, a model or a layer has nothing of that name, or it can't be set. Where Keras "
        "has something, the fix says what to write instead.",
        "layers.Densee is one letter away from layers.Dense.",
        Exit.USAGE,
    ),
    "no-values": Code(
        "A symbolic tensor has no values",
        "It stands for what will come out of a layer once there is data. Only layers compute with "
        "it; of Python's signs, + - and * between two tensors are the merges Add, Subtract and "
        "Multiply.",
        "hidden / 2 is refused: scale the data before, or let a Dense learn the scale.",
        Exit.USAGE,
    ),
    "weights-apart": Code(
        "The file holds the network, not its weights",
        "A graph file says what is computed and how it is trained, so that it can be read, drawn "
        "and compared. What training has learned is kept beside it, as safetensors.",
        'model.save("posts.loom.json"), and model.save_weights("posts.safetensors").',
        Exit.USAGE,
    ),
    "scored-on-trained": Code(
        "These are the rows that it was trained on",
        "A network may know its training rows by heart, so a score on them says little about rows "
        "that it never saw.",
        "Hold rows back: fit(..., validation_split=0.2), or evaluate rows of their own.",
        Exit.DATA,
    ),
}
