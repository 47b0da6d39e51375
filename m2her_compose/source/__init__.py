"""From bytes to a located tree: reading files, and parsing YAML with every place kept."""

from .asking import Asking
from .build import DEFAULT_LIMITS, Limits, Tree
from .files import Disk, Files, decode, shown_path
from .parse import parse
from .tree import Data, Node, Scalar, plain_data

__all__ = [
    "DEFAULT_LIMITS",
    "Asking",
    "Data",
    "Disk",
    "Files",
    "Limits",
    "Node",
    "Scalar",
    "Tree",
    "decode",
    "parse",
    "plain_data",
    "shown_path",
]
