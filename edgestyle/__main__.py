"""`python -m edgestyle`."""

from edgestyle.cli.main import main

if __name__ == "__main__":  # workers of a training run load this file again
    main()
