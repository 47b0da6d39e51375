"""Every kind of finding there is, in order of its code. A code is never reused.

`M2H1xx` source, `2xx` schema, `3xx` references and reuse, `4xx` templates, `5xx` the service's
contract, `6xx` budget, `7xx` craft, `8xx` the library.
"""

from __future__ import annotations

from typing import Final

from . import model
from .model import Code, Severity

_E: Final = Severity.ERROR
_W: Final = Severity.WARNING
_N: Final = Severity.NOTE

YAML_SYNTAX = Code("M2H101", "yaml-syntax", _E, "the file is not YAML")
TEXT_INDICATOR = Code(
    "M2H102",
    "text-begins-with-indicator",
    _E,
    "a text begins with a character that YAML keeps for itself",
)
TEXT_AFTER_QUOTE = Code("M2H103", "text-after-quote", _E, "a text goes on after its closing quote")
TEXT_COLON = Code("M2H104", "colon-in-text", _E, "a colon turned a text into a key")
TEXT_TEMPLATE = Code("M2H105", "unquoted-template", _E, "a text begins with an unquoted template")
TEXT_CUT = Code("M2H106", "text-cut-off", _E, "a text is cut off at ` #`")
TEXT_MAYBE_CUT = Code("M2H107", "text-perhaps-cut-off", _W, "a line of speech ends at a comment")
QUOTES_NOT_SENT = Code(
    "M2H108", "quotes-not-sent", _W, "the quotes around a whole speech will not be sent"
)
UNUSED_ANCHOR = Code(
    "M2H109",
    "unused-anchor",
    _W,
    "an anchor that nothing refers to, perhaps the beginning of a text",
)
YAML_LIMIT = Code("M2H110", "file-too-large", _E, "a file is larger or deeper than any may be")
YAML_ALIAS = Code("M2H111", "bad-alias", _E, "an alias names nothing that it could stand for")
YAML_DUPLICATE_KEY = Code("M2H112", "duplicate-key", _E, "a key is given twice")
YAML_KEY = Code("M2H113", "bad-key", _E, "a key is not a plain word")
YAML_TAG = Code("M2H114", "unknown-tag", _E, "a tag that the format does not have")
YAML_NUMBER = Code("M2H115", "bad-number", _E, "a number that JSON does not know")
YAML_DOCUMENTS = Code("M2H116", "several-documents", _E, "a file holds more than one document")
ENCODING = Code("M2H117", "bad-encoding", _E, "a file is not clean UTF-8")
UNREADABLE = Code("M2H118", "unreadable-file", _E, "a file cannot be read")
NO_HEADER = Code("M2H119", "no-header", _E, "a file does not say what it is")
TOO_MANY_FINDINGS = model.TOO_MANY_FINDINGS

UNKNOWN_KEY = Code("M2H201", "unknown-key", _E, "a key that the format does not have")
WRONG_TYPE = Code("M2H202", "wrong-type", _E, "a value of another type than the key takes")
WRONG_VALUE = Code("M2H203", "wrong-value", _E, "a value that the key does not take")
BAD_IDENTIFIER = Code("M2H204", "bad-identifier", _E, "a name that cannot be used as an identifier")
UNKNOWN_SPEAKER = Code("M2H205", "unknown-speaker", _E, "a line is said by nobody in the scenario")
BAD_TURN = Code("M2H206", "bad-turn", _E, "a turn has no speaker, or more than one")
EMPTY_LINE = Code("M2H207", "empty-line", _E, "a line says nothing")
BAD_SCRIPT = Code("M2H208", "bad-script", _E, "a script that cannot be split into turns")
MISSPELT_SPEAKER = Code(
    "M2H209",
    "misspelt-speaker",
    _W,
    "a line of a script looks like a turn, but has no known speaker",
)
BAD_THOUGHT = Code("M2H210", "bad-thought", _E, "a thought that belongs to no character")

FILE_NOT_FOUND = Code("M2H301", "file-not-found", _E, "a file that is named does not exist")
PATH_OUTSIDE = Code("M2H302", "path-outside-library", _E, "a path leaves the library")
WRONG_KIND = Code("M2H303", "wrong-kind", _E, "a file of another kind than is wanted here")
CYCLE = Code("M2H304", "cycle", _E, "files use or extend each other in a circle")
BAD_APPEND = Code("M2H305", "bad-append", _E, "`key+` has no list to append to")
TOO_LARGE = Code(
    "M2H306", "too-much-reuse", _E, "`use` and `extends` add up to more than any scenario may hold"
)
UNKNOWN_VARIABLE = Code(
    "M2H310", "unknown-variable", _E, "a value is given for a variable that nobody declared"
)
BAD_VARIABLE = Code(
    "M2H311",
    "bad-variable-value",
    _E,
    "a variable's value is of another type, or not among its `enum`",
)
MISSING_VARIABLE = Code(
    "M2H312", "missing-variable", _E, "a variable has neither a value nor a default"
)
TEXT_BOOLEAN = Code("M2H313", "boolean-as-text", _W, "a variable's `true` or `false` is a text")
BAD_MATRIX = Code("M2H314", "bad-matrix", _E, "a matrix that makes no sense")
TOO_MANY_VARIANTS = Code(
    "M2H315", "too-many-variants", _E, "a scenario has more variants than any may have"
)
UNKNOWN_VARIANT = Code("M2H316", "unknown-variant", _E, "a variant that the scenario does not have")
NO_SPEAKER = Code("M2H320", "no-speaker", _E, "nobody says who is to answer")
AMBIGUOUS_AI = Code("M2H321", "ambiguous-ai", _E, "`ai` could be any of several characters")
NO_GREETING = Code("M2H322", "no-such-greeting", _E, "the greeting that is named does not exist")
INCOMPLETE = Code(
    "M2H323", "incomplete-scenario", _E, "a scenario has neither a system text nor a character"
)
NO_TEMPLATES = Code(
    "M2H324", "no-templates-for-language", _W, "the language has no templates of its own"
)
OPEN_SCENARIO = Code("M2H325", "open-scenario", _N, "a scenario has no opening message")
NOT_COMPILED = Code("M2H326", "not-compiled", _N, "a file is not a scenario to compile")

TEMPLATE_SYNTAX = Code("M2H401", "template-syntax", _E, "a template cannot be read")
UNKNOWN_NAME = Code("M2H402", "unknown-name", _E, "a template uses a name that does not exist")
UNKNOWN_FIELD = Code("M2H403", "unknown-field", _E, "a template uses a field that does not exist")
TEMPLATE_CYCLE = Code("M2H404", "template-cycle", _E, "texts use each other in a circle")
TEMPLATE_LIMIT = Code("M2H405", "template-limit", _E, "a template asks for too much")
TEMPLATE_FORBIDDEN = Code(
    "M2H406", "template-forbidden", _E, "a template uses what templates may not do"
)
TEMPLATE_VALUE = Code(
    "M2H407", "template-value", _E, "a template does something that its values do not allow"
)
PRIVATE_FIELD = Code(
    "M2H408", "private-field", _E, "a template reads what only another character may know"
)

SETTINGS_SYNTAX = Code("M2H801", "settings-syntax", _E, "m2her.toml is not TOML")
SETTINGS_KEY = Code("M2H802", "settings-key", _E, "a setting that does not exist")
SETTINGS_VALUE = Code(
    "M2H803", "settings-value", _E, "a setting with a value that it does not take"
)
MIN_VERSION = Code("M2H804", "min-version", _E, "the library wants a newer m2her")
DUPLICATE_ID = Code("M2H805", "duplicate-id", _E, "two scenarios of a library have one id")

ALL: Final[tuple[Code, ...]] = tuple(
    sorted((v for v in list(globals().values()) if isinstance(v, Code)), key=lambda code: code.id)
)
