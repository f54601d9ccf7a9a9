"""Everything that a run can say, one JSON object a line. The run folder's events are the truth.

A reader takes what it knows: fields that it does not know are skipped, kinds that it does not
know become `Unknown`, and a line that is no event is None, never an exception.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite, isnan
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    ValidationError,
    model_validator,
)
from pydantic_core import from_json

from engine.core.float_array import Doubles, as_doubles

PROTOCOL = 1
LONGEST_LINE = 1 << 20  # bytes; a longer one is no event

WORDS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def _number(value: object) -> object:
    """Understand the words that stand for numbers which JSON does not have."""
    return WORDS.get(value, value) if isinstance(value, str) else value


def _numbers(values: object) -> object:
    """Do what `_number` does, for many: a run of a million steps has millions of them."""
    if isinstance(values, (list, tuple)) and str in set(map(type, values)):
        return tuple(_number(value) for value in values)
    return tuple(values) if isinstance(values, list) else values


Number = Annotated[float, BeforeValidator(_number), Field(strict=True)]
Numbers = Annotated[
    Annotated[tuple[Annotated[float, Field(strict=True)], ...], Field(strict=True)]
    | InstanceOf[Doubles],
    Field(union_mode="left_to_right"),
    BeforeValidator(_numbers),
]
Scores = Mapping[str, Number]
Count = Annotated[int, Field(ge=0)]


class Event(BaseModel):
    """Base of all events. What the writer adds stands first.

    Args:
        seq: counts the run's events up by 1, across resumes.
        time: UTC, RFC 3339.
        mono: seconds on a clock that never jumps, to be compared within one attempt.
        attempt: 1, and one more for each resume.
    """

    # Built on first use: a training says few of the kinds, and starts the sooner.
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, defer_build=True)
    kind: ClassVar[str] = ""

    seq: Count = 0
    time: str = ""
    mono: Number = 0.0
    attempt: Count = 1

    def stamped(self, seq: int, time: str, mono: float, attempt: int) -> Self:
        """Return the event as its writer says it."""
        stamp = {"seq": seq, "time": time, "mono": mono, "attempt": attempt}
        return self.model_copy(update=stamp)

    def fields(self) -> dict[str, Any]:
        """Return the event as plain values, floats that JSON does not have as words."""
        plain: dict[str, Any] = _plain(self.model_dump(by_alias=True))
        return {"kind": self.kind, **plain}

    def line(self) -> str:
        """Return the event as one line of JSON in ASCII, without the line's end."""
        return json.dumps(self.fields(), separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, Doubles)):
        return [_plain(item) for item in value]
    return value


class Head(BaseModel):
    """One output, as far as a reader of curves needs to know it.

    Args:
        unit: what errors count in, "standard deviations" while the target is standardised.
        labelled, validation_labelled: rows that have a target; None for all of them.
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
    """A run, or a further attempt at it, is about to take its first step.

    Args:
        split: how rows were held back, in words that go beside every score.
        native: whether compiled kernels compute what they can.
        native_why: why they do not, where they could.
    """

    kind = "run-started"
    protocol: Count = PROTOCOL
    run_id: str
    pid: Count = 0
    versions: Mapping[str, str] = Field(default_factory=dict)
    device: str = ""
    precision: str = ""
    threads: Count = 0
    rows: Count = 0
    validation_rows: Count = 0
    steps_per_epoch: Count = 0
    epochs: Count = 0
    split: str = ""
    native: bool = False
    native_why: str = ""
    outputs: tuple[Head, ...] = ()


class RunResumed(Event):
    """A checkpoint was loaded; what earlier attempts said of later steps and epochs is void.

    Args:
        to_step: steps that the checkpoint has behind it.
        to_epoch: whole epochs that it has behind it.
    """

    kind = "run-resumed"
    to_step: Count
    to_epoch: Count


class StepsDone(Event):
    """Steps `first` to `last` were taken; each array has one value for each of them.

    Args:
        first, last: steps, counted from 1; "from" and "to" in the line.
        loss: the total.
        losses: by output, its loss before the weight.
        penalties: by node and weight, what a regulariser added to the total, and by output and
            "uncertainty" what learned weights added.
        weights: by output, what its loss was multiplied by, where that changes while training.
        learning_rate: the one that the step used.
        grad_norm: length of the whole gradient, where it is measured.
    """

    kind = "steps-done"
    first: Annotated[int, Field(ge=1, alias="from")]
    last: Annotated[int, Field(ge=1, alias="to")]
    epoch: Count = 0
    loss: Numbers
    losses: Mapping[str, Numbers] = Field(default_factory=dict)
    penalties: Mapping[str, Numbers] = Field(default_factory=dict)
    weights: Mapping[str, Numbers] = Field(default_factory=dict)
    learning_rate: Numbers = ()
    grad_norm: Numbers = ()

    @model_validator(mode="after")
    def _one_value_a_step(self) -> Self:
        if self.last < self.first:
            raise ValueError("needs `to` at or after `from`")
        count = self.last - self.first + 1
        named = (self.losses, self.penalties, self.weights)
        always = (self.loss, *(numbers for part in named for numbers in part.values()))
        measured = (numbers for numbers in (self.learning_rate, self.grad_norm) if numbers)
        if any(len(numbers) != count for numbers in (*always, *measured)):
            raise ValueError(f"needs {count} values in each array")
        return self


class EpochDone(Event):
    """A pass over the training rows is over; `validation` is empty where there are no such rows.

    Args:
        epoch: counted from 1.
        step: the last step in it.
        train, validation: "loss", "OUTPUT/loss" and "OUTPUT/METRIC". The total counts by the
            outputs' own weights, whatever they were multiplied by while training.
        weights: by output, what its loss is multiplied by from now on, where that changes.
        seconds: that the epoch took, with its validation.
    """

    kind = "epoch-done"
    epoch: Count
    step: Count
    train: Scores
    validation: Scores = Field(default_factory=dict)
    weights: Scores = Field(default_factory=dict)
    seconds: Number = 0.0


class CheckpointSaved(Event):
    """The run can be resumed from this step."""

    kind = "checkpoint-saved"
    step: Count
    epoch: Count = 0
    file: str
    bytes: Count = 0
    seconds: Number = 0.0
    best: bool = False


class BestFound(Event):
    """An epoch is the best so far."""

    kind = "best-found"
    epoch: Count
    step: Count
    scores: Scores = Field(default_factory=dict)
    reason: str = ""


class Heartbeat(Event):
    """The process lives, whatever else is silent.

    Args:
        phase: what it is busy with.
        memory: bytes of main memory in use.
        device_memory: bytes of the device's memory in use.
        rows_a_second: training rows taken in a second, lately; 0 while none are.
        dropped: lines that a slow reader of stdout missed so far.
    """

    kind = "heartbeat"
    phase: str = ""
    step: Count = 0
    memory: Count = 0
    device_memory: Count = 0
    rows_a_second: Number = 0.0
    dropped: Count = 0


class Warned(Event):
    """Something is worth a look; the run goes on. `diagnostic` is Diagnostic.to_dict()."""

    kind = "warned"
    diagnostic: Mapping[str, Any]


class ControlTaken(Event):
    """A request to the live run was answered: carried out, or refused with a code.

    Args:
        id: of the request; a resumed run says it again where it takes a lost step again.
        request: the request's kind.
        step: steps that were done; it counts from the next one on.
        value: what was asked for.
        before: what stood there until now.
        anew: whether the best epoch is looked for anew, since other scores would be compared.
        code, diagnostic: why it was refused, else empty.
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
    """Base of the three ends of an attempt.

    Args:
        step: steps done.
        epoch: whole epochs done.
        seconds: that the run has taken, all attempts together.
    """

    step: Count = 0
    epoch: Count = 0
    seconds: Number = 0.0


class RunFinished(RunEnded):
    """All epochs are done, or the stopping rule ended the run; `reason` says which."""

    kind = "run-finished"
    reason: str = ""


class RunStopped(RunEnded):
    """A person or the system asked for the end; the run can be resumed."""

    kind = "run-stopped"
    reason: str = ""


class RunFailed(RunEnded):
    """The run can't go on."""

    kind = "run-failed"
    code: str
    diagnostic: Mapping[str, Any] = Field(default_factory=dict)


class Unknown(Event):
    """An event of a kind that only a newer version knows, kept as it is."""

    kind = "unknown"
    said: str
    more: Mapping[str, Any] = Field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """Return what was read, unchanged but for the stamp."""
        stamp = {name: _plain(getattr(self, name)) for name in Event.model_fields}
        return {**_plain(self.more), "kind": self.said, **stamp}


KINDS: Mapping[str, type[Event]] = {
    cls.kind: cls
    for cls in (
        RunStarted, RunResumed, StepsDone, EpochDone, CheckpointSaved, BestFound, Heartbeat,
        Warned, ControlTaken, RunFinished, RunStopped, RunFailed,
    )
}  # fmt: skip


def parse(line: str | bytes) -> Event | None:
    """Return the event that a line holds, None if it holds none. Takes anything, raises nothing."""
    if len(line) > LONGEST_LINE:
        return None
    try:
        said = _json(line)
        if not isinstance(said, dict) or not isinstance(said.get("kind"), str):
            return None
        kind = said["kind"]
        if kind not in KINDS:
            return Unknown(**_stamp(said), said=kind, more=said)
        if kind == StepsDone.kind:
            said = {name: as_doubles(value) for name, value in said.items()}
        return KINDS[kind].model_validate(said)
    except (ValueError, RecursionError, ValidationError):
        return None


def _stamp(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in Event.model_fields if name in said}


def _json(line: str | bytes) -> Any:
    """Return the value that a line of JSON says.

    Why: pydantic's parser is three times as fast, and refuses half a surrogate pair, which a
        broken file name has.
    """
    try:
        return from_json(line, allow_inf_nan=False)
    except ValueError:
        text = line.decode() if isinstance(line, bytes) else line  # never UTF-16
        return json.loads(text, parse_constant=_refuse)


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is no JSON")
