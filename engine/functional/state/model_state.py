"""What a model stands on: its graph, what was checked, and the torch side once it is needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from engine.check.report import Report, check
from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.symbolic.call_site import notify
from engine.functional.graph.graph_trace import Traced
from engine.graph.model import Project
from engine.recipe.parser import read_recipe
from engine.recipe.recipe import Recipe

if TYPE_CHECKING:
    from engine.data.preprocessing.fitted_encoders import Fitted
    from engine.functional.state.torch_model import Live

UNTRAINED = "nothing-to-train"  # no fault of a model that only predicts


@dataclass
class State:
    """Everything that changes about a model.

    Args:
        name: the model's.
        traced: its graph without losses, and what of Python stands behind it.
        project: what `save` writes.
        report: the checks of `project`; without errors, but for a loss that is missing.
        compiled: True once it knows what to train on.
        live: the torch side, None until it is needed and after each `compile`.
        fitted: encoders of the data that it was trained on.
        trained_on: what tells the rows that `fit` was given from others.
        blank: True while a model that was opened from a file has its starting weights.
        told: the warnings that were given already.
    """

    name: str
    traced: Traced
    project: Project
    report: Report
    compiled: bool = False
    live: Live | None = None
    fitted: Fitted | None = None
    trained_on: str = ""
    blank: bool = False
    told: set[tuple[str, str | None]] = field(default_factory=set)

    @classmethod
    def of(cls, name: str, traced: Traced, project: Project) -> State:
        """Return the state of a new model.

        Raises:
            Refused: with everything that is wrong with its graph.
        """
        state = cls(name, traced, project, sound(project))
        state.tell(state.report.diagnostics)
        return state

    def compile(self, project: Project) -> None:
        """Take over what is trained; weights stay, what the optimizer knew is gone.

        Raises:
            Refused: with everything that is wrong; nothing changed then.
        """
        report = check(project, before=self.report)
        if report.errors:
            raise Refused(*report.errors)
        if _read_as(project) != _read_as(self.project):
            self.fitted = None
        self.project, self.report, self.compiled = project, report, True
        self.live = None
        self.tell(report.diagnostics)

    def tell(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Warn of each finding once."""
        fresh = [found for found in diagnostics if (found.code, found.node) not in self.told]
        self.told |= {(found.code, found.node) for found in fresh}
        notify(fresh)

    @property
    def recipe(self) -> Recipe:
        """How it is trained."""
        assert self.report.recipe is not None, "the report has no errors"
        return self.report.recipe

    def awake(self) -> Live:
        """Return the torch side, which is made when it is first needed."""
        if self.live is None:
            from engine.functional.state.torch_model import Live

            self.live = Live(self.report, self.traced.layers)
        return self.live

    def require_weights(self) -> None:
        """Warn that a model from a file computes with weights that nothing has learned."""
        if self.blank:
            self.tell([_weights_apart(self.traced.outputs[0])])

    def require_compiled(self) -> None:
        """Refuse to train or score what has no loss."""
        if not self.compiled:
            raise Refused(_not_compiled(self.traced.outputs))


def _read_as(project: Project) -> tuple[Any, ...]:
    """Return what decides how targets are encoded and their classes weighed."""
    told = ("labels", "class_weight")
    return project.data, [[node.params.get(key) for key in told] for node in project.graph.outputs]


def sound(project: Project) -> Report:
    """Return the report of a project that can at least predict.

    Raises:
        Refused: with all errors.
    """
    report = check(project)
    kept = tuple(found for found in report.diagnostics if found.code != UNTRAINED)
    report = replace(report, diagnostics=kept)
    if report.errors:
        raise Refused(*report.errors)
    return report


def recipe_of(project: Project) -> Recipe:
    """Return the typed recipe of a project.

    Raises:
        Refused: with everything that is wrong with it.
    """
    read = read_recipe(project.recipe)
    if isinstance(read, list):
        raise Refused(*read)
    return read


def _not_compiled(outputs: tuple[str, ...]) -> Diagnostic:
    return Diagnostic(
        UNTRAINED,
        "the model was not compiled, so there is no loss to make small",
        node=outputs[0],
        found="no loss",
        expected="a loss for at least one output",
        fixes=(Fix('Call compile first: model.compile(optimizer="rmsprop", loss=...).'),),
    )


def _weights_apart(output: str) -> Diagnostic:
    return Diagnostic(
        "weights-apart",
        "the model comes from a file, and its weights are those that a training starts from",
        severity="warning",
        node=output,
        found="no weights taken over, and no training",
        expected="the weights of a trained model",
        fixes=(
            Fix("Call load_weights, with what save_weights or a run has kept."),
            Fix("Call fit first."),
        ),
    )
