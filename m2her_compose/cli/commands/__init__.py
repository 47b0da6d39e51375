"""One module a command, each a function from its arguments to an exit status."""

__all__: list[str] = []
