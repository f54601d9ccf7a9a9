"""Building a training with its data loaders, network and optimizer."""

from __future__ import annotations

from collections.abc import Callable

from engine.compile.plan import build_plan
from engine.data.dataset.dataset import Dataset
from engine.data.prepared_data import PreparedData
from engine.recipe.recipe import Device
from engine.runtime.acceleration import accelerate
from engine.runtime.batches.data_loader import DataLoader, make_data_loader
from engine.runtime.device import make_device_context, set_thread_count
from engine.runtime.distributed.process_group import SINGLE_PROCESS, ProcessGroup
from engine.runtime.distributed.sharded_network import shard_network
from engine.runtime.idle_cores import idle_core_count
from engine.runtime.model.network import Network
from engine.runtime.model.torch_compile import compile_network
from engine.runtime.training.training import Training, build_optimizer, never_stop


def build_training(
    prepared: PreparedData,
    stop: Callable[[], str] = never_stop,
    device: Device | None = None,
    native: bool = True,
    threads: int | None = None,
    group: ProcessGroup = SINGLE_PROCESS,
) -> Training:
    """Return a training with its network, optimizer and data loaders.

    Args:
        prepared: the checked project and its data.
        stop: called after each step; returns a reason to stop, or "" to continue.
        device: device of the training; None uses the recipe's device.
        native: whether native kernels may be used.
        threads: CPU thread count; None uses the recipe's count, else that of idle processors, which
            the launcher of several ranks has divided among them.
        group: the ranks that train the network together.
    """
    recipe = prepared.recipe
    set_thread_count(threads or recipe.threads or (idle_core_count() if group.size == 1 else None))
    device_context = make_device_context(
        device or recipe.device, recipe.precision, recipe.deterministic
    )
    is_prefetched = recipe.prefetch and device_context.device.type == "cuda"

    def loader(split: Dataset) -> DataLoader:
        ranks = group.rank, group.size
        return make_data_loader(split, recipe.batch_size, device_context, *ranks, is_prefetched)

    train = loader(prepared.train)
    validation = loader(prepared.validation) if prepared.validation else None
    plan = build_plan(prepared.report.project.graph, prepared.report)
    network = Network(plan, recipe.seed)
    network.set_class_weights(prepared.fitted.class_weights)
    if recipe.sharded and group.size > 1:
        shard_network(network, device_context.device, group)
    device_context.setup_module(network)
    if recipe.compile and not (recipe.sharded or recipe.gradient_checkpointing):
        compile_network(network)
    optimizer = build_optimizer(network, recipe)
    active = accelerate(network, optimizer, recipe, native)
    return Training(
        network, recipe, optimizer, train, validation, device_context, stop=stop,
        native=active.native, native_why=active.native_why, group=group,
    )  # fmt: skip
