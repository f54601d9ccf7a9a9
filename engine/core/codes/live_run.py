"""Codes of curve warnings: diagnostics about the losses of a run, while it trains."""

from engine.core.codes.entry import DiagnosticCode

CODES: dict[str, DiagnosticCode] = {
    "loss-zero": DiagnosticCode(
        "The loss of an output stays at zero",
        "A loss of exactly zero gives no gradient. It is rarely a perfect network: usually the "
        "target is constant, no row has a target, or the layer before the output can predict one "
        "value only.",
        "Dense(1) with softmax always predicts 1: use sigmoid, or one unit per class.",
    ),
    "loss-rising": DiagnosticCode(
        "The loss keeps rising",
        "The steps are too large, so that each overshoots the minimum. Usually the loss becomes "
        "NaN soon after.",
        "learning_rate 0.1 with Adam: divide it by 10, in the live run or in a new one.",
    ),
    "output-drowns": DiagnosticCode(
        "One output dominates the total loss",
        "The gradients of shared layers come mostly from the output with the largest loss, so the "
        "other outputs hardly learn.",
        "An age in years beside a yes-or-no output: standardize the ages, or set loss_weight 0.01.",
    ),
}
