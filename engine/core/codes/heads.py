"""Codes of diagnostics about Outputs: activations, losses, metrics, labels and class weights."""

from engine.core.codes.entry import DiagnosticCode

CODES: dict[str, DiagnosticCode] = {
    "activation-unfit": DiagnosticCode(
        "The activation does not fit the loss",
        "A cross-entropy takes the logarithm of a probability, so the layer before the Output has "
        "to output probabilities: softmax if each row has one of several classes, sigmoid for "
        "independent binary predictions. poisson needs positive outputs.",
        "softmax before binary_crossentropy: use categorical_crossentropy, or a sigmoid.",
        "Use a loss that fits the activation, or an activation that fits the loss.",
    ),
    "logits-twice": DiagnosticCode(
        "The activation is applied twice",
        "With from_logits the loss applies softmax or sigmoid itself, so the layer before it must "
        "be linear. Otherwise it is applied twice, and training is slow and inaccurate.",
        'softmax before {"from_logits": true}: set from_logits to false. Layerloom computes losses '
        "on logits automatically wherever that is possible.",
        "Set from_logits to false, or make the last layer linear.",
    ),
    "softmax-on-one": DiagnosticCode(
        "Softmax over one unit is always 1",
        "The outputs of a softmax sum to 1, so a single unit is always 1 and nothing is learned.",
        "For binary classification, use 1 unit with sigmoid; otherwise one unit per class.",
        "Use a sigmoid on one unit, or one unit for each class.",
    ),
    "loss-shape": DiagnosticCode(
        "The loss does not fit the shape of the prediction",
        "Classification losses need an axis with one value for each class, at least two of them.",
        "categorical_crossentropy on 1 unit: use binary_crossentropy, or one unit for each class.",
        "Use a loss that fits the shape, or change the units of the last layer.",
    ),
    "regression-on-softmax": DiagnosticCode(
        "A regression loss is used on probabilities",
        "It trains slowly: where a softmax is confident and wrong, the gradient of a squared error "
        "nearly vanishes. The gradient of a cross-entropy does not.",
        "mse on Dense 10 softmax: use categorical_crossentropy.",
        "Use a cross-entropy, or make the last layer linear.",
    ),
    "output-clipped": DiagnosticCode(
        "The prediction can never be negative",
        "relu is 0 for every negative value. Its gradient is 0 there, so a unit may never recover.",
        "relu before mse: make the last layer linear, or use softplus if all targets are positive.",
        "Make the last layer linear, or use softplus for positive targets.",
    ),
    "metric-unfit": DiagnosticCode(
        "The metric does not fit the output",
        "Accuracy counts correct classes; a predicted number is practically never exactly equal to "
        "its target, so use an error such as mae for it. An Output without a loss has no target.",
        "acc on a regression would always be 0.0: use mae.",
        "Use a metric that fits the loss.",
    ),
    "labels-mismatch": DiagnosticCode(
        "The number of labels is not the number of classes",
        "Labels name the classes in order: one for each unit; no and yes for a single unit.",
        "Three labels on Dense 10 softmax: list all ten, or none.",
        "List as many labels as there are classes, or none.",
    ),
    "class-weight-unfit": DiagnosticCode(
        "A class weight does not match a class of this output",
        "Class weights are set by label, or by class index from 0. They are possible only if each "
        "row has one class: not for regression, nor for several binary targets at once.",
        '{"0": 1.0, "2": 5.0} on two classes: the second class is "1".',
        "Use the labels or class indices of the output.",
    ),
    "output-untrained": DiagnosticCode(
        "An output has no loss, so it is not trained",
        "An Output without a loss is computed and written with the predictions, but not trained. "
        "If other outputs are trained, this is rarely intended.",
        "Set loss to mse for a number, to categorical_crossentropy for one of several classes.",
        "Set the loss of the output, if it should be trained.",
    ),
    "nothing-to-train": DiagnosticCode(
        "No output is trained",
        "If every loss is null or has weight 0, no weight would change. Predicting still works.",
        'Set the loss of an Output, such as "mse" for a number.',
        "Set a loss, and a loss weight above 0, for an output.",
    ),
}
