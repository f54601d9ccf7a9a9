"""A training process that writes far too many events, some of them invalid."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

from engine.events import RunFinished, StepsDone, parse_event
from engine.runs.log.event_log import EVENTS_FILE as EVENTS
from engine.runs.log.lock import RunLock

RATE = 10_000  # lines a second
GARBAGE = (
    b"\xff\xfe", b'{"kind": "future"}', b'{"kind": "step-done", "step": NaN}', b"null", b"",
    b"\0" * 40, b"{" * 3000, b'{"kind": "steps-done", "from": -1, "to": 1e300}', b'"\\ud800"',
)  # fmt: skip
LONG = b"x" * 99_999


def flood(place: str, seconds: float, seed: str) -> None:
    """Append lines to the events of a finished run, one in ten of them invalid.

    Prints the number of lines and the last step as JSON, and finishes the run again.
    """
    chosen, events = random.Random(seed), Path(place) / EVENTS
    known = [told for each in events.read_bytes().splitlines() if (told := parse_event(each))]
    last = next(told for told in reversed(known) if isinstance(told, StepsDone))
    losses = dict.fromkeys(last.losses, (0.5,))
    step, number = last.last, 0
    began = time.monotonic()
    with RunLock(Path(place)), events.open("ab", buffering=0) as file:
        for tenth in range(int(10 * seconds)):
            lines = []
            for _ in range(RATE // 10):
                number += 1
                if number % 10 == 0:
                    lines.append(LONG if chosen.random() < 0.001 else chosen.choice(GARBAGE))
                    continue
                step += 1
                told = StepsDone(
                    first=step, last=step, epoch=3, loss=(0.5,), losses=losses, learning_rate=(0.1,)
                )
                lines.append(
                    told.with_stamp(number + 9999, "", time.monotonic(), 1).to_json().encode()
                )
            file.write(b"\n".join(lines) + b"\n")
            time.sleep(max(0.0, began + (tenth + 1) / 10 - time.monotonic()))
        end = RunFinished(step=step, epoch=3, seconds=1.0)
        file.write(
            end.with_stamp(number + 99_999, "", time.monotonic(), 1).to_json().encode() + b"\n"
        )
    print(json.dumps({"lines": number, "step": step, "seconds": time.monotonic() - began}))
