"""`ModelState`: a model's graph, check report, and torch network, which is built on first use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from engine.check.report import Report, check
from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_error
from engine.core.symbolic.call_site import emit_warnings
from engine.functional.graph.graph_trace import TracedGraph
from engine.graph.model import Project
from engine.objectives.head import Head
from engine.recipe.parser import parse_recipe
from engine.recipe.recipe import Recipe

if TYPE_CHECKING:
    from engine.data.preprocessing.fitted_encoders import FittedEncoders
    from engine.functional.state.torch_model import TorchModel

NOTHING_TO_TRAIN = "nothing-to-train"  # not an error for a model that only predicts


@dataclass
class ModelState:
    """The mutable state of a model.

    Args:
        traced: the graph without losses, with layers and symbolic tensors.
        project: the project that `save` writes.
        report: the check report of `project`, which has no errors.
        is_compiled: True if the model has a loss.
        torch_model: the network and optimizer, None before the first use and after `compile`.
        encoders: the encoders fitted by the last training, or loaded with the weights.
        training_data_digest: a digest of the rows last passed to `fit`.
        has_initial_weights: True while a model loaded from a file has its initial weights.
        emitted_warnings: the code and node of each warning that was emitted so far.
    """

    name: str
    traced: TracedGraph
    project: Project
    report: Report
    is_compiled: bool = False
    torch_model: TorchModel | None = None
    encoders: FittedEncoders | None = None
    training_data_digest: str = ""
    has_initial_weights: bool = False
    emitted_warnings: set[tuple[str, str | None]] = field(default_factory=set)

    @classmethod
    def create(cls, name: str, traced: TracedGraph, project: Project) -> ModelState:
        """Return the state of a new model.

        Raises:
            DiagnosticError: the graph has errors; the exception lists all of them.
        """
        state = cls(name, traced, project, require_valid(project))
        state.warn_once(state.report.diagnostics)
        return state

    def compile(self, project: Project) -> None:
        """Replace the project by `project`, which has new training settings.

        Layers keep their weights; the optimizer's state is lost.

        Raises:
            DiagnosticError: the project has errors. In this case the state is unchanged.
        """
        report = check(project, previous=self.report)
        if report.errors:
            raise DiagnosticError(*report.errors)
        if _encoding_settings(project) != _encoding_settings(self.project):
            self.encoders = None
        self.project, self.report, self.is_compiled = project, report, True
        self.torch_model = None
        self.warn_once(report.diagnostics)

    def warn_once(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Emit each diagnostic as a warning, unless it was emitted before."""
        emitted = self.emitted_warnings
        new = [entry for entry in diagnostics if (entry.code, entry.node) not in emitted]
        emitted |= {(entry.code, entry.node) for entry in new}
        emit_warnings(new)

    @property
    def recipe(self) -> Recipe:
        """The recipe of the project: its training settings as an object."""
        assert self.report.recipe is not None, "the report has no errors"
        return self.report.recipe

    @property
    def trained_heads(self) -> dict[str, Head]:
        """The heads of the outputs that have a loss, in the model's order."""
        heads = self.report.heads
        return {name: heads[name] for name in self.traced.outputs if heads[name].loss is not None}

    def require_torch_model(self) -> TorchModel:
        """Return the torch network and optimizer, which are built on first use."""
        if self.torch_model is None:
            from engine.functional.state.torch_model import TorchModel

            self.torch_model = TorchModel(self.report, self.traced.layers)
        return self.torch_model

    def warn_if_untrained(self) -> None:
        """Warn if a model from a file still has its initial weights."""
        if self.has_initial_weights:
            self.warn_once([_initial_weights(self.traced.outputs[0])])

    def require_compiled(self) -> None:
        """Raise if the model has no loss, and so can be neither trained nor evaluated."""
        if not self.is_compiled:
            raise diagnostic_error(
                NOTHING_TO_TRAIN,
                "the model is not compiled, so it has no loss",
                'Call compile first: model.compile(optimizer="rmsprop", loss=...).',
                node=self.traced.outputs[0],
                found="no loss",
                expected="a loss for at least one output",
            )


def _encoding_settings(project: Project) -> tuple[Any, ...]:
    """Return the settings that the fitted encoders and class weights depend on."""
    keys = ("labels", "class_weight")
    return project.data, [[node.params.get(key) for key in keys] for node in project.graph.outputs]


def require_valid(project: Project) -> Report:
    """Check a project and return the report. A missing loss does not count as an error.

    Raises:
        DiagnosticError: the project has errors; the exception lists all of them.
    """
    report = check(project)
    kept = tuple(entry for entry in report.diagnostics if entry.code != NOTHING_TO_TRAIN)
    report = replace(report, diagnostics=kept)
    if report.errors:
        raise DiagnosticError(*report.errors)
    return report


def project_recipe(project: Project) -> Recipe:
    """Return the training settings of a project as a `Recipe`.

    Raises:
        DiagnosticError: with all errors of the recipe.
    """
    recipe = parse_recipe(project.recipe)
    if isinstance(recipe, list):
        raise DiagnosticError(*recipe)
    return recipe


def _initial_weights(output: str) -> Diagnostic:
    return Diagnostic.warning(
        "weights-apart",
        "the model comes from a graph file and still has its initial weights",
        "Call load_weights with a file of weights or a run folder.",
        "Call fit first.",
        node=output,
        found="weights neither loaded nor trained",
        expected="the weights of a trained model",
    )
