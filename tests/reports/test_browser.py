"""The page in a real browser: it runs without an error or a request, and its buttons appear."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

from verbatim.reports import write_report

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH (Debian: apt-get install chromium)"),
]


def _browse(url: str, profile, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--enable-logging=stderr",
        "--v=0",
        f"--user-data-dir={profile}",
        *arguments,
        url,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)


@pytest.fixture(scope="module")
def visit(tables, tmp_path_factory):
    from verbatim.settings import Settings

    folder = tmp_path_factory.mktemp("browser")
    settings = Settings(survey={"id": "enseigne"}, source={"path": "nps.csv"}, reports={"folder": folder / "reports"})
    file = write_report(tables, settings=settings, period="2026-03")
    return _browse(file.as_uri(), folder / "profile", "--dump-dom")


def test_the_console_stays_silent(visit):
    assert [line for line in visit.stderr.splitlines() if "CONSOLE" in line] == []


def test_the_script_ran_and_hostile_words_did_not(visit):
    assert '<th scope="col" data-sort="nps"' in visit.stdout
    assert re.search(r"<button[^>]*>Répondants</button>", visit.stdout)
    assert 'type="search"' in visit.stdout
    assert "<img" not in visit.stdout


def test_what_is_folded_can_be_opened(visit):
    (button,) = re.findall(r'<button[^>]*class="more"[^>]*>[^<]*</button>', visit.stdout)
    assert "hidden" not in button
    assert "Voir 3 autres lignes" in button
