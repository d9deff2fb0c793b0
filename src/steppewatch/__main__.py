"""Run the command line as ``python -m steppewatch``."""

from steppewatch.cli import main

main()
