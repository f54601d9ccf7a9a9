"""Codes of findings about Outputs: what they are trained on and measured by."""

from engine.core.codes.entry import Code

CODES: dict[str, Code] = {
    "activation-unfit": Code(
        "The activation does not fit the loss",
        "A cross-entropy takes the logarithm of a probability, so the layer before the Output has "
        "to answer probabilities: softmax where one of several classes is right, sigmoid where "
        "each answer is yes or no by itself. Poisson needs positive answers.",
        "softmax before binary_crossentropy: use categorical_crossentropy, or a sigmoid.",
    ),
    "logits-twice": Code(
        "Scores are bent twice",
        "With from_logits the loss applies softmax or sigmoid itself, so the layer before it must "
        "be linear. An activation there is applied on top, and training stays far from its best.",
        'softmax before {"from_logits": true}: switch from_logits off. Layerloom trains on '
        "logits by itself wherever that is possible.",
    ),
    "softmax-on-one": Code(
        "Softmax over one unit is always 1",
        "Softmax shares 1 among its units, so a single unit always answers 1 and nothing is "
        "learned.",
        "For yes or no use 1 unit with sigmoid and binary_crossentropy; for classes, a unit each.",
    ),
    "loss-shape": Code(
        "The loss does not fit the shape of the prediction",
        "Losses on classes need an axis with one value for each class, at least two of them.",
        "categorical_crossentropy on 1 unit: use binary_crossentropy, or a unit for each class.",
    ),
    "regression-on-softmax": Code(
        "A loss on numbers is trained on probabilities",
        "It works, but slowly: where a softmax is sure and wrong, the gradient of a squared error "
        "nearly vanishes. A cross-entropy has no such weakness.",
        "mse on Dense 10 softmax: use categorical_crossentropy.",
    ),
    "output-clipped": Code(
        "The prediction can never be negative",
        "relu cuts everything below 0. Where a unit lands there, its gradient is 0, and it may "
        "never recover.",
        "relu before mse: make the last layer linear, or use softplus if only positive numbers "
        "make sense.",
    ),
    "metric-unfit": Code(
        "The metric does not fit the output",
        "Accuracy counts right answers, and a number is practically never exactly right; errors "
        "such as mae measure numbers. An Output without a loss has no target to measure against.",
        "acc on a regression would be 0.0 for ever: use mae.",
    ),
    "labels-mismatch": Code(
        "The number of labels is not the number of classes",
        "Labels name the classes in order: one for each unit; for a single yes-or-no unit two, "
        "first no, then yes.",
        "Three labels on Dense 10 softmax: name all ten, or none.",
    ),
    "class-weight-unfit": Code(
        "A class weight names no class of this output",
        "Class weights are given by label, or by class number from 0. They exist where each row "
        "has one class, so not for numbers nor for several yes-or-no answers at once.",
        '{"0": 1.0, "2": 5.0} on two classes: the second class is "1".',
    ),
    "output-untrained": Code(
        "An output has no loss, so it only predicts",
        "What an Output without a loss answers is computed and written with the predictions, but "
        "nothing makes it right. Beside outputs that are trained this is rarely meant.",
        "Set loss to mse for a number, to categorical_crossentropy for one of several classes.",
    ),
    "nothing-to-train": Code(
        "No output has a loss that counts",
        "Training makes losses small. If every Output has loss null or weight 0, no weight would "
        "ever move. The network can still predict.",
        'Give an Output a loss, such as "mse" for a number.',
    ),
}
