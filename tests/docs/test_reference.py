import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
_spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
generate = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(generate)


@pytest.mark.parametrize("name", generate.PAGES)
def test_reference_pages_follow_the_code(name):
    page = (DOCS / name).read_text(encoding="utf-8")
    assert page == generate.PAGES[name](), f"run: python docs/generate.py ({name} is older than the code)"


def test_every_key_and_column_is_explained():
    assert "|  |\n" not in generate.settings_page()
    assert "|  |\n" not in generate.tables_page()
