"""`python -m m2her_compose` is `m2her`."""

from .cli.app import entry

if __name__ == "__main__":
    entry()
