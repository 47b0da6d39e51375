"""Start a library, and new files in it: what is written, where it goes, and that it is new."""

from .creating import Made, create
from .entries import NewFile, folder_of, new_file
from .library import NOT_SET, library_files, of_repository
from .names import Named, named
from .outlines import Outline, folders_in, outline, outlines_in
from .schemas import FILE_KINDS, SCHEMA_FOLDER, schema_file_name, schema_kinds, schema_text

__all__ = [
    "FILE_KINDS",
    "NOT_SET",
    "SCHEMA_FOLDER",
    "Made",
    "Named",
    "NewFile",
    "Outline",
    "create",
    "folder_of",
    "folders_in",
    "library_files",
    "named",
    "new_file",
    "of_repository",
    "outline",
    "outlines_in",
    "schema_file_name",
    "schema_kinds",
    "schema_text",
]
