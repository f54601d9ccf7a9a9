"""The ranks of a training: the processes that train one network together, and their sums."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import chain, islice
from typing import Any, TypeVar, cast

import torch
from torch import Tensor

from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_from_dict
from engine.core.exceptions import diagnostic_from_exception
from engine.launch.torchrun import RankLostError, current_rank

S = TypeVar("S")
T = TypeVar("T")

_BUCKET_BYTES = 25 * 2**20  # as in torch's DistributedDataParallel
TIMEOUT = timedelta(minutes=1)
PREPARATION_TIMEOUT = timedelta(days=1)


class ProcessGroup:
    """The ranks of a training. This class is the group of a single process.

    Attributes:
        rank: number of this process, counted from 0. Rank 0 records the run.
        size: number of ranks.
        patient: their torch.distributed process group for what may take one rank much longer than
            another, such as preparing the data; None for a single process.
    """

    rank, size = 0, 1
    patient: Any = None

    def all_reduce(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor in place by its sum over all ranks."""

    def sum_over_ranks(self, tensor: Tensor) -> Tensor:
        """Return the sum of a tensor over all ranks, with its derivative.

        The total loss is a sum over ranks too, so the gradient is also summed over all ranks.
        """
        return tensor

    def broadcast(self, value: T) -> T:
        """Return the value that rank 0 passes, on every rank."""
        return value

    def decide(self, condition: bool) -> bool:
        """Return the condition that rank 0 passes, on every rank; faster than `broadcast`."""
        return condition

    def gather(self, value: T) -> list[T]:
        """Return the values of all ranks, by rank."""
        return [value]

    def wait(self) -> None:
        """Return once all ranks have called this, which may take one of them hours."""

    def agree(self, prepare: Callable[[], T]) -> T:
        """Return the result of `prepare`, once it has succeeded on all ranks.

        Raises:
            DiagnosticError: on all ranks, that of the first rank on which `prepare` failed.
        """
        return prepare()

    def map(self, function: Callable[[S], T], items: Iterable[S]) -> Iterator[tuple[S, T]]:
        """Yield all items with their results, on rank 0 only; each rank computes some of them."""
        return ((item, function(item)) for item in items)

    def set_failure(self, diagnostic: Diagnostic) -> None:
        """Set why this rank can't continue; the RankLostError of the others has it."""

    def failure(self) -> Diagnostic | None:
        """Return why another rank can't continue; None if all can, or if it was lost."""
        return None


SINGLE_PROCESS = ProcessGroup()


@contextmanager
def connected_group() -> Iterator[ProcessGroup]:
    """Connect this process to the others that torchrun started, if any; yield the group.

    Why: a lost process is reported after a minute instead of torch's thirty.
    """
    if current_rank().size == 1:
        yield SINGLE_PROCESS
        return
    from torch import distributed
    from torch.distributed.rendezvous import rendezvous

    # Objects and numbers are exchanged on the CPU, gradients where they are.
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    try:
        store, rank, size = next(rendezvous("env://", timeout=TIMEOUT))
        name = _agree_on_name(store, rank, size)
        store = distributed.PrefixStore(name, store)  # type: ignore[attr-defined]
        distributed.init_process_group(
            backend, store=store, rank=rank, world_size=size, timeout=TIMEOUT
        )
        group = TorchProcessGroup(store)
    except RuntimeError as error:
        raise RankLostError(f"the ranks can't connect: {error}"[:200]) from error
    try:
        yield group
    except RankLostError:
        raise
    except Exception as error:
        group.set_failure(diagnostic_from_exception(error))
        raise
    finally:
        distributed.destroy_process_group()


def _agree_on_name(store: Any, rank: int, size: int) -> str:
    """Return a name that all ranks of this start, and no others, return.

    Why: restarted ranks must not find the addresses of lost ones in the store. The launchers of
        several machines do not count the same restarts.
    """
    store.set(f"rank-{rank}", secrets.token_hex(8))
    agreed, deadline = "", time.monotonic() + TIMEOUT.total_seconds()
    while time.monotonic() < deadline:
        # A rank that is not started yet has the token of a lost one, which agrees on nothing.
        name = "".join(store.get(f"rank-{other}").decode() for other in range(size))
        if store.add(name, int(name != agreed)) == size:
            return name
        agreed = name
        time.sleep(0.02)
    raise RuntimeError("not all of them have started")


class TorchProcessGroup(ProcessGroup):
    """The default process group of torch.distributed, which has been initialized.

    Args:
        store: the store of torch.distributed with which the ranks have found each other.
    """

    def __init__(self, store: Any) -> None:
        from torch import distributed

        self._torch, self._store = distributed, store
        self.rank, self.size = distributed.get_rank(), distributed.get_world_size()
        self.patient = distributed.new_group(backend="gloo", timeout=PREPARATION_TIMEOUT)

    def all_reduce(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor in place by its sum over all ranks.

        Why: a call has a latency, so tensors are copied to buffers, but not all of them to one,
            which would take as much memory as all gradients.
        """
        for same in _buckets(tensors):
            if len(same) == 1 and (same[0].is_sparse or same[0].is_contiguous()):
                self._call(self._torch.all_reduce, same[0])
                continue
            buffer = torch.cat([tensor.reshape(-1) for tensor in same])
            self._call(self._torch.all_reduce, buffer)
            parts = torch.split(buffer, [tensor.numel() for tensor in same])
            for tensor, part in zip(same, parts, strict=True):
                tensor.copy_(part.view_as(tensor))

    def _call(self, collective: Callable[..., Any], *given: Any, **options: Any) -> None:
        """Call a function of torch.distributed; raise RankLostError if a rank did not answer."""
        try:
            collective(*given, **options)
        except RuntimeError as error:
            message = f"rank {self.rank} got no response: {error}"[:200]
            raise RankLostError(message, self.failure()) from error

    def sum_over_ranks(self, tensor: Tensor) -> Tensor:
        """Return the sum of a tensor over all ranks, with its derivative."""
        result: Tensor = _SumOverRanks.apply(tensor, self)  # type: ignore[no-untyped-call]
        return result

    def broadcast(self, value: T) -> T:
        """Return the value that rank 0 passes, on every rank."""
        values = [value]
        self._call(self._torch.broadcast_object_list, values, src=0)
        return values[0]

    def decide(self, condition: bool) -> bool:
        """Return the condition that rank 0 passes, on every rank."""
        flag = torch.tensor([float(condition)])
        self._call(self._torch.broadcast, flag, src=0)
        return bool(flag.item())

    def gather(self, value: T) -> list[T]:
        """Return the values of all ranks, by rank."""
        return self._gather(value, None)

    def wait(self) -> None:
        """Return once all ranks have called this, which may take one of them hours."""
        self._gather(None, self.patient)

    def _gather(self, value: T, group: Any) -> list[T]:
        values: list[T] = [value] * self.size
        self._call(self._torch.all_gather_object, values, value, group=group)
        return values

    def agree(self, prepare: Callable[[], T]) -> T:
        """Return the result of `prepare`, once it has succeeded on all ranks."""
        result: T | None = None
        diagnostics: tuple[Diagnostic, ...] = ()
        try:
            result = prepare()
        except DiagnosticError as error:
            diagnostics = error.diagnostics
        for found in self._gather(diagnostics, self.patient):
            if found:
                raise DiagnosticError(*found)
        return cast(T, result)

    def map(self, function: Callable[[S], T], items: Iterable[S]) -> Iterator[tuple[S, T]]:
        """Yield all items with their results, on rank 0 only; each rank computes some of them."""
        remaining = iter(items)
        while part := list(islice(remaining, self.size)):
            own = [function(item) for item in part[self.rank : self.rank + 1]]
            results: list[list[T]] | None = [own] * self.size if self.rank == 0 else None
            self._call(self._torch.gather_object, own, results, group=self.patient)
            if results is not None:
                yield from zip(part, chain(*results), strict=True)

    def set_failure(self, diagnostic: Diagnostic) -> None:
        """Set why this rank can't continue; the RankLostError of the others has it."""
        with suppress(RuntimeError):  # the machine of the store was lost
            self._store.set("failure", json.dumps(diagnostic.to_dict()))

    def failure(self) -> Diagnostic | None:
        """Return why another rank can't continue; None if all can, or if it was lost."""
        with suppress(RuntimeError):
            if self._store.check(["failure"]):
                return diagnostic_from_dict(json.loads(self._store.get("failure")))
        return None


def _buckets(tensors: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """Yield tensors in groups of the same dtype, each of limited size; sparse tensors alone."""
    yield from ([tensor] for tensor in tensors if tensor.is_sparse)
    dense = [tensor for tensor in tensors if not tensor.is_sparse]
    for dtype in dict.fromkeys(tensor.dtype for tensor in dense):
        bucket: list[Tensor] = []
        size = 0
        for tensor in (tensor for tensor in dense if tensor.dtype == dtype):
            if bucket and size + tensor.nbytes > _BUCKET_BYTES:
                yield bucket
                bucket, size = [], 0
            bucket.append(tensor)
            size += tensor.nbytes
        yield bucket


class _SumOverRanks(torch.autograd.Function):
    @staticmethod
    def forward(ctx: object, tensor: Tensor, group: ProcessGroup) -> Tensor:
        result = tensor.detach().clone()
        group.all_reduce([result])
        ctx.group = group  # type: ignore[attr-defined]
        return result

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> tuple[Tensor, None]:
        result = gradient.clone()
        ctx.group.all_reduce([result])  # type: ignore[attr-defined]
        return result, None
