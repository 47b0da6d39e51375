"""The command line: parses, calls the library, prints, and decides the exit status."""

__all__: list[str] = []
