"""Codes of findings about a node's parameters, a recipe's fields and their values."""

from engine.core.codes.entry import Code, Exit

CODES: dict[str, Code] = {
    "kind-unknown": Code(
        "This version does not know that kind",
        "A node, loss, metric, optimizer or schedule names a kind that is not in the catalogue. "
        "The file opens and saves without loss, but it can't be trained by this version.",
        '{"kind": "Densee"} is one letter away from "Dense".',
    ),
    "code-unknown": Code(
        "There is no such code",
        "Each finding carries a code in square brackets, which stays the same for ever.",
        "engine explain window-too-large",
        Exit.USAGE,
    ),
    "param-unknown": Code(
        "There is no such parameter",
        "A newer version or a typing error left a parameter that this kind does not have. It is "
        "kept when the file is saved, but nothing is trained while its meaning is not known.",
        'Dense has "units", not "unit". Rename the parameter or remove it.',
    ),
    "not-a-matrix": Code(
        "An initialiser or regulariser needs a matrix",
        "identity and orthogonal speak of rows and columns. A bias is a single row of numbers, so "
        "neither can start or judge it; identity can't start a kernel with more than two axes.",
        '"bias_initializer": "identity" is refused; "zeros" is the usual choice.',
    ),
    "param-missing": Code(
        "A parameter has no value",
        "The parameter has no default, since no value would be right for most people.",
        'An Embedding needs "input_dim", the number of different ids in the data.',
    ),
    "param-invalid": Code(
        "A parameter has a value that it can't take",
        "The value is of another type than the parameter, or out of its bounds, or not one of its "
        "choices.",
        '"units": 0 is refused, since a layer needs at least one output.',
    ),
    "params-clash": Code(
        "Two parameters exclude each other",
        "Each of the two values is allowed, but not both together, in Keras as well as here.",
        'A Conv1D with "strides": 2 and "dilation_rate": 2: set one of them to 1.',
    ),
    "embedding-wide": Code(
        "An Embedding's vectors are wider than its vocabulary",
        "The vocabulary size comes first, then the size of a vector. Swapped, the Embedding has "
        "just as many weights, and only ids beyond the vocabulary show the mistake.",
        "Embedding(64, 10000) for 10,000 words: write Embedding(10000, 64).",
    ),
}
