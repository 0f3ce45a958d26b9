"""The command. Heavy modules are imported where they are used: `verbatim --help` answers at once."""

from verbatim.cli.app import main

__all__ = ["main"]
