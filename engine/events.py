"""The events of a run: one JSON object per line of the run folder's event log.

The event log is the authoritative record of a run. Reading is forward compatible: unknown fields
are ignored, an unknown kind gives an `UnknownEvent`, and a line that isn't an event gives None.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite, isnan
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import from_json

PROTOCOL_VERSION = 1
MAX_LINE_BYTES = 1 << 20  # bytes; a longer line is not parsed

NON_FINITE_NUMBERS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def _number(value: object) -> object:
    """Convert "NaN", "Infinity" and "-Infinity" (not numbers in JSON) to floats; keep the rest."""
    return NON_FINITE_NUMBERS.get(value, value) if isinstance(value, str) else value


def _numbers(values: object) -> object:
    """Return a list as a tuple, with strings such as "NaN" as floats. Return other values as is.

    For speed, `_number` is called only if there are strings in the list.
    """
    if isinstance(values, (list, tuple)) and str in set(map(type, values)):
        return tuple(_number(value) for value in values)
    return tuple(values) if isinstance(values, list) else values


Number = Annotated[float, BeforeValidator(_number), Field(strict=True)]
FloatArray = Annotated[
    tuple[Annotated[float, Field(strict=True)], ...],
    Field(strict=True),
    BeforeValidator(_numbers),
]
Scores = Mapping[str, Number]
Count = Annotated[int, Field(ge=0)]


class Event(BaseModel):
    """Base class of all events. Its fields, the "stamp" of an event, are set by the event writer.

    Args:
        seq: sequence number within the run; a resumed run continues the numbering.
        time: time of writing in UTC, in the format of RFC 3339.
        mono: monotonic clock in seconds; only values of the same attempt are comparable.
        attempt: number of the attempt: 1 for a new run, 1 higher after each resume.
    """

    # Validators are built on first use: most processes use a few of the event types only.
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, defer_build=True)
    kind: ClassVar[str] = ""

    seq: Count = 0
    time: str = ""
    mono: Number = 0.0
    attempt: Count = 1

    def with_stamp(self, seq: int, time: str, mono: float, attempt: int) -> Self:
        """Return a copy of the event with these values as its stamp."""
        stamp = {"seq": seq, "time": time, "mono": mono, "attempt": attempt}
        return self.model_copy(update=stamp)

    def to_dict(self) -> dict[str, Any]:
        """Return the event as a dict for JSON; non-finite floats become strings such as "NaN"."""
        plain: dict[str, Any] = _plain(self.model_dump(by_alias=True))
        return {"kind": self.kind, **plain}

    def to_json(self) -> str:
        """Return the event as one line of ASCII JSON, without a line break."""
        return json.dumps(self.to_dict(), separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


class OutputInfo(BaseModel):
    """The description of an output, for readers of training curves.

    Args:
        unit: unit of the output's errors; "standard deviations" if the target is standardized.
        labelled, validation_labelled: number of training rows and of validation rows that have a
            target for this output; None if all rows have one.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    name: str
    loss: str = ""
    weight: Number = 1.0
    metrics: tuple[str, ...] = ()
    unit: str = ""
    labelled: Count | None = None
    validation_labelled: Count | None = None


class RunStarted(Event):
    """A run was started or resumed, and is about to train its first step.

    Args:
        split: description of the validation split, shown with every score.
        processes: number of processes that train together, each with its own threads.
        native: whether compiled code (native kernels) is used.
        native_why: why compiled code isn't used although the device supports it, else "".
    """

    kind = "run-started"
    protocol: Count = PROTOCOL_VERSION
    run_id: str
    pid: Count = 0
    versions: Mapping[str, str] = Field(default_factory=dict)
    device: str = ""
    precision: str = ""
    threads: Count = 0
    processes: Count = 1
    rows: Count = 0
    validation_rows: Count = 0
    steps_per_epoch: Count = 0
    epochs: Count = 0
    split: str = ""
    native: bool = False
    native_why: str = ""
    outputs: tuple[OutputInfo, ...] = ()

    @property
    def device_text(self) -> str:
        """The devices as text: "cpu", "2 processes (cpu)" or "4 GPUs (cuda)"."""
        kind = self.device.partition(":")[0]
        name = "processes" if kind == "cpu" else "GPUs"
        return f"{self.processes} {name} ({kind})" if self.processes > 1 else self.device

    def to_dict(self) -> dict[str, Any]:
        """Return the event as a dict for JSON; `processes` is left out if there is one."""
        plain = super().to_dict()
        return plain if self.processes > 1 else {k: plain[k] for k in plain if k != "processes"}


class RunResumed(Event):
    """A checkpoint was loaded. Events already logged for later steps and epochs become invalid.

    Args:
        to_step: number of steps completed at the checkpoint.
        to_epoch: number of epochs completed at the checkpoint.
    """

    kind = "run-resumed"
    to_step: Count
    to_epoch: Count


class StepsDone(Event):
    """Steps `first` to `last` are done. Each array has one value per step.

    Args:
        first, last: step numbers, counted from 1; named "from" and "to" in JSON.
        loss: total loss of each step.
        losses: unweighted losses by output name.
        penalties: terms added to the total loss, by "NODE/WEIGHT" for a regularizer and by
            "OUTPUT/uncertainty" for uncertainty weighting.
        weights: loss weights by output name, for outputs whose weight changes in training.
        learning_rate: learning rate of each step.
        grad_norm: global gradient norms; () if they were not measured.
    """

    kind = "steps-done"
    first: Annotated[int, Field(ge=1, alias="from")]
    last: Annotated[int, Field(ge=1, alias="to")]
    epoch: Count = 0
    loss: FloatArray
    losses: Mapping[str, FloatArray] = Field(default_factory=dict)
    penalties: Mapping[str, FloatArray] = Field(default_factory=dict)
    weights: Mapping[str, FloatArray] = Field(default_factory=dict)
    learning_rate: FloatArray = ()
    grad_norm: FloatArray = ()

    @model_validator(mode="after")
    def _check_array_lengths(self) -> Self:
        if self.last < self.first:
            raise ValueError("needs `to` at or after `from`")
        step_count = self.last - self.first + 1
        by_name = (self.losses, self.penalties, self.weights)
        required = (self.loss, *(values for arrays in by_name for values in arrays.values()))
        optional = (values for values in (self.learning_rate, self.grad_norm) if values)
        if any(len(values) != step_count for values in (*required, *optional)):
            raise ValueError(f"needs {step_count} values in each array")
        return self


class EpochDone(Event):
    """An epoch and its validation are done. `validation` is empty without validation rows.

    Args:
        epoch: number of the epoch, counted from 1.
        step: last step of the epoch.
        train, validation: scores by the names "loss" (total loss), "OUTPUT/loss" and
            "OUTPUT/METRIC". The total uses the loss weights of the project file, even if loss
            weighting has changed the weights.
        weights: by output name, the loss weight of the following steps, for those outputs whose
            loss weight changes in training.
        seconds: duration of the epoch, including validation.
    """

    kind = "epoch-done"
    epoch: Count
    step: Count
    train: Scores
    validation: Scores = Field(default_factory=dict)
    weights: Scores = Field(default_factory=dict)
    seconds: Number = 0.0


class CheckpointSaved(Event):
    """A checkpoint was written. The run can be resumed from this step."""

    kind = "checkpoint-saved"
    step: Count
    epoch: Count = 0
    file: str
    bytes: Count = 0
    seconds: Number = 0.0
    best: bool = False


class BestFound(Event):
    """An epoch reached the best value of the monitored score so far."""

    kind = "best-found"
    epoch: Count
    step: Count
    scores: Scores = Field(default_factory=dict)
    reason: str = ""


class Heartbeat(Event):
    """The process is still running. Written at regular intervals if there are no other events.

    Args:
        phase: current activity of the process.
        memory: bytes of main memory in use.
        device_memory: bytes of device memory in use.
        rows_a_second: current training throughput; 0 outside of training steps.
        dropped: number of lines not written to stdout so far, because stdout was read too slowly.
    """

    kind = "heartbeat"
    phase: str = ""
    step: Count = 0
    memory: Count = 0
    device_memory: Count = 0
    rows_a_second: Number = 0.0
    dropped: Count = 0


class Warned(Event):
    """A warning or notice; the run continues. `diagnostic` comes from `Diagnostic.to_dict`."""

    kind = "warned"
    diagnostic: Mapping[str, Any]


class ControlTaken(Event):
    """A control request to the running training was applied, or rejected with a diagnostic.

    Args:
        id: id of the request. Two events have the same id if a resumed run repeats the step of the
            request, and so applies the request again.
        request: kind of the request.
        step: number of steps done so far; the request takes effect with the next step.
        value: requested value.
        before: previous value.
        anew: whether the best epoch was reset, because scores before and after the request can't
            be compared.
        code, diagnostic: why the request was rejected; empty if it was applied.
    """

    kind = "control-taken"
    id: str
    request: str
    step: Count
    value: Any = None
    before: Any = None
    anew: bool = False
    code: str = ""
    diagnostic: Mapping[str, Any] = Field(default_factory=dict)


class RunEnded(Event):
    """Base class of the three events that end an attempt: RunFinished, RunStopped, RunFailed.

    Args:
        step: number of completed steps of the run, in all attempts.
        epoch: number of completed epochs of the run, in all attempts.
        seconds: training time of all attempts together.
    """

    step: Count = 0
    epoch: Count = 0
    seconds: Number = 0.0


class RunFinished(RunEnded):
    """The run is complete: all epochs are done, or early stopping ended it (see `reason`)."""

    kind = "run-finished"
    reason: str = ""


class RunStopped(RunEnded):
    """The run was stopped by the user or the system; it can be resumed."""

    kind = "run-stopped"
    reason: str = ""


class RunFailed(RunEnded):
    """The run ended with an error."""

    kind = "run-failed"
    code: str
    diagnostic: Mapping[str, Any] = Field(default_factory=dict)


class UnknownEvent(Event):
    """An event of a kind that this version does not know; its content is kept unchanged."""

    kind = "unknown"
    original_kind: str
    content: Mapping[str, Any] = Field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the dict that was read, with this object's stamp: seq, time, mono and attempt."""
        stamp = {name: _plain(getattr(self, name)) for name in Event.model_fields}
        return {**_plain(self.content), "kind": self.original_kind, **stamp}


EVENT_TYPES: Mapping[str, type[Event]] = {
    cls.kind: cls
    for cls in (
        RunStarted, RunResumed, StepsDone, EpochDone, CheckpointSaved, BestFound, Heartbeat,
        Warned, ControlTaken, RunFinished, RunStopped, RunFailed,
    )
}  # fmt: skip


def parse_event(line: str | bytes) -> Event | None:
    """Return the event in a line of the event log, or None if the line isn't an event."""
    if len(line) > MAX_LINE_BYTES:
        return None
    try:
        content = _parse_json(line)
        if not isinstance(content, dict) or not isinstance(content.get("kind"), str):
            return None
        kind = content["kind"]
        if kind not in EVENT_TYPES:
            stamp = {name: content[name] for name in Event.model_fields if name in content}
            return UnknownEvent(**stamp, original_kind=kind, content=content)
        return EVENT_TYPES[kind].model_validate(content)
    except (ValueError, RecursionError, ValidationError):
        return None


def _parse_json(line: str | bytes) -> Any:
    """Return the value of a line of JSON.

    Why: pydantic's parser is three times as fast as `json`, but rejects lone surrogates, which
        undecodable file names contain. Rejected lines are parsed by `json`.
    """
    try:
        return from_json(line, allow_inf_nan=False)
    except ValueError:
        text = line.decode() if isinstance(line, bytes) else line  # never UTF-16
        return json.loads(text, parse_constant=_reject_constant)


def _reject_constant(constant: str) -> float:
    raise ValueError(f"{constant} is not valid JSON")
