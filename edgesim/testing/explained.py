"""Why a response of a virtual edge was not what its test expected, in a few sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..cache.freshness import StoredResponse
from ..cache.reuse import Bypass, Forward, ForwardReason
from ..cloudfront.explanation import Part, key_parts
from ..cloudfront.function import Trigger
from ..cloudfront.reasons import NOT_STORED, reason
from ..cloudfront.result_type import ResultType
from .story import EdgeResponse, Story

MISSED = (ForwardReason.URI_MISS, ForwardReason.VARY_MISS)
SHOWN_CHARACTERS = 60


def explained(responses: Sequence[EdgeResponse], expected: str) -> list[str]:
    """Why the last of `responses` was not `expected`, a result type; the others came before it."""
    *earlier, response = responses
    story = response.edge
    lines = [f"expected {expected}, was {story.result_type}: {_because(story)}"]
    if expected in (ResultType.HIT, ResultType.REFRESH_HIT) and _missed(story):
        lines += _never_stored(story, _of_this_path(response, earlier))
    if expected == ResultType.MISS and story.result_type is ResultType.HIT:
        lines += _stored_by(story, _of_this_path(response, earlier))
    return lines


def _because(story: Story) -> str:
    if story.failure is not None:
        return story.failure.what
    if not story.served.verdicts:
        at_viewer = (run for run in story.functions if run.trigger is Trigger.VIEWER_REQUEST)
        answering = next(at_viewer, None)
        return f"{answering.function} answered it" if answering else "no cache was asked"
    return reason(story.served.verdicts) or "a fresh response was stored"


def _missed(story: Story) -> bool:
    """Whether the nearest cache had nothing under its key, and nothing else was wrong."""
    if story.result_type is not ResultType.MISS:
        return False
    verdicts = story.served.verdicts
    decision = verdicts[0].decision if verdicts else None
    return isinstance(decision, Forward) and decision.reason in MISSED


def _of_this_path(response: EdgeResponse, earlier: Sequence[EdgeResponse]) -> list[Story]:
    """Those that could have filled the cache for it, the latest first."""
    path, behavior = response.edge.request.path, response.edge.served.behavior
    return [
        one.edge
        for one in reversed(earlier)
        if one.edge.request.path == path and one.edge.served.behavior is behavior
    ]


def _never_stored(story: Story, before: Sequence[Story]) -> Iterator[str]:
    """Why nothing that came `before` is a hit now."""
    if not before:
        yield "no request of this test came to this path and this behavior before"
        return
    same = next((one for one in before if not _differences(story, one)), None)
    if same is None:
        differing = "; ".join(_differences(story, before[0]))
        yield f"its cache key is not that of the request before: {differing}"
        return
    first = same.served.verdicts[0] if same.served.verdicts else None
    kept = first.kept if first else None
    ago = f"{story.moment - same.moment:g} s before"
    if isinstance(kept, StoredResponse):
        yield f"what was stored for {kept.lifetime:,} s {ago} is gone: invalidated or evicted"
    elif kept is not None:
        yield f"the same request {ago} was {NOT_STORED[kept]}"
    elif first is not None and isinstance(first.decision, Bypass):
        yield f"the same request {ago} bypassed the cache"
    else:
        yield f"the same request {ago} brought nothing to store"


def _stored_by(story: Story, before: Sequence[Story]) -> Iterator[str]:
    filled = (one for one in before if one.result_type is ResultType.MISS)
    same = next((one for one in filled if not _differences(story, one)), None)
    if same is not None:
        asked = f"{same.request.method} {same.request.target}"
        yield f"it was stored by {asked} {story.moment - same.moment:g} s before"


def _differences(story: Story, other: Story) -> list[str]:
    """What of the cache key differs, as the viewers sent it."""
    now, then = _key(story), _key(other)
    found = []
    for kind, name in dict.fromkeys((*now, *then)):
        here, there = now.get((kind, name)), then.get((kind, name))
        if here != there:
            found.append(f'{kind} "{name}" is {_shown(here)}, was {_shown(there)}')
    return found


def _key(story: Story) -> dict[tuple[str, str], tuple[str, ...]]:
    behavior = story.served.behavior
    policy = behavior.cache_policy if behavior is not None else None
    parts: dict[tuple[str, str], tuple[str, ...]] = {}
    for part in filter(_counts, key_parts(policy, story.request)):
        at = (part.kind, part.name)
        parts[at] = (*parts.get(at, ()), part.value)
    return parts


def _counts(part: Part) -> bool:
    return part.keyed and part.name != "path"


def _shown(values: tuple[str, ...] | None) -> str:
    if values is None or values == ("",):
        return "absent"
    text = ", ".join(values)
    return repr(text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…")
