"""Everything that can go wrong, and whose fault it is.

    EdgesimError
    ├── ConfigError              the deployment file, before any port is opened   exit 2
    ├── FunctionError            the user's edge function raised or crashed       503
    │   ├── FunctionTimeout      it took too long                                 503
    │   ├── FunctionThrottled    too many ran at once                             503
    │   └── InvalidFunctionResult  it returned what CloudFront refuses            502
    ├── OriginError              the origin, or the way to it                     502
    │   └── OriginTimeout        it, or the connection to it, took too long       504
    └── ViewerError              what the viewer sent                             403
        ├── Unsigned             without a signature where one is needed          403
        └── BadRequest                                            400 / 414 / 494

A decision is not an error: a response that may not be stored carries a
`NotStored` reason, a request that must be forwarded a `ForwardReason`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class EdgesimError(Exception):
    """Says what happened, where, and what to do about it.

    `code` is CloudFront's own word for it where there is one (the log field
    x-edge-detailed-result-type), `status` is what a viewer gets, `page` the sentence on
    CloudFront's error page where the code alone does not say it, and `rule` the id of the row
    that was broken (`cloudfront/rule_book.py`).
    """

    code: str = "Internal"
    status: int = 500

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        hint: str = "",
        code: str = "",
        status: int = 0,
        page: str = "",
        rule: str = "",
    ) -> None:
        super().__init__(what)
        self.what, self.where, self.hint, self.page = what, where, hint, page
        self.rule = rule
        if code:
            self.code = code
        if status:
            self.status = status

    @property
    def label(self) -> str:
        """The code, and the rule where one was broken."""
        return f"{self.code}: {self.rule}" if self.rule else self.code

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        hint = f"\n  hint: {self.hint}" if self.hint else ""
        return f"{where}{self.what} [{self.label}]{hint}"


class ConfigError(EdgesimError):
    """One mistake in a configuration, with its file and line in `where`."""

    code = "config"

    @classmethod
    def unknown(cls, kind: str, name: str, known: Iterable[str], where: str) -> ConfigError:
        """`name` refers to a `kind` that the deployment file does not define."""
        return cls(f"no {kind} is named {name!r}", where=where, hint=suggestion(name, known))


class ConfigErrors(ConfigError):
    """All mistakes of one configuration at once, so that one run shows them all."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        super().__init__(errors[0].what, where=errors[0].where, hint=errors[0].hint)
        self.errors = tuple(errors)

    def __reduce__(self) -> tuple[type[ConfigErrors], tuple[Sequence[ConfigError]]]:
        """How it gets from one process to another."""
        return ConfigErrors, (self.errors,)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


class FunctionError(EdgesimError):
    """The user's code did not complete. `log` holds its last lines."""

    code = "LambdaExecutionError"
    status = 503
    log: Sequence[str] = ()
    faces_viewer = False
    """Whether that was at a viewer trigger."""


class FunctionTimeout(FunctionError):
    """The function was still running at its time limit."""


class FunctionThrottled(FunctionError):
    """It was not run: as many invocations as are allowed were running."""

    code = "LambdaLimitExceeded"


class InvalidFunctionResult(FunctionError):
    """The function returned something that CloudFront does not accept."""

    code = "LambdaValidationError"
    status = 502


class OriginError(EdgesimError):
    """The origin refused, broke off, or spoke something that is not HTTP."""

    code = "OriginConnectError"
    status = 502


class OriginTimeout(OriginError):
    """No connection, or no bytes, within the origin's limits."""

    code = "OriginCommError"
    status = 504


class ViewerError(EdgesimError):
    """The viewer asked for something that this distribution does not allow."""

    code = "InvalidRequest"
    status = 403


class Unsigned(ViewerError):
    """A signed URL or signed cookie is missing or no good; `code` is what AWS's XML says."""

    code = "AccessDenied"


class BadRequest(ViewerError):
    """The viewer sent something that is not a request, or too much of it."""

    status = 400


def did_you_mean(name: str) -> str:
    return f"did you mean {name!r}?"


def suggestion(name: str, known: Iterable[str]) -> str:
    """A hint for a name that does not exist: the nearest one, or all there are."""
    known = sorted(known)
    close = get_close_matches(name, known, n=1)
    return did_you_mean(close[0]) if close else f"known: {', '.join(known) or 'none'}"
