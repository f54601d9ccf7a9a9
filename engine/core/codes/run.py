"""Codes of diagnostics about run folders, checkpoints, commands and control of a live run."""

from engine.core.codes.entry import (
    DiagnosticCode,
    ExitCode,
    checkpoint_code,
    io_code,
    run_code,
    usage_code,
)

_FOLDER = {
    "run-busy": DiagnosticCode(
        "Another process is training in this run folder",
        "Two processes in one folder would overwrite each other's checkpoints. The lock is "
        "released when its process ends, also after a crash.",
        "Wait until the other process has finished, stop it, or use another folder with --run.",
        "Wait for the other training, stop it, or use another folder with --run.",
        ExitCode.BUSY,
    ),
    "run-folder-foreign": run_code(
        "The folder contains other files than a run",
        "A run writes and deletes files in its folder, so the folder has to be new or empty.",
        "--run ~ would mix checkpoints with your files: use --run ~/runs/first.",
        "Use a new or an empty folder.",
    ),
    "run-exists": run_code(
        "There is a run in that folder already",
        "A run is not overwritten; a new training needs a new folder.",
        "--run runs/posts-001 a second time: add --resume to resume it, or omit --run.",
        "Resume it with --resume, or omit --run.",
    ),
    "run-missing": run_code(
        "There is no run in that folder",
        "A run folder contains a run.json, which is written before the first step.",
        "engine report runs: name one of the folders in it, runs/posts-001.",
        "Name a run folder; `engine runs` lists them.",
    ),
    "run-broken": run_code(
        "A file of the run is damaged",
        "run.json describes what was trained. It is written once, and can't be read.",
        "run.json is truncated after a copy: copy the folder again.",
        "Copy the run folder again from where it came from.",
    ),
    "run-newer": run_code(
        "The run was written by a newer version of Layerloom",
        "The version number increases when the meaning of a file changes.",
        "Install the newest Layerloom; the run is not changed.",
        "Install the newest Layerloom.",
    ),
    "run-name-unfit": run_code(
        "Invalid name of a run",
        "A name is one line of limited length, so that it fits into tables and legends.",
        "A name with a line break: use a note for the rest.",
        "Use a short name on one line.",
    ),
    "run-differs": run_code(
        "The graph, recipe or data differs from that of the run",
        "A resumed run continues with its own, and all processes train the same; with any other it "
        "would be a different training.",
        "The graph was edited since: train it as a new run, without --resume.",
        "Omit the file to resume the run with its own graph, or train a new run.",
    ),
}

_CHECKPOINTS = {
    "checkpoint-damaged": checkpoint_code(
        "A checkpoint is damaged",
        "Its checksum does not match, so the file was changed after it was written. Damaged "
        "weights are never used; the previous checkpoint is loaded instead.",
        "One bit of step-0000000120.safetensors flipped: the run resumes from step 110.",
        "Nothing for this run; check the disk.",
    ),
    "checkpoint-lost": checkpoint_code(
        "No checkpoint can be loaded",
        "A run keeps its last two checkpoints and its best one; all of them are damaged.",
        "The disk is failing: copy the remaining files, and train again on another disk.",
        "Restore the run folder from a backup, or train again.",
    ),
    "checkpoint-missing": checkpoint_code(
        "The run has no checkpoint yet",
        "The first one is written after the first epoch, or as set in the recipe.",
        "It was stopped after a few seconds: train again without --resume.",
        "Train until there is a checkpoint, or resume with --resume.",
    ),
    "weights-partly": DiagnosticCode(
        "Some weights keep their initial values",
        "A warm start copies the weights that agree in name and shape with those of the other run. "
        "The weights of new, renamed or resized layers are initialized as in any new run.",
        "A Dense of 8 units became one of 16: its kernel and bias keep their initial values.",
        "Nothing, if these are the layers that were changed.",
    ),
    "checkpoint-unfit": checkpoint_code(
        "The checkpoint belongs to another network",
        "All weights have to match the network in name and shape; otherwise none is loaded.",
        "The checkpoint has no dense/kernel: it was saved by another graph.",
        "Use the weights with the graph that they were trained with.",
    ),
}

_COMMANDS = {
    "usage": usage_code(
        "Invalid command line",
        "A command, option or value is missing, unknown or misplaced. Nothing was read or written.",
        "engine train p.loom.json without --data: see engine train --help.",
        "See the command's --help.",
    ),
    "internal": DiagnosticCode(
        "Unexpected error: a bug in Layerloom",
        "A report with all details was saved in a file, crash.txt in the run folder if there is "
        "one; nothing was sent anywhere. Checkpoints are intact, so the run can be resumed with "
        "--resume.",
        "A layer that fails at step 120: report it with crash.txt and the graph file.",
        "Report it with the crash report; a run can be resumed with --resume.",
        ExitCode.INTERNAL,
    ),
    "extra-missing": usage_code(
        "An optional package is not installed",
        "Rarely needed features are extras of the package, which are installed separately.",
        '--tensorboard without tensorboardX: pip install "layerloom[tensorboard]".',
        "Install the named extra.",
    ),
    "setting-unfit": usage_code(
        "A setting can't be read",
        "--set takes a field of the recipe and its new value, with a dot between a field and its "
        "inner field. The value is JSON, or else a string; 0,001 is read as 0.001.",
        "--set optimizer.learning_rate=1e-4 --set optimizer=Adam",
        "Write --set FIELD=VALUE with a field of the recipe.",
    ),
    "run-not-live": run_code(
        "The run is not training at the moment",
        "Requests are handled by the training process; a run that has ended or crashed has none.",
        "engine control runs/posts-001 pause after it has finished: resume it first.",
        "Resume the run first: --resume.",
    ),
    "request-late": DiagnosticCode(
        "A control request came too late",
        "A request to pause, stop or save that was made while the run was not training is ignored "
        "when the run resumes; changed values are applied.",
        "Stop was requested just after a crash: the resumed run does not stop.",
        "Send the request again.",
    ),
    "prediction-unfit": usage_code(
        "Probabilities or intervals are missing, or may not hold",
        "Probabilities exist for classes and labels that are trained with a cross-entropy, "
        "intervals for numbers, with at least 30 validation rows, or more for a high level. A "
        "request for them leaves out the other outputs. Intervals hold for rows like the "
        "validation rows; after a split by time, rows to predict are later ones, and may differ.",
        "engine predict RUN --data D --out F --probabilities, with an output trained with hinge.",
        "Nothing, or request other columns.",
    ),
    "request-unfit": usage_code(
        "Invalid control request to a live run",
        "The requests are pause, continue, stop, checkpoint, learning_rate, loss_weight and "
        "stopping. Any other request gives this diagnostic, and training continues.",
        '{"kind": "faster"} is not a request.',
        "Send one of the listed requests with a valid value.",
    ),
}

_MACHINES = {
    "host-unreachable": io_code(
        "A host can't be reached over ssh without a prompt",
        "The host is switched off or has another name, or it prompts for a password or to "
        "accept its key. "
        "The connection has to be possible without prompts, so that it can be restored whenever "
        "it is lost. Keys and options are set in the configuration of ssh.",
        "--on gpu-box asks for a password: ssh-copy-id gpu-box.",
        "Type `ssh HOST true`, and change ~/.ssh/config until it does not prompt.",
    ),
    "host-unprepared": usage_code(
        "A host is not prepared for training",
        "Both machines need the programs ssh and rsync, and the same version of Layerloom. The "
        "remote folder has to be writable, with space for the data.",
        "The host has layerloom 0.1.0: install the version that the diagnostic names.",
        "Type the line that the diagnostic names.",
    ),
    "remote-crashed": io_code(
        "Training on another machine ended without a result",
        "Its process was killed, or the machine was switched off. Checkpoints there are intact.",
        "The host was restarted: engine train --run runs/posts-001 --resume.",
        "Resume the run with --resume.",
    ),
}

CODES: dict[str, DiagnosticCode] = {**_MACHINES, **_FOLDER, **_CHECKPOINTS, **_COMMANDS}
