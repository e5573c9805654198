"""The plugin in test runs of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import PLUGIN

pytest_plugins = ["pytester"]
OPTIONS = [*PLUGIN, "-p", "no:cacheprovider"]
CHECKOUT = str(Path(__file__).parents[2])

Ran = Callable[..., pytest.RunResult]


@pytest.fixture
def ran(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Runs pytest on a test file, in a process of its own."""
    monkeypatch.setenv("PYTHONPATH", CHECKOUT)
    pytester.makeini("[pytest]")  # no folder above is its root

    def run(tests: str, *options: str, **files: str) -> pytest.RunResult:
        pytester.makepyfile(tests)
        for name, text in files.items():
            pytester.path.joinpath(name.replace("__", "/") + ".py").write_text(text)
        return pytester.runpytest_subprocess(*OPTIONS, *options, timeout=60)

    return run


HANDLER = """\
def handler(event, context):
    print("a word from the function")
    return event["Records"][0]["cf"]["request"]
"""

CONFIGURATION = """\
[origins.site]
url = "http://127.0.0.1:9"
[functions.talk]
code = "talk.py"
handler = "talk.handler"
runtime = "python3.12"
[default_behavior]
origin = "site"
origin_request = "talk"
"""


def test_a_failing_test_shows_its_requests_and_what_functions_said(
    ran: Ran, pytester: pytest.Pytester
) -> None:
    pytester.path.joinpath("edgesim.toml").write_text(CONFIGURATION)
    tests = """
        def test_it(edge):
            edge.origin("site").respond("/", text="hello")
            edge.get("/")
            edge.origin("site").refuse()
            edge.invalidate("/*")
            assert edge.get("/").status_code == 200
        """
    result = ran(tests, talk=HANDLER)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- edgesim -*",
            "GET /: 200 Miss at FRA* after * ms",
            "  pop; fwd=uri-miss; fwd-status=200; stored; ttl=*",
            "  ran talk at origin-request",
            "    | a word from the function",
            "  asked site for GET /: 200",
            "GET /: 502 Error at FRA* after * ms",
            "  failed: origin site: connection refused [[]OriginConnectError[]]",
        ]
    )


def test_a_result_type_that_was_not_expected_is_explained(ran: Ran) -> None:
    tests = """
        def test_it(edge):
            edge.origin("app").respond("/", text="hello", headers={"cache-control": "max-age=60"})
            edge.get("/?a=1")
            response = edge.get("/?a=2")
            assert response.edge.result_type == "Hit"

        def test_the_other_way_round(edge):
            assert "Hit" == edge.get("/").edge.result_type

        def test_of_a_test_without_an_edge():
            from edgesim.cloudfront.result_type import ResultType
            assert ResultType.MISS == "Hit"
        """
    result = ran(tests)
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(
        [
            "E * assert 'Miss' == 'Hit'",
            "E * expected Hit, was Miss: not in the cache, stored for 60 s",
            "E * its cache key is not that of the request before: query \"a\" is '2', was '1'",
            "E * expected Hit, was Error: *",
            "E * AssertionError: assert <ResultType.MISS: 'Miss'> == 'Hit'",
        ]
    )


def test_a_test_that_passes_shows_nothing(ran: Ran) -> None:
    result = ran("def test_it(edge):\n    assert edge.get('/').status_code == 404", "-rA")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*- edgesim -*")


def test_a_fixture_that_fails_shows_its_requests_too(ran: Ran) -> None:
    tests = """
        import pytest

        @pytest.fixture
        def page(edge):
            assert edge.get("/x").status_code == 200

        def test_it(page):
            pass
        """
    result = ran(tests)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["GET /x: 404 Error at *"])


def test_a_live_edge_shows_its_requests_too(ran: Ran) -> None:
    tests = """
        import httpx

        def test_it(edge_server):
            server = edge_server(origin="http://127.0.0.1:9")
            assert httpx.get(server.url + "/x").status_code == 200
        """
    result = ran(tests)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["GET /x: 502 Error", "  failed: origin app: nothing listens*"])


def test_it_works_with_xdist(ran: Ran) -> None:
    tests = """
        import pytest

        @pytest.mark.parametrize("n", range(4))
        def test_it(edge, n):
            edge.origin("app").respond("/", text="hello")
            assert edge.get("/").text != f"hello{n}"
            assert n != 3
        """
    result = ran(tests, "-n", "2")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["*- edgesim -*", "GET /: 200 Miss at *"])


def test_it_works_in_async_tests(ran: Ran) -> None:
    tests = """
        import edgesim

        @edgesim.viewer_request
        async def greet(request):
            return edgesim.Response(200, body=b"hello")

        async def test_it(edge):
            edge.attach(greet)
            assert edge.get("/").text == "hello"
        """
    ran(tests, "-o", "asyncio_mode=auto").assert_outcomes(passed=1)


def test_the_marker_names_a_configuration(ran: Ran, pytester: pytest.Pytester) -> None:
    pytester.mkdir("deploy")
    pytester.path.joinpath("deploy/site.toml").write_text(CONFIGURATION)
    tests = """
        import pytest

        @pytest.mark.edgesim(config="deploy/site.toml")
        def test_it(edge):
            edge.origin("site").respond(text="hello")
            assert edge.get("/").edge.functions[0].log == "a word from the function\\n"

        def test_without_it(edge):
            assert edge.origin("app").calls == 0
        """
    ran(tests, "--strict-markers", deploy__talk=HANDLER).assert_outcomes(passed=2)


def test_the_marker_says_how_silence_is_read(ran: Ran) -> None:
    tests = """
        import pytest

        def numbered(event, context):
            return {"status": 200}

        @pytest.mark.parametrize(
            ("strictness", "status", "warnings"), [("safe", 200, 1), ("lenient", 200, 1)]
        )
        def test_it(request, strictness, status, warnings):
            request.applymarker(pytest.mark.edgesim(strictness=strictness))
            edge = request.getfixturevalue("edge")
            edge.attach(numbered, "viewer-request")
            answer = edge.get("/")
            assert (answer.status_code, len(answer.edge.warnings)) == (status, warnings)

        @pytest.mark.edgesim(strictness="strict")
        def test_strictly(edge):
            edge.attach(numbered, "viewer-request")
            assert edge.get("/").edge.failure.rule == "status-number"

        def test_shown(edge):
            edge.attach(numbered, "viewer-request")
            assert edge.get("/").status_code == 404

        @pytest.mark.edgesim(strictness="strikt")
        def test_misspelt(edge):
            pass
        """
    result = ran(tests)
    result.assert_outcomes(passed=3, failed=1, errors=1)
    result.stdout.fnmatch_lines(["*'strikt' is no strictness*"])
    result.stdout.fnmatch_lines(["  warning: function numbered at viewer-request: its status is*"])


def test_a_live_edge_is_told_how_silence_is_read(ran: Ran, pytester: pytest.Pytester) -> None:
    configuration = CONFIGURATION.replace("origin_request", "viewer_request")
    pytester.path.joinpath("edgesim.toml").write_text(configuration)
    tests = """
        import httpx

        def test_it(edge_server):
            assert httpx.get(edge_server(config="edgesim.toml").url).status_code == 200
            strict = edge_server(config="edgesim.toml", strictness="strict")
            assert httpx.get(strict.url).status_code == 502
            assert "[LambdaValidationError: status-number]" in strict.report()
        """
    handler = "def handler(event, context):\n    return {'status': 200}\n"
    ran(tests, talk=handler).assert_outcomes(passed=1)


def test_a_mistake_in_a_configuration_is_a_message_and_no_traceback(
    ran: Ran, pytester: pytest.Pytester
) -> None:
    pytester.path.joinpath("edgesim.toml").write_text(CONFIGURATION.replace("talk.py", "tlak.py"))
    result = ran("def test_it(edge): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*edgesim.toml:*tlak.py*"])
    result.stdout.no_fnmatch_line("*plugin.py:*")


def test_a_marker_that_says_something_else_is_refused(ran: Ran) -> None:
    tests = """
        import pytest

        @pytest.mark.edgesim(konfig="x")
        def test_it(edge):
            pass
        """
    result = ran(tests)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*unexpected keyword argument 'konfig'*"])


def test_a_suite_that_does_not_use_it_pays_nothing(ran: Ran) -> None:
    tests = """
        import sys

        def test_it():
            heavy = {"aiohttp", "asyncio", "httpx", "pydantic", "edgesim.lifecycle", "lru"}
            assert not heavy & sys.modules.keys()
        """
    ran(tests, "-p", "no:asyncio", "-p", "no:anyio").assert_outcomes(passed=1)


def test_an_edge_that_is_described_by_nothing_imports_no_more_than_it_needs(ran: Ran) -> None:
    tests = """
        import sys

        def test_it(edge):
            edge.origin().respond(text="hello")
            assert edge.get("/").text == "hello"
            names = {"pydantic", "edgesim.config.resolve", "edgesim.runtimes", "aiohttp"}
            assert not names & sys.modules.keys()
        """
    ran(tests).assert_outcomes(passed=1)


def test_importing_it_takes_no_time() -> None:
    """Besides pytest, which is there already; the best of five."""
    program = (
        "import pytest, time; began = time.perf_counter(); import edgesim.testing.plugin; "
        "print(time.perf_counter() - began)"
    )
    run = [sys.executable, "-c", program]
    took = [
        float(subprocess.run(run, check=True, capture_output=True, text=True, cwd=CHECKOUT).stdout)
        for _ in range(5)
    ]
    assert min(took) < 0.05
