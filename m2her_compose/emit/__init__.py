"""Output: one emitter a file. They return text; `files` alone writes it to disk."""

from .explanation import explanation
from .files import RefusedError, file_names, write_file
from .requests import messages_json, requests_json, requests_jsonl
from .transcript import boxed_transcript, plain_transcript

__all__ = [
    "RefusedError",
    "boxed_transcript",
    "explanation",
    "file_names",
    "messages_json",
    "plain_transcript",
    "requests_json",
    "requests_jsonl",
    "write_file",
]
