"""Codes of findings about the curves of a run: what they say while the run goes on."""

from engine.core.codes.entry import Code

CODES: dict[str, Code] = {
    "loss-zero": Code(
        "The loss of an output is zero, step after step",
        "A loss of exactly zero teaches nothing. It is rarely a perfect network: mostly the target "
        "never changes, no row has one, or the layer before the output can answer one thing only.",
        "Dense(1) with softmax answers 1 whatever it is fed: use sigmoid, or one unit per class.",
    ),
    "loss-rising": Code(
        "The loss goes up and up",
        "Steps are so large that each overshoots what the one before has learned. What follows is "
        "mostly a loss that is no number any more.",
        "learning_rate 0.1 with Adam: divide it by 10, while the run goes on or in a new one.",
    ),
    "output-drowns": Code(
        "One output makes up almost all of the total",
        "The layers that outputs share follow the largest share of the total. An output whose loss "
        "counts in large numbers leaves the others hardly a say.",
        "An age in years next to a yes or no: standardise the ages, or give them loss_weight 0.01.",
    ),
}
