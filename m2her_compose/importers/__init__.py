"""Import what people have: message arrays and request bodies become scenario files."""

from .importing import Imported, Naming, import_request
from .model import Refusal
from .reading import MOST_BYTES, Found, read_requests

__all__ = [
    "MOST_BYTES",
    "Found",
    "Imported",
    "Naming",
    "Refusal",
    "import_request",
    "read_requests",
]
