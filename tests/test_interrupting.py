"""Ctrl-C at a terminal reaches every process in front of it: a child that was started to serve does not hear it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ASKED = """
import multiprocessing, signal
from driftsync.interrupting import unheard

def child(pipe):
    pipe.send(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))

if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    for _number in range(2):  # the first one starts the tracker of multiprocessing as well
        ours, theirs = context.Pipe()
        with unheard():
            process = context.Process(target=child, args=(theirs,))
            process.start()
        print(ours.recv(), signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        process.join()
"""
pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to others there"
)


def test_a_child_does_not_hear_it_from_its_first_moment_and_its_parent_does(tmp_path: Path) -> None:
    script = tmp_path / "asked.py"
    script.write_text(ASKED, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, env=environment, check=True
    )
    assert told.stdout.split() == ["True", "False"] * 2
