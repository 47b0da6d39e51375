"""Follow references between files: `use`, `extends`, shorthands, merging."""

from .load import LoadedFile, Loader
from .merge import merge
from .resolve import Merged, Resolver

__all__ = ["LoadedFile", "Loader", "Merged", "Resolver", "merge"]
