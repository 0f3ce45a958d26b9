"""`verbatim --help`: at once, whatever stands behind the verbs."""

from __future__ import annotations

import json
import subprocess
import sys

_SCRIPT = """
import json, resource, sys
from verbatim.cli.app import app
try:
    app.meta(sys.argv[1:])
except SystemExit:
    pass
heavy = {"torch", "transformers", "pandas", "pyarrow", "prefect", "duckdb", "bertopic"} & set(sys.modules)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"heavy": sorted(heavy), "seconds": used.ru_utime + used.ru_stime}))
"""


def _ask(*words: str) -> tuple[str, dict]:
    done = subprocess.run([sys.executable, "-c", _SCRIPT, *words], capture_output=True, text=True, check=True)
    *said, cost = done.stdout.splitlines()
    return "\n".join(said), json.loads(cost)


def test_help_answers_within_a_second_and_without_the_heavy_libraries():
    # Processor time, and the best of three: the machine may be busy with other tests.
    answers = [_ask("--help") for _ in range(3)]
    assert all(cost["heavy"] == [] for _, cost in answers)
    assert min(cost["seconds"] for _, cost in answers) < 1


def test_help_names_every_verb():
    said, _ = _ask("--help")
    for verb in ("nightly", "read", "drivers", "report", "export", "refit", "train", "check", "--debug"):
        assert verb in said


def test_the_help_of_a_verb_is_as_light():
    said, cost = _ask("nightly", "--help")
    assert "SETTINGS" in said
    assert "--as-of" in said
    assert cost["heavy"] == []
