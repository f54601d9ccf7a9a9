"""Events are appended whole, go on after a kill at any byte, and are read as they come."""

import threading
from pathlib import Path

import pytest

from engine.events import MAX_LINE_BYTES, ControlTaken, Heartbeat, RunStarted, StepsDone
from engine.runs.control.requests import RequestQueue, append_request
from engine.runs.log.append_log import LogTail, last_lines
from engine.runs.log.event_log import (
    EVENTS_FILE,
    EventReader,
    EventWriter,
    events_end,
    last_event,
    read_events,
)
from engine.runs.log.step_buffer import StepBuffer, TrainingStep

ROOT = Path(__file__).parents[4]


def test_events_are_numbered_across_attempts(tmp_path):
    for attempt in (1, 2, 3):
        with EventWriter(tmp_path) as writer:
            assert writer.attempt == attempt
            first = writer.write(RunStarted(run_id="é\n"))
            second = writer.write(Heartbeat(step=attempt))
            writer.sync()
        assert second.seq == first.seq + 1 == 2 * attempt
    events = list(read_events(tmp_path))
    assert [event.seq for event in events] == [1, 2, 3, 4, 5, 6]
    assert [event.attempt for event in events] == [1, 1, 2, 2, 3, 3]
    assert events[0].run_id == "é\n"
    assert events[0].time.endswith("Z")
    assert last_event(tmp_path) == events[-1]


def test_a_file_torn_at_any_byte_is_cut_to_its_last_whole_line(tmp_path):
    with EventWriter(tmp_path) as writer:
        for step in range(2):
            writer.write(Heartbeat(step=step))
    file = tmp_path / "events.jsonl"
    whole = file.read_bytes()
    for size in range(len(whole) + 1):
        file.write_bytes(whole[:size])
        lines = whole[:size].count(b"\n")
        assert [event.step for event in read_events(tmp_path)] == list(range(lines))
        with EventWriter(tmp_path) as writer:
            written = writer.write(Heartbeat(step=99))
        assert written.seq == lines + 1
        assert [event.step for event in read_events(tmp_path)] == [*range(lines), 99]


def test_a_reader_takes_what_came_since_and_waits_for_the_end_of_a_line(tmp_path):
    reader = EventReader(tmp_path)
    assert reader.read_new() == []
    with EventWriter(tmp_path) as writer:
        first = writer.write(Heartbeat(step=1))
        assert reader.read_new() == [first]
        line = Heartbeat(step=2).to_json().encode()
        with open(tmp_path / "events.jsonl", "ab") as file:
            file.write(line[:10])
            file.flush()
            assert reader.read_new() == []
            file.write(line[10:] + b"\nno event\n")
            file.flush()
            assert [event.step for event in reader.read_new()] == [2]
        assert EventReader(tmp_path, reader.offset).read_new() == []


@pytest.mark.parametrize("limit", [1, 50, 10_000])
def test_a_reader_with_any_limit_reads_everything_once(tmp_path, limit):
    with EventWriter(tmp_path) as writer:
        for step in range(20):
            writer.write(Heartbeat(step=step, phase="x" * step))
    reader, steps = EventReader(tmp_path), []
    while taken := reader.read_new(limit):
        steps += [event.step for event in taken]
    assert steps == list(range(20))


def test_the_last_lines_of_a_long_file_are_whole(tmp_path):
    path = tmp_path / "long"
    path.write_bytes(b"".join(b"%07d\n" % number for number in range(200_000)) + b"torn")
    assert last_lines(path, 2) == [b"0199998", b"0199999"]
    assert last_lines(tmp_path / "none") == []
    assert all(len(line) == 7 for line in last_lines(path, 10**6))


def test_threads_share_a_writer(tmp_path):
    with EventWriter(tmp_path) as writer:

        def write():
            for _ in range(100):
                writer.write(Heartbeat(phase="y" * 200))

        threads = [threading.Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [event.seq for event in read_events(tmp_path)] == list(range(1, 401))


def step_done(step, epoch=1, loss=1.0, losses=None, penalties=None, weights=None):
    return TrainingStep(step, epoch, loss, losses or {}, penalties or {}, weights or {}, 0.1, 0.5)


def test_steps_are_merged_until_they_are_taken():
    buffer = StepBuffer()
    assert buffer.flush() is None
    for step in (1, 2, 3):
        assert buffer.add(step_done(step, 1, float(step), {"age": 2.0 * step})) is None
    event = buffer.flush()
    assert event == StepsDone(
        first=1, last=3, epoch=1, loss=(1.0, 2.0, 3.0), losses={"age": (2.0, 4.0, 6.0)},
        learning_rate=(0.1, 0.1, 0.1), grad_norm=(0.5, 0.5, 0.5),
    )  # fmt: skip


def test_a_gap_another_epoch_or_a_long_line_begins_a_new_event():
    buffer = StepBuffer()
    buffer.add(step_done(1))
    assert buffer.add(step_done(5)).last == 1
    assert buffer.add(step_done(6, 2)).last == 5
    assert buffer.add(step_done(7, 2, weights={"y": 2.0})).last == 6
    losses = {f"output_{number}": 1 / 3 for number in range(50)}
    longest = [buffer.add(step_done(step, 2, 1 / 3, losses)) for step in range(8, 300)]
    lines = [event.to_json() for event in longest if event is not None]
    assert len(lines) > 2
    assert max(map(len, lines)) < 1 << 16


def test_requests_are_taken_once_and_answered_ones_never_again(tmp_path):
    requests = RequestQueue(tmp_path)
    assert requests.read_new() == []
    first = append_request(tmp_path, "pause")
    second = append_request(tmp_path, "learning_rate", 0.01)
    assert requests.read_new() == [first, second]
    assert requests.read_new() == []
    answered = [ControlTaken(id=first.id, request="pause", step=3)]
    assert RequestQueue(tmp_path, answered).read_new() == [second]


def test_a_torn_or_odd_request_is_passed_over(tmp_path):
    (tmp_path / "control.jsonl").write_text('{"id": 3}\n[]\nnot json\n{"id": "a", "ki')
    first = append_request(tmp_path, "stop")
    assert RequestQueue(tmp_path).read_new() == [first]
    assert len(LogTail(tmp_path / "control.jsonl").read_new()) == 5


@pytest.mark.parametrize("ended", [True, False])
def test_a_line_longer_than_any_event_is_passed_over_in_pieces(tmp_path, ended):
    """Nobody ever holds it whole, and what stands behind it is read."""
    with EventWriter(tmp_path) as writer:
        first = writer.write(Heartbeat(step=1))
    with (tmp_path / EVENTS_FILE).open("ab") as file:
        file.write(b"x" * (3 * MAX_LINE_BYTES) + (b"\n" if ended else b""))
    tail, most = LogTail(tmp_path / EVENTS_FILE), 0
    for _ in range(20):
        most = max([most, *map(len, tail.read_new(1000))])
    assert most < 1000
    assert list(read_events(tmp_path)) == [first]
    with EventWriter(tmp_path) as writer:
        second = writer.write(Heartbeat(step=2))
    assert list(read_events(tmp_path)) == [first, second]
    assert (second.seq, second.attempt) == (2, 2)


def test_the_last_event_is_found_behind_any_number_of_lines_that_are_none(tmp_path):
    with EventWriter(tmp_path) as events:
        told = events.write(Heartbeat(step=1))
    with (tmp_path / EVENTS_FILE).open("ab") as file:
        file.write(b"nonsense\n" * 60)
    assert last_event(tmp_path) == told
    (tmp_path / EVENTS_FILE).write_bytes(b"nonsense\n" * 60)
    assert last_event(tmp_path) is None


def test_the_end_of_events_is_that_of_their_last_whole_line(tmp_path):
    assert events_end(tmp_path) == 0
    (tmp_path / EVENTS_FILE).write_bytes(b"one\ntw")
    assert events_end(tmp_path) == 4


def test_penalties_and_weights_are_merged_with_their_steps():
    buffer = StepBuffer()
    for step in (1, 2):
        buffer.add(step_done(step, penalties={"d/l2": 0.25}, weights={"y": 2.0}))
    told = buffer.flush()
    assert (told.penalties, told.weights) == ({"d/l2": (0.25, 0.25)}, {"y": (2.0, 2.0)})
