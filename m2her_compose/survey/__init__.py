"""Check many files: what is known from the last time is not checked again, others in parallel."""

from .cache import Cache, cache_folder
from .context import context_of
from .survey import FEWEST_FOR_WORKERS, Survey, UnreadableError
from .workers import WorkerError, Workers

__all__ = [
    "FEWEST_FOR_WORKERS",
    "Cache",
    "Survey",
    "UnreadableError",
    "WorkerError",
    "Workers",
    "cache_folder",
    "context_of",
]
