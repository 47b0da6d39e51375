"""`python -m m2her_compose` is `m2her`."""

from __future__ import annotations

import signal


def main() -> None:
    """Start the program; never returns.

    While it is imported, Ctrl-C ends the process as the system does it: there is nothing to clean
    up yet, and a traceback would say nothing to anybody.
    """
    is_heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_heard:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from .cli.app import entry

    if is_heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    entry()


if __name__ == "__main__":
    main()
