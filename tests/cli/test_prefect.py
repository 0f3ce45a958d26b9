"""Prefect underneath the command says nothing of its own, on a terminal too."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

_SCRIPT = "from verbatim.cli.prefect import prepared_flow\nwith prepared_flow('nightly') as flow: print(flow.name)"


def test_a_terminal_hears_nothing_of_telemetry_and_none_is_sent(tmp_path):
    # A fresh home, outside of what Prefect takes for CI: the notice comes once, and with it an event.
    told = {"CI", "GITHUB_ACTIONS", "DO_NOT_TRACK", "PREFECT_API_URL", "PREFECT_PROFILE"}
    environment = {name: value for name, value in os.environ.items() if name not in told}
    master, terminal = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", _SCRIPT],
        env=environment | {"PREFECT_HOME": str(tmp_path), "COLUMNS": "80", "TERM": "xterm"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    said = b""
    try:
        while read := os.read(master, 65536):
            said += read
    except OSError:
        # How Linux says that the other end was closed.
        pass
    os.close(master)
    assert child.wait() == 0
    assert b"nightly" in said
    assert b"anonymous" not in said
    # Prefect notes a flow's definition in its home all the same; what it notes of an event, only where it sends some.
    noted = tmp_path / ".sdk_telemetry" / "milestones.json"
    assert not noted.exists() or "first_sdk_import" not in noted.read_text(encoding="utf-8")
