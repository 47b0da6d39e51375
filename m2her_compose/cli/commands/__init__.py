"""One module a command: its command line (`Arguments`, `EPILOG`) and `run`, to an exit status."""

__all__: list[str] = []
