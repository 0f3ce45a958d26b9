"""`python -m verbatim`: the same as the command."""

from verbatim.cli import main

main()
