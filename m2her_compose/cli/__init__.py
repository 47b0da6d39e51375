"""The command line: parses, calls the library, prints, and decides the exit status."""

import gc

__all__: list[str] = []

# Before anything large is imported: nearly all that a start makes lives as long as the process,
# and looking through it again and again for garbage takes a twentieth of the whole run.
gc.set_threshold(50_000, 20, 20)
