"""Every event survives its line, and no line makes a reader stumble."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine import events
from engine.events import (
    EVENT_TYPES,
    MAX_LINE_BYTES,
    BestFound,
    CheckpointSaved,
    ControlTaken,
    EpochDone,
    Heartbeat,
    OutputInfo,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
    RunStopped,
    StepsDone,
    UnknownEvent,
    Warned,
    parse_event,
)

floats = st.floats()
floats_of_json = st.floats(allow_nan=False, allow_infinity=False)
counts = st.integers(0, 2**62)
names = st.text(max_size=8)
scores = st.dictionaries(names, floats, max_size=3)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@st.composite
def steps(draw):
    count, first = draw(st.integers(1, 5)), draw(st.integers(1, 2**40))
    array = st.lists(floats, min_size=count, max_size=count).map(tuple)
    return StepsDone(
        first=first, last=first + count - 1, epoch=draw(counts), loss=draw(array),
        losses=draw(st.dictionaries(names, array, max_size=3)),
        learning_rate=draw(array), grad_norm=draw(array | st.just(())),
    )  # fmt: skip


heads = st.builds(
    OutputInfo,
    name=names,
    loss=names,
    weight=floats,
    metrics=st.lists(names, max_size=2).map(tuple),
    unit=names,
)
said = st.one_of(
    st.builds(
        RunStarted, run_id=names, versions=st.dictionaries(names, names, max_size=2),
        device=names, threads=counts, steps_per_epoch=counts, epochs=counts,
        outputs=st.lists(heads, max_size=2).map(tuple),
    ),
    st.builds(RunResumed, to_step=counts, to_epoch=counts),
    steps(),
    st.builds(EpochDone, epoch=counts, step=counts, train=scores, validation=scores,
              seconds=floats),
    st.builds(CheckpointSaved, step=counts, file=names, bytes=counts, seconds=floats,
              best=st.booleans()),
    st.builds(BestFound, epoch=counts, step=counts, scores=scores, reason=names),
    st.builds(Heartbeat, phase=names, step=counts, memory=counts, dropped=counts),
    st.builds(Warned, diagnostic=st.dictionaries(names, plain, max_size=3)),
    st.builds(ControlTaken, id=names, request=names, step=counts, value=plain, code=names),
    st.builds(RunFinished, step=counts, seconds=floats, reason=names),
    st.builds(RunStopped, step=counts, seconds=floats, reason=names),
    st.builds(RunFailed, step=counts, code=names,
              diagnostic=st.dictionaries(names, plain, max_size=2)),
)  # fmt: skip
events_said = st.builds(
    lambda event, seq, time, mono, attempt: event.with_stamp(seq, time, mono, attempt),
    said, counts, names, floats, counts,
)  # fmt: skip


def refuse(word):
    raise AssertionError(f"bare {word}")


@given(events_said)
def test_an_event_comes_back_from_its_line_to_the_last_bit(event):
    line = event.to_json()
    assert line.isascii()
    assert "\n" not in line
    json.loads(line, parse_constant=refuse)
    back = parse_event(line)
    assert type(back) is type(event)
    assert repr(back) == repr(event)  # NaN is not equal to itself
    assert parse_event(line.encode()).to_json() == line


@given(events_said)
def test_a_line_cut_anywhere_is_no_event(event):
    line = event.to_json().encode()
    for end in range(len(line)):
        assert parse_event(line[:end]) is None


@given(st.binary(max_size=200) | st.text(max_size=200) | plain.map(json.dumps))
def test_whatever_stands_in_a_line_nothing_is_raised(line):
    assert parse_event(line) is None or isinstance(parse_event(line), events.Event)


@given(
    st.sampled_from(sorted(EVENT_TYPES)),
    st.dictionaries(
        st.sampled_from(
            [name for kind in EVENT_TYPES.values() for name in kind.model_fields] + ["from"]
        ),
        plain,
    ),
)
def test_known_kinds_with_any_fields_are_events_or_none(kind, fields):
    parsed = parse_event(json.dumps({**fields, "kind": kind}))
    assert parsed is None or isinstance(parsed, EVENT_TYPES[kind])


def test_every_kind_of_event_is_tried_and_named_in_the_past_tense():
    assert len(EVENT_TYPES) == 12
    for kind in EVENT_TYPES:
        assert kind == "heartbeat" or kind.split("-")[-1] in {
            "started", "resumed", "done", "saved", "found", "warned", "taken", "finished",
            "stopped", "failed",
        }  # fmt: skip


def test_numbers_that_json_does_not_have_are_words():
    line = BestFound(epoch=1, step=2, scores={"loss": math.nan, "a": math.inf, "b": -math.inf})
    assert '"scores":{"loss":"NaN","a":"Infinity","b":"-Infinity"}' in line.to_json()


def test_steps_say_from_and_to():
    event = StepsDone(first=3, last=4, loss=(0.5, 0.25), losses={"age": (1.0, 2.0)})
    fields = json.loads(event.to_json())
    assert (fields["from"], fields["to"], fields["loss"]) == (3, 4, [0.5, 0.25])


@pytest.mark.parametrize(
    "fields",
    [
        {"from": 1, "to": 3, "loss": [1, 2]},
        {"from": 3, "to": 1, "loss": []},
        {"from": 2, "to": 1, "loss": []},
        {"from": 2, "to": 1, "loss": [], "losses": {"age": []}, "penalties": {"age": []}},
        {"from": 1, "to": 1, "loss": [1], "losses": {"age": [1, 2]}},
        {"from": 1, "to": 1, "loss": ["2.5"]},
        {"from": 1, "to": 2, "loss": [1.0, True]},
        {"from": 0, "to": 0, "loss": [1]},
    ],
)
def test_arrays_that_do_not_fit_their_steps_are_no_event(fields):
    """Half a surrogate pair brings in the slower reader."""
    assert parse_event(json.dumps({"kind": "steps-done", **fields})) is None
    assert parse_event(json.dumps({"kind": "steps-done", "time": "\udc80", **fields})) is None
    with pytest.raises(ValidationError):
        StepsDone.model_validate(fields)


def test_steps_that_end_before_they_begin_are_refused_in_words():
    with pytest.raises(ValidationError, match="needs `to` at or after `from`"):
        StepsDone(first=2, last=1, loss=())


def test_what_a_newer_version_says_is_kept():
    line = '{"kind":"tea-made","seq":7,"cups":2,"time":"now","mono":1.5,"attempt":3}'
    event = parse_event(line)
    assert isinstance(event, UnknownEvent)
    assert (event.seq, event.original_kind, event.content["cups"]) == (7, "tea-made", 2)
    assert json.loads(event.to_json()) == json.loads(line)
    known = parse_event('{"kind":"run-resumed","to_step":3,"to_epoch":1,"sugar":true}')
    assert known == RunResumed(to_step=3, to_epoch=1)


def test_a_line_longer_than_a_mebibyte_is_no_event():
    line = Heartbeat(phase="x" * MAX_LINE_BYTES).to_json()
    assert parse_event(line) is None
    assert parse_event("[" * 100_000) is None


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_does_not_have_is_no_event(number):
    """Half a surrogate pair brings in the reader that would take it."""
    line = f'{{"kind": "heartbeat", "step": {number}, "phase": "\\udc80"}}'
    assert parse_event(line) is None
