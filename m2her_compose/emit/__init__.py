"""Output: one emitter a file, imported by who needs it. They return text; `files` writes it."""

__all__: list[str] = []
