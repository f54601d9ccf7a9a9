"""Codes of findings about run folders, checkpoints, settings and requests to a live run."""

from engine.core.codes.entry import Code, Exit

_FOLDER = {
    "run-busy": Code(
        "Another process trains in this run folder",
        "Two trainers in one folder would overwrite each other's checkpoints. The lock goes with "
        "the process that holds it, so a crashed one never blocks.",
        "Wait until the other one is done, stop it, or train into another folder with --run.",
        Exit.BUSY,
    ),
    "run-folder-foreign": Code(
        "The folder holds other things than a run",
        "A run writes and deletes files in its folder, so it takes only a new or an empty one.",
        "--run ~ would put checkpoints between your files: use --run ~/runs/first.",
        Exit.RUN,
    ),
    "run-exists": Code(
        "There is a run in that folder already",
        "A run is kept as it was; a new training gets a folder of its own.",
        "--run runs/posts-001 a second time: add --resume to go on with it, or leave --run out.",
        Exit.RUN,
    ),
    "run-missing": Code(
        "There is no run in that folder",
        "A run folder holds a run.json, which is written before the first step.",
        "engine report runs: name one of the folders in it, runs/posts-001.",
        Exit.RUN,
    ),
    "run-broken": Code(
        "A file of the run can't be understood",
        "run.json is written once, whole. If it is damaged, nobody can tell what was trained.",
        "run.json was cut off by a copy: copy the folder again.",
        Exit.RUN,
    ),
    "run-newer": Code(
        "A newer version of Layerloom wrote this run",
        "The version counts up when the meaning of a file changes.",
        "Install the newest Layerloom; the run is left as it is.",
        Exit.RUN,
    ),
    "run-name-unfit": Code(
        "A run can't be called that",
        "A name is one line, so that it fits a table and a legend.",
        "A name with a line's end in it: keep the rest as a note.",
        Exit.RUN,
    ),
    "run-differs": Code(
        "The run was started with something else",
        "A resumed run trains its own graph and recipe on the data that it began with. Anything "
        "else would be a new training under an old name.",
        "The graph was edited since: train it as a new run, without --resume.",
        Exit.RUN,
    ),
}

_CHECKPOINTS = {
    "checkpoint-damaged": Code(
        "A checkpoint is damaged",
        "Its bytes are not those that were written; the checksum tells. Damaged weights are never "
        "trained on; the checkpoint before it is taken instead.",
        "One bit of step-0000000120.safetensors flipped: the run goes on from step 110.",
        Exit.CHECKPOINT,
    ),
    "checkpoint-lost": Code(
        "No checkpoint can be loaded",
        "A run keeps its last two checkpoints and its best one, and none of them is whole.",
        "The disk is failing: copy what is left, and train again elsewhere.",
        Exit.CHECKPOINT,
    ),
    "checkpoint-missing": Code(
        "The run has no checkpoint yet",
        "The first one is written after the first epoch, or as the recipe says.",
        "It was stopped within seconds: train again without --resume.",
        Exit.CHECKPOINT,
    ),
    "weights-partly": Code(
        "Some weights begin anew",
        "A run that begins with the weights of another takes those that agree in name and shape. "
        "Layers that are new, renamed or of another size begin as in any new run.",
        "A Dense of 8 units became one of 16: its kernel and bias begin anew.",
    ),
    "checkpoint-unfit": Code(
        "The checkpoint belongs to another network",
        "Weights are put back by name and shape, all of them or none.",
        "The checkpoint has no dense/kernel: it was saved by another graph.",
        Exit.CHECKPOINT,
    ),
}

_WORDS = {
    "usage": Code(
        "The command was not understood",
        "A command, an option or a value is missing, unknown, or stands in the wrong place. "
        "Nothing was read or written.",
        "engine train p.loom.json without --data: see engine train --help.",
        Exit.USAGE,
    ),
    "internal": Code(
        "Layerloom made a mistake",
        "Something happened that its authors did not expect. A report with all details was kept "
        "in a file, crash.txt in the run folder if there is one; nothing of it was sent anywhere. "
        "Checkpoints are whole, so the run can go on with --resume.",
        "A layer that fails at step 120: report it with crash.txt and the graph file.",
        Exit.INTERNAL,
    ),
    "extra-missing": Code(
        "An optional part is not installed",
        "What few people need is an extra of the package, so that the others need not install it.",
        '--tensorboard without tensorboardX: pip install "layerloom[tensorboard]".',
        Exit.USAGE,
    ),
    "setting-unfit": Code(
        "A setting can't be read",
        "--set takes a field of the recipe and its new value, with a dot before a field within a "
        "field. The value is JSON, or else text; 0,001 is read as 0.001.",
        "--set optimizer.learning_rate=1e-4 --set optimizer=Adam",
        Exit.USAGE,
    ),
    "run-not-live": Code(
        "Nobody trains this run at the moment",
        "A request is taken by the process that trains; a run that has ended or crashed has none.",
        "engine control runs/posts-001 pause after it has finished: resume it first.",
        Exit.RUN,
    ),
    "request-late": Code(
        "A request came too late",
        "An order to pause, stop or save is meant for the moment. One that was given while nobody "
        "trained is not carried out when the run goes on; changed values are.",
        "Stop was asked of a run that had just crashed: resumed, it does not stop again.",
    ),
    "request-unfit": Code(
        "A request to a live run can't be carried out",
        "A live run takes pause, continue, stop, checkpoint, learning_rate, loss_weight and "
        "stopping. Anything else is answered with this finding, and training goes on.",
        '{"kind": "faster"} asks for nothing that a run can do.',
        Exit.USAGE,
    ),
}

CODES: dict[str, Code] = {**_FOLDER, **_CHECKPOINTS, **_WORDS}
