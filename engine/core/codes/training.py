"""Codes of diagnostics about training: devices, memory, scores, loss weighting, curves."""

from engine.core.codes.entry import (
    DiagnosticCode,
    ExitCode,
    data_code,
    io_code,
    memory_code,
    run_code,
    usage_code,
)

CODES: dict[str, DiagnosticCode] = {
    "device-missing": memory_code(
        "The device is not available",
        "The machine does not have the device, or the installed PyTorch can't use it.",
        "--device cuda on a laptop without an NVIDIA GPU: use auto, which selects a device.",
        "Use a device that the machine has; auto uses the fastest.",
    ),
    "precision-unfit": memory_code(
        "The device does not support that precision",
        "bf16-mixed needs a device with bfloat16, 16-mixed needs a GPU, and mps has no float64.",
        "16-mixed on a CPU: use bf16-mixed, or float32.",
        "Use a precision that the device supports.",
    ),
    "devices-missing": usage_code(
        "This machine has fewer devices than the command asks for",
        "Each process trains on a device of its own. On a CPU, a device is a process.",
        "--device cuda --devices 3 with two cards: use --devices 2, or --device cpu.",
        "Use as many processes as there are devices, or --device cpu.",
    ),
    "sharding-idle": DiagnosticCode(
        "The network is not sharded",
        "A sharded network is divided among several devices. One process trains it as a whole.",
        '"sharded": true without --devices: the run is the same as with "sharded": false.',
        "Train with --devices 2, or set sharded to false.",
    ),
    "batch-undivided": usage_code(
        "An activity regularizer needs all rows of a batch",
        "OrthogonalRegularizer compares the rows of a batch with each other. Several processes "
        "divide the rows, so the training would depend on the number of processes.",
        "A Dense with activity_regularizer OrthogonalRegularizer and --devices 2: train with "
        "--devices 1.",
        "Train with one process, or remove that activity_regularizer.",
    ),
    "rank-lost": run_code(
        "A training process was lost",
        "Several processes train together, so none can continue without the others. The system may "
        "have killed one, for example because memory was exhausted, or a machine was lost.",
        "Resume with --run RUN --resume, or start with --max-restarts 3 to do this automatically.",
        "Resume the run, or start it with --max-restarts 3.",
    ),
    "rendezvous-failed": io_code(
        "The rendezvous of several machines failed",
        "Each machine has a launcher, and all connect to the address of --rendezvous. It could not "
        "be reached, its port is in use, or fewer machines than --nodes came within the time.",
        "--rendezvous gpu-1:29500 while gpu-1 is switched off: start all machines, node 0 first.",
        "Start the same command on all machines, with an address they can reach.",
    ),
    "out-of-memory": memory_code(
        "There is not enough memory",
        "Weights, gradients, the optimizer's state and one batch of activations need memory.",
        "Halve the batch_size and set accumulate to 2, which gives the same training.",
        "Apply the suggested setting, or make the network smaller.",
    ),
    "not-deterministic": run_code(
        "There is no deterministic algorithm",
        "The recipe allows deterministic algorithms only, and torch has none for a computation of "
        "this network on this device.",
        "A backward pass that adds numbers in any order: train on the CPU, or set deterministic "
        "to false.",
        "Set deterministic to false, or train on the CPU.",
    ),
    "diverged": DiagnosticCode(
        "The loss became NaN or infinite",
        "A step was so large that a weight became infinite or NaN, and all later losses would be "
        "NaN, too. The last checkpoint was written before that step.",
        "learning_rate 1.0 with SGD: divide it by 10, or set clipnorm to 1.",
        "Lower the learning rate, clip the gradients, or standardize large columns.",
        ExitCode.DIVERGED,
    ),
    "not-bit-identical": DiagnosticCode(
        "The resumed run may differ in the last digits",
        "Rounding depends on the number of threads, the CPU and the version of PyTorch. The "
        "resumed run is correct, but not bit-identical to an uninterrupted one.",
        "Started with torch 2.9, resumed with 2.10: the last digits of losses may differ.",
        "Nothing, unless runs are compared digit by digit.",
    ),
    "balance-unfit": DiagnosticCode(
        "This loss weighting is not possible for the network",
        "uncertainty and gradnorm use the size of each loss, so losses must not be negative; "
        "gradnorm also compares gradients at a layer that all outputs share.",
        "gradnorm on two separate networks in one file: use uncertainty.",
        "Use another loss weighting, or none.",
    ),
    "balance-idle": DiagnosticCode(
        "The loss weighting has no effect",
        "Loss weighting needs at least two outputs that are trained.",
        '"balance": "uncertainty" on a network with one Output.',
        "Remove balance, or add a second output.",
    ),
    "score-unknown": DiagnosticCode(
        "The monitored score does not exist",
        'Scores are "loss" for the total, and "OUTPUT/loss" and "OUTPUT/METRIC" for an output.',
        'Monitoring "age/mse" where the output age has only the metric mae.',
        "Monitor a score of one of the outputs.",
    ),
    "loss-zero": DiagnosticCode(
        "The loss of an output stays at zero",
        "A loss of exactly zero gives no gradient. It is rarely a perfect network: usually the "
        "target is constant, no row has a target, or the layer before the output can predict one "
        "value only.",
        "Dense(1) with softmax always predicts 1: use sigmoid, or one unit per class.",
        "Check the activation before the loss, and the target.",
    ),
    "loss-rising": DiagnosticCode(
        "The loss keeps rising",
        "The steps are too large and overshoot the minimum. Usually NaN follows soon after.",
        "learning_rate 0.1 with Adam: divide it by 10, in the live run or in a new one.",
        "Lower the learning rate, in the live run or in a new one.",
    ),
    "target-leak": data_code(
        "Target leakage: one column predicts the target",
        "Such a column is often computed from the target, or recorded after it, so it will not be "
        "known when predictions are needed. The scores are then far too optimistic.",
        'Predicting "price" from a column "price_with_tax".',
        "Leave the column out, unless it is known at prediction time.",
    ),
    "rows-in-both": data_code(
        "Validation rows are training rows, too",
        "Scores on rows that were trained on say little about new rows, and the best epoch "
        "can't be determined.",
        "A table that was appended to itself; --validation with the file of --data.",
        "Remove repeated rows, or validate on other rows.",
    ),
    "overfitting": DiagnosticCode(
        "Overfitting: the validation loss rises while the training loss falls",
        "The network fits the training rows better and better, and other rows worse.",
        "200 epochs on 300 rows: the validation loss is lowest in epoch 12.",
        "Stop early, and keep the weights of the best epoch; or use dropout, or more rows.",
    ),
    "baseline-not-beaten": DiagnosticCode(
        "An output predicts no better than its baseline",
        "A baseline always predicts the mean, or the most frequent class, of the training rows, or "
        "the last value before a forecast. No score on the validation rows is better by more than "
        "chance.",
        "Predicting tomorrow's stock price change from today's: R2 -0.02, baseline 0.",
        "Use inputs that are related to the target, or more rows.",
    ),
    "class-never-predicted": DiagnosticCode(
        "A class is never predicted",
        "A rare class hardly contributes to the loss, so the network may ignore it, and still have "
        "a high accuracy.",
        "4 of 1,000 payments are fraud: accuracy 0.996 without detecting one.",
        'Set class_weight of the Output to "balanced", or add rows of the class.',
    ),
}
