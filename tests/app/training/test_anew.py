"""Where losses are weighed otherwise, curves and answers say that the best is looked for anew."""

import pyqtgraph as pg
import pytest
from PySide6.QtWidgets import QApplication, QLabel

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.training.charts.annotations import Annotations
from app.training.charts.chart_spec import network_chart_specs
from app.training.curves.run_curves import Curves
from engine.events import BestFound, ControlTaken, OutputInfo, RunStarted
from tests.app.windows import training_panel

SAID = "The search for the best epoch restarted: new loss weights from step 61 on"
STARTED = RunStarted(run_id="r", steps_per_epoch=50, epochs=4, outputs=(OutputInfo(name="a"),))


@pytest.fixture
def turned() -> ControlTaken:
    return ControlTaken(
        id="w", request="loss_weight", step=60, value={"a": 3.0}, before={"a": 1.0}, anew=True
    )


def test_the_mark_on_the_curves_says_it_and_the_star_waits_for_a_new_best(theme, qapp, turned):
    curves = Curves()
    curves.update([STARTED, BestFound(epoch=1, step=50), turned])
    plot = pg.PlotItem()
    marks = Annotations(theme, network_chart_specs(True, 1)[0], plot)
    marks.draw(curves, (1, 200, 0.0, 1.0), True)
    assert marks.text_near(60, 1.0) == (
        f"After step 60: loss weight of a 1 \N{RIGHTWARDS ARROW} 3, requested elsewhere\n{SAID}"
    )
    assert curves.best is None
    curves.update([BestFound(epoch=2, step=100)])
    assert curves.best is not None


def test_the_answer_to_who_asked_says_it(theme, qtbot, turned):
    panel = training_panel(Workspace(Session()), theme)
    qtbot.addWidget(panel)
    panel.run_controls.own_request_ids.add(turned.id)
    panel.run_controls.process_events([turned], ())
    QApplication.processEvents()
    told = [label.text() for label in panel.run_view.findChildren(QLabel)]
    assert any(
        text.endswith(f"loss weight of a 1 \N{RIGHTWARDS ARROW} 3. {SAID}.") for text in told
    )
