"""Codes of findings about training: devices, memory, scores, and losses that run away."""

from engine.core.codes.entry import Code, Exit

CODES: dict[str, Code] = {
    "device-missing": Code(
        "The device is not there",
        "The recipe asks for a device that this machine does not have, or that the installed "
        "torch can't use.",
        "--device cuda on a laptop without an NVIDIA card: use auto, which takes what there is.",
        Exit.MEMORY,
    ),
    "precision-unfit": Code(
        "The device can't train in that precision",
        "bf16-mixed needs a device with bfloat16, 16-mixed needs a GPU, and mps has no float64.",
        "16-mixed on a CPU: use bf16-mixed, or float32.",
        Exit.MEMORY,
    ),
    "out-of-memory": Code(
        "The memory does not suffice",
        "Training holds weights, gradients, the optimizer's memory and the values between all "
        "layers of one batch.",
        "Halve the batch_size; two halves with accumulate 2 train the same.",
        Exit.MEMORY,
    ),
    "diverged": Code(
        "The loss is no number any more",
        "A step was so large that a weight became infinite or NaN, and every later one would be, "
        "too. The last checkpoint is from before.",
        "learning_rate 1.0 with SGD: divide it by 10, or set clipnorm to 1.",
        Exit.DIVERGED,
    ),
    "not-bit-identical": Code(
        "The resumed run may differ in the last digits",
        "Sums depend on the number of threads, the kind of CPU and the version of torch. The run "
        "goes on correctly, but not bit for bit as it would have without the break.",
        "Started with torch 2.9, resumed with 2.10: fit for use, not for comparing digit by digit.",
    ),
    "balance-unfit": Code(
        "The losses can't be balanced so",
        "uncertainty and gradnorm look at how large each loss is, so it may not be negative; "
        "gradnorm also compares gradients on a layer that all outputs share.",
        "gradnorm on two networks side by side in one file: use uncertainty.",
    ),
    "balance-idle": Code(
        "There is nothing to balance",
        "A balance of losses needs two outputs that are trained, else it does nothing.",
        '"balance": "uncertainty" on a network with one Output.',
    ),
    "weights-suggested": Code(
        "Loss weights with which every output starts with an equal share",
        "After a first pass over the training rows, each output's loss is known. The weights that "
        "are offered make all of them count the same at the start, and leave the total as it is.",
        "engine train FILE --data D --suggest-weights",
    ),
    "score-unknown": Code(
        "A rule watches a score that there is none of",
        'Scores are called "loss" for the total, "OUTPUT/loss" for one output, and "OUTPUT/METRIC" '
        "for its metrics.",
        'Watching "age/mse" where the output age has only the metric mae.',
    ),
}
