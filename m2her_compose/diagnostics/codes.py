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
    "M2H108", "quotes-not-sent", _N, "the quotes around a whole speech will not be sent"
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
PARTED_SENTENCE = Code("M2H121", "parted-sentence", _W, "a sentence is several items of a list")

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
UNUSED_VARIABLE = Code("M2H330", "unused-variable", _W, "a variable is declared and never used")
IDLE_REFERENCE = Code("M2H331", "idle-reference", _W, "a `use` or `extends` changes nothing")
UNUSED_CHARACTER = Code(
    "M2H332", "unused-character", _W, "a character of whom no message says anything"
)
IDLE_COMBINATION = Code(
    "M2H333", "idle-combination", _W, "an `exclude` or `include` of a matrix changes nothing"
)
SINGLE_VALUE_AXIS = Code(
    "M2H334", "single-value-axis", _N, "an axis of a matrix has one value and makes no variants"
)
UNREACHED_TEMPLATE = Code(
    "M2H335", "unreached-template", _W, "a template of the library that no scenario reaches"
)
REPEATED_BASE = Code("M2H336", "repeated-base", _W, "a base is extended twice")

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

EMPTY_TEXT = Code("M2H501", "empty-text", _W, "a text that says nothing")
EMPTY_MESSAGE = Code(
    "M2H502", "empty-message", _W, "a line or part comes out empty and is left out"
)
PARAMETER_RANGE = Code(
    "M2H503", "parameter-range", _E, "a parameter outside of what the service takes"
)
ENDS_WITH_REPLY = Code(
    "M2H504", "ends-with-reply", _E, "the last message is the model's, which inverts the roles"
)
SAME_NAME = Code("M2H505", "same-name", _W, "two who speak have one name")
MISSING_NAME = Code(
    "M2H506", "missing-name", _W, "a message has no name where the target needs one"
)
BAD_NAME = Code(
    "M2H507", "bad-name", _W, "a name that the target does not take, or that is no name"
)
CONTROL_WORD = Code(
    "M2H508", "control-word", _W, "a text holds a control word of the model's chat template"
)
INVISIBLE_CHARACTER = Code(
    "M2H509", "invisible-character", _W, "a text holds characters that nobody can see"
)
BIDIRECTIONAL = Code(
    "M2H510", "bidirectional-character", _W, "a text holds characters that turn its direction"
)
UNKNOWN_MODEL = Code("M2H511", "unknown-model", _W, "a model that the target does not know")
MISSING_ROLE = Code("M2H512", "missing-role", _W, "the target lacks a role that the scenario needs")

SMALL_WINDOW = Code(
    "M2H601",
    "over-small-window",
    _W,
    "more prompt tokens than the smallest window that is published",
)
OVER_WINDOW = Code("M2H602", "over-context-window", _E, "more prompt tokens than the model takes")
NO_ROOM = Code("M2H603", "no-room-for-reply", _W, "the prompt leaves no room for the reply")
OVER_BUDGET = Code("M2H604", "over-budget", _W, "more prompt tokens than the library's budget")
HEAVY_EXAMPLES = Code(
    "M2H605", "heavy-examples", _N, "examples take more of the prompt than all the rest"
)
TOO_LARGE_TO_FIT = Code(
    "M2H606", "too-large-to-fit", _E, "what can never be left out is over the budget"
)

NO_EXAMPLES = Code("M2H701", "no-examples", _N, "a scenario shows the model no example")
MANY_EXAMPLES = Code("M2H702", "many-examples", _N, "a scenario has more than three examples")
EXAMPLE_LANGUAGE = Code(
    "M2H703", "example-language", _W, "an example is in another language than the scenario"
)
SAME_EXAMPLE = Code("M2H704", "same-example", _W, "an example is given twice")
SPEAKS_FOR_USER = Code("M2H705", "speaks-for-user", _W, "a line of the model speaks for the user")
PLACEHOLDER = Code("M2H706", "placeholder-text", _W, "a text still holds a placeholder")
UNBALANCED_ACTION = Code("M2H707", "unbalanced-action", _W, "an `*action*` is not closed")
UNBALANCED_QUOTE = Code("M2H708", "unbalanced-quote", _W, "a quotation is not closed")
CHAR_IN_PERSONA = Code(
    "M2H709",
    "char-in-persona",
    _W,
    "`char` in a text of the user's is somebody else whenever the speaker changes",
)
DROPPED_INSTRUCTIONS = Code(
    "M2H710", "dropped-instructions", _W, "instructions that the system message leaves out"
)
DROPPED_FIELD = Code(
    "M2H711",
    "dropped-field",
    _W,
    "a field that no message tells, since another stands in its place",
)
LEAKED_SECRET = Code(
    "M2H712", "leaked-secret", _W, "a secret is repeated where other characters can see it"
)
SAME_INSTRUCTION = Code("M2H713", "same-instruction", _W, "an instruction is given twice")
GREETING_REPEATED = Code(
    "M2H714", "greeting-repeated", _W, "the history repeats the greeting that opens it"
)
THINKING_TAG = Code("M2H715", "thinking-tag", _W, "a line holds a `<think>` block")
SILENT_EXAMPLE = Code("M2H716", "silent-example", _W, "an example in which the model says nothing")
COMMENT_SENT = Code("M2H717", "comment-sent", _W, "a comment of another language is sent as text")
FOREIGN_MACRO = Code(
    "M2H718", "foreign-macro", _W, "a raw text holds a macro of another program, sent as it is"
)
LABEL_IN_LINE = Code("M2H719", "label-in-line", _W, "a line begins with its own speaker's name")
WRONG_LANGUAGE = Code(
    "M2H720", "wrong-language", _W, "the texts are in another language than `language` says"
)
UNTRIMMED_TEXT = Code(
    "M2H721", "blank-edges", _N, "a text begins or ends with blanks that are sent"
)

SETTINGS_SYNTAX = Code("M2H801", "settings-syntax", _E, "m2her.toml is not TOML")
SETTINGS_KEY = Code("M2H802", "settings-key", _E, "a setting that does not exist")
SETTINGS_VALUE = Code(
    "M2H803", "settings-value", _E, "a setting with a value that it does not take"
)
MIN_VERSION = Code("M2H804", "min-version", _E, "the library wants a newer m2her")
DUPLICATE_ID = Code("M2H805", "duplicate-id", _E, "two scenarios of a library have one id")
UNREFERENCED_FILE = Code(
    "M2H806", "unreferenced-file", _W, "a character, persona or abstract scenario that nothing uses"
)
NEAR_DUPLICATE = Code("M2H807", "near-duplicate", _W, "two scenarios say nearly the same")
UNUSED_IGNORE = Code("M2H808", "unused-ignore", _W, "an ignore comment silences nothing")
BAD_IGNORE = Code("M2H809", "bad-ignore", _W, "an ignore comment that cannot be understood")
CASE_COLLISION = Code(
    "M2H810", "ids-differ-in-case", _W, "two ids differ in upper and lower case alone"
)

ALL: Final[tuple[Code, ...]] = tuple(
    sorted((v for v in list(globals().values()) if isinstance(v, Code)), key=lambda code: code.id)
)
