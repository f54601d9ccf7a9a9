"""Takes what people ask of a live run, and carries it out between two steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from engine.core.diagnostic import Diagnostic, Refused
from engine.events import ControlTaken, Event, Heartbeat
from engine.runs.control.requests import ORDERS, Request, Requests, too_late
from engine.runtime.training.live_changes import dials_of, turn

if TYPE_CHECKING:
    from engine.runtime.training.loop import Training

EVERY = 1 / 20  # seconds between two looks at the requests
BEAT = 2.0  # seconds after which a sign of life is due
ASKED = "a person asked for it"
_LONG = 300  # letters that are told of what a request brought along


class Live:
    """The requests to one attempt at a run.

    Args:
        take: answers the requests that came since the last call.
        again: changes that an earlier attempt, or an equal run, made; each is made again after the
            step after which it was made then.
        late: orders that were given before this attempt began; they are answered, not carried out.
    """

    def __init__(
        self,
        take: Callable[[], list[Request]],
        again: Iterable[ControlTaken] = (),
        late: Iterable[Request] = (),
    ) -> None:
        self._take = take
        self._again = sorted(again, key=lambda taken: taken.step)
        self._late = list(late)
        self._looked = 0.0
        self.paused = False
        self.stop = ""

    def due(self, step: int) -> bool:
        """Return whether it is time to look; asked after every step, so it has to be quick."""
        if self._late or (self._again and self._again[0].step <= step):
            return True
        return time.monotonic() - self._looked >= EVERY

    def attend(self, training: Training) -> Iterator[Event]:
        """Carry out what is asked for now, and wait here for as long as the run is paused.

        Yields:
            A ControlTaken for each request, and while it waits a Heartbeat now and then.
        """
        while self._late:
            request = self._late.pop(0)
            yield _refused(request, training.progress.step, too_late(request))
        while self._again and self._again[0].step <= training.progress.step:
            taken = self._again.pop(0)
            yield self._carried_out(training, Request(taken.id, taken.request, taken.value))
        yield from self._look(training)
        if self.paused:
            yield from self._wait(training)

    def _look(self, training: Training) -> Iterator[Event]:
        self._looked = time.monotonic()
        for request in self._take():
            yield self._carried_out(training, request)

    def _wait(self, training: Training) -> Iterator[Event]:
        """Wait until somebody lets the run go on, or ends it; the time does not count."""
        began = beat = time.monotonic()
        while self.paused and not self.stop:
            time.sleep(EVERY)
            self.stop = training.stop()
            yield from self._look(training)
            if time.monotonic() - beat >= BEAT:
                beat = time.monotonic()
                yield Heartbeat(phase="paused", step=training.progress.step)
        training.idle += time.monotonic() - began

    def _carried_out(self, training: Training, request: Request) -> ControlTaken:
        step = training.progress.step
        dials = dials_of(training)
        try:
            turned = dials.turned(request, training.score_names())
        except Refused as refusal:
            return _refused(request, step, refusal.diagnostics[0])
        anew = False
        if request.kind in ORDERS:
            self._order(request)
        else:
            anew = turn(training, turned)
            training.taken.append(request.id)
        return ControlTaken(
            id=request.id,
            request=request.kind,
            step=step,
            value=turned.value(request),
            before=dials.value(request),
            anew=anew,
        )

    def _order(self, request: Request) -> None:
        if request.kind in ("pause", "continue"):
            self.paused = request.kind == "pause"
        elif request.kind == "stop":
            self.stop = ASKED  # a checkpoint is saved by whoever keeps the run


def _refused(request: Request, step: int, why: Diagnostic) -> ControlTaken:
    return ControlTaken(
        id=request.id[:100],
        request=request.kind[:100],
        step=step,
        value=_short(request.value),
        code=why.code,
        diagnostic={**{name: _short(said) for name, said in why.to_dict().items()}, **_fixes(why)},
    )


def _short(value: Any) -> Any:
    """Keep what fits nothing, and the words about it, from filling the event stream."""
    return value if len(repr(value)) <= _LONG else f"{str(value)[:_LONG]}…"


def _fixes(why: Diagnostic) -> dict[str, Any]:
    """Return the ways out that are short enough to be told."""
    fixes = [fix for fix in why.to_dict().get("fixes", ()) if len(repr(fix)) <= 3 * _LONG]
    return {"fixes": fixes} if fixes else {}


def live_of(
    requests: Requests, earlier: Sequence[Event] = (), again: Iterable[ControlTaken] = ()
) -> Live:
    """Return the requests to an attempt that is about to begin.

    Args:
        requests: to this run.
        earlier: what earlier attempts said. Orders that came since the last of them ended are too
            late; changes that came meanwhile hold from the start.
        again: changes to make again, each after its step.
    """
    waiting = requests.take() if earlier else []
    late = [request for request in waiting if request.kind in ORDERS]
    first = [request for request in waiting if request.kind not in ORDERS]

    def take() -> list[Request]:
        found, first[:] = [*first, *requests.take()], []
        return found

    return Live(take, again, late)


def changes(events: Iterable[Event], known: Collection[str] = ()) -> list[ControlTaken]:
    """Return the changes that a run made, in order, each once.

    Args:
        events: what it said. After a resume it made some of them again, under the same id.
        known: the ids of those to leave out.
    """
    made: dict[str, ControlTaken] = {}
    for event in events:
        if isinstance(event, ControlTaken) and not event.code and event.request not in ORDERS:
            made[event.id] = event
    return [taken for id, taken in made.items() if id not in known]
