"""A conversation as data: viewers, origins, steps of the clock, and what is expected, in YAML.

    edge: { config: edgesim.toml }            # or origin, template …: what the marker takes
    origins:
      app:
        - { path: /, text: hello, headers: { cache-control: max-age=60 } }
    steps:
      - { get: /, viewer: Tokyo, expect: { result_type: Miss, text: hello } }
      - { advance_s: 59 }
      - { get: /, expect: { result_type: Hit, headers: { age: "59" } } }
      - { origin: app, calls: 1 }

In the spirit of varnishtest, without its sleeps: time is virtual. A file named `test_*.edge.yaml`
is a test of pytest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..config.templates.nodes import Node
from ..config.templates.reading import parsed
from ..errors import ConfigError, suggestion
from .described import Described
from .edge import VirtualEdge
from .explained import explained
from .story import EdgeResponse

METHODS = ("get", "head", "post", "put", "delete", "options", "patch")
OPTIONS = ("headers", "cookies", "params", "content", "json", "viewer")
EXPECTED = (
    *("status", "result_type", "text", "contains", "pop", "headers", "seconds_below"),
    *("functions", "failure"),
)
VERBS = (*METHODS, "together", "advance_s", "invalidate", "outage", "origin")


class Unexpected(AssertionError):
    """A step did not go as the file expects; its text has file, line and reason."""


class Conversation:
    """One file. Raises `ConfigError`, with the line, for what it cannot mean."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"it cannot be read: {error}", where=self.name) from None
        self.root = parsed(text, self.name)
        self._check(self.root, ("edge", "origins", "steps"), "conversation")
        if not self.root.get("steps"):
            raise ConfigError("it has no steps", where=self.name)

    def edge(self, folder: Path) -> VirtualEdge:
        """The edge that it is about, its origins told what to answer. Raises `ConfigError`."""
        described = self.root.get("edge")
        try:
            made = Described(**(described.plain() if described else {}))
        except TypeError as error:
            raise self._mistake(described or self.root, f"{error}") from None
        edge = VirtualEdge(made.deployment(folder))
        origins = self.root.get("origins")
        for name, answers in (origins.fields if origins else {}).items():
            for answer in answers.members:
                self._answer(edge, name, answer)
        return edge

    def play(self, edge: VirtualEdge) -> None:
        """Every step in turn. Raises `Unexpected` at the first that goes otherwise."""
        steps = self.root.get("steps")
        for step in steps.members if steps else ():
            verb = next((verb for verb in VERBS if verb in step.fields), "")
            known = (verb, "expect", *OPTIONS) if verb in METHODS else self._keys_of(verb)
            if not verb:
                raise self._mistake(step, "this step says nothing to do", suggestion("", VERBS))
            self._check(step, known, f"step {verb!r}")
            self._do(edge, step, verb)

    @staticmethod
    def _keys_of(verb: str) -> tuple[str, ...]:
        more = {"origin": ("calls", "respond", "refuse", "hang"), "outage": ("on",)}
        return (verb, *more.get(verb, ()))

    def _do(self, edge: VirtualEdge, step: Node, verb: str) -> None:
        if verb in METHODS:
            self._held(step, edge, self._request(edge, step))
        elif verb == "together":
            requests = [self._asked(one) for one in step.fields[verb].members]
            for one, response in zip(
                step.fields[verb].members, edge.together(*requests), strict=True
            ):
                self._held(one, edge, response)
        elif verb == "advance_s":
            edge.clock.advance(float(step.fields[verb].plain()))
        elif verb == "invalidate":
            patterns = step.fields[verb].plain()
            edge.invalidate(*(patterns if isinstance(patterns, list) else [patterns]))
        elif verb == "outage":
            places, on = step.fields[verb].plain(), step.get("on")
            names = places if isinstance(places, list) else [places]
            edge.outage(*names, on=True if on is None else bool(on.plain()))
        else:
            self._at_origin(edge, step)

    def _at_origin(self, edge: VirtualEdge, step: Node) -> None:
        name = step.text_at("origin")
        calls = step.get("calls")
        if calls is not None and edge.origin(name).calls != calls.plain():
            what = f"origin {name} was asked {edge.origin(name).calls} times"
            raise self._unexpected(calls, f"expected {calls.plain()} calls: {what}", edge)
        for key in ("respond", "refuse", "hang"):
            if key in step.fields:
                answer = step.fields[key]
                self._answer(edge, name, answer if key == "respond" else step)

    def _answer(self, edge: VirtualEdge, name: str, answer: Node) -> None:
        """Tell an origin what it answers from now on."""
        origin, options = edge.origin(name), answer.plain()
        path = options.pop("path", "*")
        if options.pop("refuse", False):
            origin.refuse(path)
        elif options.pop("hang", False):
            origin.hang(path)
        else:
            try:
                origin.respond(path, **options)
            except TypeError as error:
                raise self._mistake(answer, str(error)) from None

    def _asked(self, step: Node) -> tuple[str, str, Mapping[str, Any]]:
        method = next((method for method in METHODS if method in step.fields), "")
        if not method:
            raise self._mistake(step, "a request begins with its method", "get: /")
        options = {key: step.fields[key].plain() for key in OPTIONS if key in step.fields}
        viewer = options.pop("viewer", None)
        if viewer is not None:
            options["extensions"] = {"viewer": viewer}
        return method.upper(), step.text_at(method), options

    def _request(self, edge: VirtualEdge, step: Node) -> EdgeResponse:
        return edge.together(self._asked(step))[0]

    def _held(self, step: Node, edge: VirtualEdge, response: EdgeResponse) -> None:
        """Hold `response` to what is expected."""
        expect = step.get("expect")
        if expect is None:
            return
        self._check(expect, EXPECTED, "expectation")
        for key, node in expect.fields.items():
            if key == "headers":
                for name, value in node.fields.items():
                    found = response.headers.get(name)
                    self._compare(value, edge, f"header {name}", found, value.plain())
                continue
            wanted = node.plain()
            holds, found = CHECKS[key](response, wanted)
            if not holds:
                why = []
                if key == "result_type":
                    index = edge.responses.index(response) + 1
                    why = explained(edge.responses[:index], str(wanted))[1:]
                said = f"expected {key} {wanted!r}, was {found!r}"
                raise self._unexpected(node, "\n  ".join([said, *why]), edge)

    def _compare(
        self, node: Node, edge: VirtualEdge, what: str, found: object, wanted: object
    ) -> None:
        wanted = None if wanted is None else str(wanted)
        if found != wanted:
            raise self._unexpected(node, f"expected {what} {wanted!r}, was {found!r}", edge)

    def _check(self, node: Node, known: tuple[str, ...], what: str) -> None:
        for key, value in node.fields.items():
            if key not in known:
                raise self._mistake(value, f"a {what} has no {key!r}", suggestion(key, known))

    def _mistake(self, node: Node, what: str, hint: str = "") -> ConfigError:
        return ConfigError(what, where=f"{self.name}:{node.line}", hint=hint)

    def _unexpected(self, node: Node, what: str, edge: VirtualEdge) -> Unexpected:
        return Unexpected(f"{self.name}:{node.line}: {what}\n\n{edge.report()}")


CHECKS: Mapping[str, Callable[[EdgeResponse, Any], tuple[bool, object]]] = {
    "status": lambda one, wanted: (one.status_code == wanted, one.status_code),
    "result_type": lambda one, wanted: (one.edge.result_type == wanted, one.edge.result_type.value),
    "text": lambda one, wanted: (one.text == wanted, one.text),
    "contains": lambda one, wanted: (wanted in one.text, one.text),
    "pop": lambda one, wanted: (one.edge.pop.startswith(wanted), one.edge.pop),
    "seconds_below": lambda one, wanted: (one.edge.seconds < wanted, one.edge.seconds),
    "functions": lambda one, wanted: (
        [run.function for run in one.edge.functions] == wanted,
        [run.function for run in one.edge.functions],
    ),
    "failure": lambda one, wanted: (wanted in str(one.edge.failure or ""), str(one.edge.failure)),
}
"""Whether a response is as expected, and what it is."""
