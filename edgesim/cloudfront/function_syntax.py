"""What JavaScript CloudFront's engine does not take, row by row.

CloudFront: "JavaScript runtime 1.0 features", "JavaScript runtime 2.0 features", "Restrictions on
CloudFront Functions". AWS checks nothing of it when a function is saved: every request gets a 503
once it runs. The rows that are `silent` are assumed: the guide does not list the construct.
"""

from __future__ import annotations

from .function import Trigger
from .rule_book import Rule, RuleKind

_VIEWER = frozenset({Trigger.VIEWER_REQUEST, Trigger.VIEWER_RESPONSE})
_LISTED = "JavaScript runtime features for CloudFront Functions"
_SEEN = "observed: SyntaxError when the function first runs"
_RESTRICTED = "Restrictions on CloudFront Functions"


def _rule(name: str, condition: str, fix: str, source: str, *, silent: bool = False) -> Rule:
    return Rule(
        f"cff-js-{name}", condition, fix, source, _VIEWER, status=503, silent=silent, passes=silent,
        kind=RuleKind.ASSOCIATION,
    )  # fmt: skip


SIZE = _rule(
    "size",
    "The code is larger than 10 KB (10,240 bytes).",
    "minify it, or move data into a key-value store",
    "Quotas on CloudFront Functions",
)
SYNTAX = _rule("syntax", "The code is no JavaScript.", "correct that line", _RESTRICTED)
HANDLER = _rule(
    "handler",
    "There is no function named handler.",
    "write function handler(event) { … }",
    _RESTRICTED,
)
RETURN = _rule(
    "return", "A return stands outside any function.", "put it into the handler", _LISTED
)
IMPORT = _rule(
    "import",
    "A module is imported that is not there, or otherwise than by default; runtime 1.0 has no "
    "import at all.",
    "import x from 'cloudfront', 'crypto' or 'querystring', and bundle everything else",
    _LISTED,
)
REQUIRE = _rule(
    "require",
    "A module is required that is not there.",
    "there are 'crypto' and 'querystring'; bundle everything else",
    _LISTED,
)
EXPORT = _rule(
    "export", "Something is exported.", "leave it out: handler is found by name", _LISTED
)
AWAIT_TOP = _rule(
    "await-top", "An await stands outside an async function.", "put it into the handler", _LISTED
)
AWAIT_ARGUMENT = _rule(
    "await-argument",
    "An await stands in the arguments of a call.",
    "await into a variable first, and hand that over",
    _SEEN,
)
ASYNC_1_0 = _rule(
    "async-1.0",
    "Runtime 1.0 has neither async nor await.",
    'use runtime = "cloudfront-js-2.0"',
    _LISTED,
)
CONST_1_0 = _rule(
    "const-1.0",
    "Runtime 1.0 has neither const nor let.",
    'write var, or use runtime = "cloudfront-js-2.0"',
    _SEEN,
)
SEPARATOR_1_0 = _rule(
    "separator-1.0", "Runtime 1.0 has no separators in numbers.", "write 1000", _LISTED
)
FOR_OF = _rule(
    "for-of",
    "A loop is for … of.",
    "loop by index, or use Object.keys(x).forEach(…)",
    _SEEN,
)
CATCH = _rule("catch", "A catch has no binding.", "write catch (error) {", _SEEN)
OPTIONAL_CHAIN = _rule(
    "optional-chain", "?. is used.", "write a && a.b", "observed: FunctionExecutionError"
)
ARRAY_PATTERN = _rule(
    "array-pattern",
    "An array is destructured.",
    "take the elements by index",
    "observed: FunctionExecutionError",
)
DYNAMIC = _rule(
    "dynamic-code", "Code is made from text: eval or Function.", "write it out", _RESTRICTED
)
OBJECT_PATTERN = _rule(
    "object-pattern",
    "An object is destructured, which is not listed.",
    "take the properties by name",
    _LISTED,
    silent=True,
)
SPREAD = _rule(
    "spread",
    "Something is spread (…x), which is not listed.",
    "use Object.assign or concat",
    _LISTED,
    silent=True,
)
DEFAULT = _rule(
    "default-parameter",
    "A parameter has a default, which is not listed.",
    "give it its value in the body",
    _LISTED,
    silent=True,
)
CLASS = _rule(
    "class", "There is a class, which is not listed.", "use functions", _LISTED, silent=True
)
GENERATOR = _rule(
    "generator", "There is a generator, which is not listed.", "use arrays", _LISTED, silent=True
)
NULLISH = _rule(
    "nullish", "?? or a logical assignment is used, which is not listed.", "use a condition",
    _LISTED, silent=True,
)  # fmt: skip
LOOK_BEHIND = _rule(
    "look-behind",
    "A regular expression looks behind, which is not listed.",
    "match more, and take a group",
    _LISTED,
    silent=True,
)
LOG_ARGUMENTS = _rule(
    "log-arguments",
    "console.log has several arguments, and only the first is logged.",
    "join them into one string",
    _LISTED,
    silent=True,
)
MISSING = _rule(
    "missing",
    "Something of Node.js or browsers is called that is not there.",
    "there are no timers, no network and no process, only console.log",
    _RESTRICTED,
    silent=True,
)

SYNTAX_RULES = (
    SIZE, SYNTAX, HANDLER, RETURN, IMPORT, REQUIRE, EXPORT, AWAIT_TOP, AWAIT_ARGUMENT, ASYNC_1_0,
    CONST_1_0, SEPARATOR_1_0, FOR_OF, CATCH, OPTIONAL_CHAIN, ARRAY_PATTERN, DYNAMIC, OBJECT_PATTERN,
    SPREAD, DEFAULT, CLASS, GENERATOR, NULLISH, LOOK_BEHIND, LOG_ARGUMENTS, MISSING,
)  # fmt: skip
