"""Codes of diagnostics about the fields of nodes and recipes, and about their values."""

from engine.core.codes.entry import DiagnosticCode, usage_code

CODES: dict[str, DiagnosticCode] = {
    "kind-unknown": DiagnosticCode(
        "Unknown layer type, loss, metric, optimizer or schedule",
        "This version does not know the name. The file can be opened and saved, but not trained.",
        '{"kind": "Densee"}: the layer type is called "Dense".',
        "Use the suggested name, or one that `engine layers` lists.",
    ),
    "code-unknown": usage_code(
        "There is no such code",
        "Each diagnostic has a code in square brackets, which never changes its meaning.",
        "engine explain window-too-large",
        "Use a code that `engine explain` lists.",
    ),
    "param-unknown": DiagnosticCode(
        "There is no such field",
        "The layer type, loss or recipe has no field with that name: a typing error, or a "
        "field of a "
        "newer version. It is kept when the file is saved, but prevents training.",
        'Dense has "units", not "unit". Rename the field or remove it.',
        "Rename the field to the suggested one, or remove it.",
    ),
    "not-a-matrix": DiagnosticCode(
        "An initializer or regularizer needs a matrix",
        "identity and orthogonal are defined for matrices. They can't be used for a bias, which is "
        "a vector; identity can't be used for a kernel with more than two axes.",
        '"bias_initializer": "identity" is an error; "zeros" is the usual choice.',
        "Choose another initializer or regularizer for that weight.",
    ),
    "param-missing": DiagnosticCode(
        "A required field has no value",
        "The field has no default, because no value would be right in most cases.",
        'An Embedding needs "input_dim", the number of different ids in the data.',
        "Set the field.",
    ),
    "param-invalid": DiagnosticCode(
        "A field has an invalid value",
        "The value has the wrong type, is out of bounds, or is not one of the field's choices.",
        '"units": 0 is an error, since a layer needs at least one output.',
        "Set the field to a value of the expected type and range.",
    ),
    "params-clash": DiagnosticCode(
        "Two fields exclude each other",
        "Each of the two values is allowed, but not both together. The same holds in Keras.",
        'A Conv1D with "strides": 2 and "dilation_rate": 2: set one of them to 1.',
        "Set one of the two back to its default.",
    ),
    "embedding-wide": DiagnosticCode(
        "An Embedding's output_dim is larger than its input_dim",
        "The vocabulary size comes first, then the size of a vector. If they are swapped, the "
        "number of weights is the same; only ids outside the vocabulary reveal the mistake.",
        "Embedding(64, 10000) for 10,000 words: write Embedding(10000, 64).",
        "Swap the two numbers: the vocabulary size comes first.",
    ),
    "learning-rate-high": DiagnosticCode(
        "The learning rate is above 1",
        "An optimizer such as Adam or RMSprop moves each weight by about the learning rate in each "
        "step. Above 1, the loss usually grows until it is no longer finite.",
        "A learning rate of 65: a missing decimal point in 0.0065.",
        "Set a lower learning rate, such as 0.001.",
    ),
}
