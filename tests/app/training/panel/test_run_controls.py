"""Live settings are changed on purpose only, and a change is seen in what the panel says."""

from engine.core.diagnostic import Diagnostic
from engine.events import ControlTaken, Warned
from tests.app.training.panel.driving import fill, said


def test_the_focus_of_a_hidden_field_never_falls_into_a_live_setting(panel, qtbot):
    """Epochs is hidden when a run starts; an arrow key must not change the learning rate then."""
    panel.activateWindow()
    panel.bar.epochs.setFocus()
    qtbot.waitUntil(panel.bar.epochs.hasFocus)
    panel.bar.show_state("starting", "")
    panel.bar.show_state("running", "")
    rate = panel.bar.live_fields.learning_rate
    assert rate.isVisible()
    assert not rate.hasFocus()
    assert not panel.bar.live_fields.patience.hasFocus()
    assert panel.bar.isAncestorOf(panel.focusWidget()) or panel.focusWidget() is panel.bar


def test_a_warning_leaves_when_its_cause_is_removed(panel, qtbot):
    """The output that dominated has another weight now."""
    fill(panel)
    warning = Diagnostic.warning("loss-dominated", "makes up 98 % of the loss", node="a")
    panel._on_events([Warned(diagnostic=warning.to_dict())])
    assert "makes up 98 %" in said(panel)
    other = ControlTaken(id="1", request="loss_weight", step=9, value={"b": 2.0}, before={"b": 1.0})
    panel._on_events([other])
    assert "makes up 98 %" in said(panel)
    panel._on_events([other.model_copy(update={"id": "2", "value": {"a": 0.1}})])
    assert "makes up 98 %" not in said(panel)
