"""`python -m edgestyle`."""

from edgestyle.cli.main import main

main()
