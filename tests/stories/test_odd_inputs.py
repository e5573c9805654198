"""Whatever viewers and origins send, a viewer gets an answer and nothing is raised."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.cloudfront.policies import EVERYTHING, CachePolicy
from edgesim.http.headers import Headers
from edgesim.http.message import Request, Viewer
from edgesim.lifecycle import serve
from tests.conftest import World

POLICY = CachePolicy(min_ttl_s=0, default_ttl_s=60, query=EVERYTHING, cookies=EVERYTHING, gzip=True)

odd = st.text(alphabet=st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=12)
values = odd | st.sampled_from(
    ["*", "0", "-1", "9" * 5000, "max-age=" + "9" * 5000, "max-age=0", "no-cache", "bytes=0-",
     "bytes=-" + "9" * 5000, 'W/"1"', '"1"', '"', "Fri, 31 Dec 9999 23:59:59 GMT",
     "Mon, 01 Jan 0001 00:00:00 GMT", "Thu, 99 Foo 99999 99:99:99 GMT", "stale-if-error=9"]
)  # fmt: skip
names = st.sampled_from(
    ["Age", "Date", "Expires", "Cache-Control", "ETag", "Last-Modified", "Vary", "Range", "Cookie",
     "If-Range", "If-None-Match", "If-Modified-Since", "If-Match", "Set-Cookie", "Pragma", "Via",
     "Accept-Encoding", "Connection", "Content-Type", "Host", "Origin"]
)  # fmt: skip
requests = st.builds(
    lambda method, path, lines: Request(method, f"/{path}", Headers(lines)),
    st.sampled_from(["GET", "HEAD", "POST", "OPTIONS"]),
    st.sampled_from(["", "?", "a", "../é"]),
    st.lists(st.tuples(names, values), max_size=5),
)
statuses = st.sampled_from([200, 206, 299, 301, 304, 307, 404, 416, 500, 503, 599])


@given(
    st.booleans(),
    st.lists(
        st.tuples(
            requests, statuses, st.dictionaries(names, values, max_size=5), st.floats(0, 1e9)
        ),
        min_size=1,
        max_size=4,
    ),
)
@settings(max_examples=200, deadline=None)
def test_every_request_is_answered(
    rfc: bool, steps: list[tuple[Request, int, dict[str, str], float]]
) -> None:
    world = World(policy=None if rfc else POLICY)
    for request, status, fields, wait in steps:
        world.origin.status, world.origin.headers = status, fields
        served = world.sim.finish(serve(world.edge, request, Viewer()))
        world.sim.run()
        assert 200 <= served.response.status <= 599
        assert served.response.headers.get("x-cache")
        assert not world.tiers[0].flights
        world.pass_time(wait)
