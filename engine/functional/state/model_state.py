"""`ModelState`: a model's graph, check report, and torch network once it is needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from engine.check.report import Report, check
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.symbolic.call_site import emit_warnings
from engine.functional.graph.graph_trace import Traced
from engine.graph.model import Project
from engine.recipe.parser import read_recipe
from engine.recipe.recipe import Recipe

if TYPE_CHECKING:
    from engine.data.preprocessing.fitted_encoders import FittedEncoders
    from engine.functional.state.torch_model import Live

UNTRAINED = "nothing-to-train"  # not an error for a model that only predicts


@dataclass
class State:
    """The mutable state of a model.

    Args:
        name: the model's.
        traced: its graph without losses, with layers and symbolic tensors.
        project: the project that `save` writes.
        report: of `project`; it has no errors.
        is_compiled: True if the model has a loss.
        torch_model: the network and optimizer, None until needed and after each `compile`.
        encoders: the encoders fitted on the training data.
        training_data_digest: a digest of the rows passed to `fit`.
        has_initial_weights: True while a model loaded from a file has its initial weights.
        emitted_warnings: the code and node of the warnings that were emitted.
    """

    name: str
    traced: Traced
    project: Project
    report: Report
    compiled: bool = False
    live: Live | None = None
    fitted: FittedEncoders | None = None
    trained_on: str = ""
    blank: bool = False
    told: set[tuple[str, str | None]] = field(default_factory=set)

    @classmethod
    def of(cls, name: str, traced: Traced, project: Project) -> State:
        """Return the state of a new model.

        Raises:
            DiagnosticError: with all errors of its graph.
        """
        state = cls(name, traced, project, sound(project))
        state.tell(state.report.diagnostics)
        return state

    def compile(self, project: Project) -> None:
        """Replace the project by one with new training settings.

        Layers keep their weights; the optimizer's state is lost.

        Raises:
            DiagnosticError: with all errors. The state is unchanged then.
        """
        report = check(project, before=self.report)
        if report.errors:
            raise DiagnosticError(*report.errors)
        if _encoding_settings(project) != _encoding_settings(self.project):
            self.fitted = None
        self.project, self.report, self.compiled = project, report, True
        self.live = None
        self.tell(report.diagnostics)

    def tell(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Emit each diagnostic as a warning, unless it was emitted before."""
        new = [entry for entry in diagnostics if (entry.code, entry.node) not in self.told]
        self.told |= {(entry.code, entry.node) for entry in new}
        emit_warnings(new)

    @property
    def recipe(self) -> Recipe:
        """The typed recipe of the project."""
        assert self.report.recipe is not None, "the report has no errors"
        return self.report.recipe

    def awake(self) -> Live:
        """Return the torch network and optimizer, which are built on first use."""
        if self.live is None:
            from engine.functional.state.torch_model import Live

            self.live = Live(self.report, self.traced.layers)
        return self.live

    def require_weights(self) -> None:
        """Warn if a model from a file still has its initial weights."""
        if self.blank:
            self.tell([_initial_weights(self.traced.outputs[0])])

    def require_compiled(self) -> None:
        """Raise if the model has no loss, and so can be neither trained nor evaluated."""
        if not self.compiled:
            raise DiagnosticError(_not_compiled(self.traced.outputs))


def _encoding_settings(project: Project) -> tuple[Any, ...]:
    """Return the settings that the fitted encoders and class weights depend on."""
    keys = ("labels", "class_weight")
    return project.data, [[node.params.get(key) for key in keys] for node in project.graph.outputs]


def sound(project: Project) -> Report:
    """Return the report of a project without errors; a missing loss is no error here.

    Raises:
        DiagnosticError: with all errors.
    """
    report = check(project)
    kept = tuple(entry for entry in report.diagnostics if entry.code != UNTRAINED)
    report = replace(report, diagnostics=kept)
    if report.errors:
        raise DiagnosticError(*report.errors)
    return report


def recipe_of(project: Project) -> Recipe:
    """Return the typed recipe of a project.

    Raises:
        DiagnosticError: with all errors of the recipe.
    """
    recipe = read_recipe(project.recipe)
    if isinstance(recipe, list):
        raise DiagnosticError(*recipe)
    return recipe


def _not_compiled(outputs: tuple[str, ...]) -> Diagnostic:
    return Diagnostic(
        UNTRAINED,
        "the model is not compiled, so it has no loss",
        node=outputs[0],
        found="no loss",
        expected="a loss for at least one output",
        fixes=(Fix('Call compile first: model.compile(optimizer="rmsprop", loss=...).'),),
    )


def _initial_weights(output: str) -> Diagnostic:
    return Diagnostic(
        "weights-apart",
        "the model comes from a graph file and still has its initial weights",
        severity="warning",
        node=output,
        found="weights neither loaded nor trained",
        expected="the weights of a trained model",
        fixes=(
            Fix("Call load_weights with a file of weights or a run folder."),
            Fix("Call fit first."),
        ),
    )
