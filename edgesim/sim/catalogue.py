"""The objects of a scenario as an origin has them, and the requests that ask for them."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from random import Random

from ..http.headers import Headers
from ..http.message import Request, Response
from .bodies import Sized
from .driver import Timed
from .scenario import Content, Scenario

HOST = "www.example.test"
ASKED = Headers([("Host", HOST)])


class Catalogue:
    """Each object has a number; its size is the same for the same seed."""

    def __init__(self, scenario: Scenario) -> None:
        self.contents = scenario.contents
        self.sizes = array("q")
        for content in self.contents:
            random = Random(f"{scenario.seed} sizes of {content.name}")  # noqa: S311 - no secret
            self.sizes.extend(
                int(content.size_bytes.at(random.random())) for _ in range(content.objects)
            )
        self._firsts = [0, *accumulate(content.objects for content in self.contents)]
        self.versions = [1] * len(self.contents)

    def index(self, number: int) -> int:
        """Of which content the object is."""
        return bisect_right(self._firsts, number) - 1

    def request(self, number: int) -> Request:
        """What a viewer sends for it now."""
        index = self.index(number)
        content = self.contents[index]
        version = f"{self.versions[index]}." if content.hashed_names else ""
        target = f"/{content.name}/{version}{number - self._firsts[index]}"
        return Request(content.method, target, ASKED)

    def deploy(self, names: Sequence[str] | frozenset[str]) -> None:
        """The objects of these contents are others from now on."""
        for index, content in enumerate(self.contents):
            self.versions[index] += content.name in names

    def answered(self, request: Request, random: Random) -> Timed:
        """What the origin answers, and how long it takes."""
        _, name, key = request.path.split("/")
        index = next(i for i, content in enumerate(self.contents) if content.name == name)
        content, number = self.contents[index], int(key.rpartition(".")[2])
        tag = f'"{self.versions[index]}.{number}"'
        headers = Headers([*content.headers, ("ETag", tag)])
        seconds = content.origin_s.at(random.random())
        if request.headers.get("if-none-match") == tag:
            return Timed(Response(304, headers), seconds)
        body = Sized(self.sizes[self._firsts[index] + number])
        return Timed(Response(200, headers, body), seconds)


def path_pattern(content: Content) -> str:
    """The paths of its objects."""
    return f"/{content.name}/*"
