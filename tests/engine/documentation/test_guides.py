"""Each command of the guides does what the guide says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.documentation.prose import guide_pages
from tests.architecture.modules import ROOT

GUIDES = {page.slug: page for page in guide_pages()}
COMMANDS = re.compile(r"```sh\n(.*?)```", re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("slug", GUIDES)
def test_the_commands_of_a_guide_succeed(slug: str, tmp_path: Path) -> None:
    blocks = COMMANDS.findall(GUIDES[slug].text)
    assert blocks
    engine = f'engine() {{ "{sys.executable}" -m engine "$@"; }}'
    script = "\n".join(["set -e", engine, *blocks])
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
