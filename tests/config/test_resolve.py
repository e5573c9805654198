"""Golden table: what a well-formed configuration may still get wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edgesim.cache.rules import RFC9111
from edgesim.cloudfront.bucket import Bucket
from edgesim.cloudfront.caching import CloudFrontCaching
from edgesim.cloudfront.distribution import ALL_METHODS
from edgesim.cloudfront.function import Trigger
from edgesim.cloudfront.policies import Selection, all_except, listed
from edgesim.cloudfront.tenant import Tenant
from edgesim.config.deployment import Deployment
from edgesim.config.resolve import from_origin, load, with_origins
from edgesim.errors import ConfigError

from .conftest import GOOD

BEHAVIOR = '[[behaviors]]\norigin = "app"\npath_pattern = '
ORIGIN = "[origins.two]\n"
POLICY = "[cache_policies.p]\n"
RESPONSE = "[response_headers_policies.p]\n"
READ, ALL = '["GET", "HEAD"]', '["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]'

MEANINGS = [
    # what is added to a good file from line 13 on, where, what, hint
    (
        '[origins.two]\nurl = "http://x"\norigin_shield = "eu-central-2"',
        "15: origins.two.origin_shield",
        "no Region with Origin Shield is named 'eu-central-2'",
        "did you mean 'eu-central-1'?",
    ),
    (
        BEHAVIOR.replace("app", "ap") + '"/a"',
        "14: behaviors[0].origin",
        "no origin is named 'ap'",
        "did you mean 'app'?",
    ),
    (
        'cache_policy = "CachingOptimised"',
        "13: default_behavior.cache_policy",
        "no cache policy is named 'CachingOptimised'",
        "did you mean 'CachingOptimized'?",
    ),
    (
        'cache_policy = "RFC911"',
        "13: default_behavior.cache_policy",
        "no cache policy is named 'RFC911'",
        "did you mean 'RFC9111'?",
    ),
    (
        'origin_request_policy = "AllViewers"',
        "13: default_behavior.origin_request_policy",
        "no origin request policy is named 'AllViewers'",
        "did you mean 'AllViewer'?",
    ),
    (
        'response_headers_policy = "SecurityHeaders"',
        "13: default_behavior.response_headers_policy",
        "no response headers policy is named 'SecurityHeaders'",
        "did you mean 'SecurityHeadersPolicy'?",
    ),
    (
        'viewer_request = "bigg"',
        "13: default_behavior.viewer_request",
        "no function is named 'bigg'",
        "did you mean 'big'?",
    ),
    (
        'allowed_methods = ["GET"]',
        "13: default_behavior.allowed_methods",
        "GET is no set of methods that CloudFront offers",
        "it is GET,HEAD or GET,HEAD,OPTIONS or GET,HEAD,OPTIONS,PUT,PATCH,POST,DELETE",
    ),
    (
        'allowed_methods = ["get", "head"]',
        "13: default_behavior.allowed_methods",
        "get, head is no set of methods that CloudFront offers",
        "methods are upper case",
    ),
    (
        f'allowed_methods = {ALL}\ncached_methods = ["GET", "POST"]',
        "14: default_behavior.cached_methods",
        "GET, POST is no set of methods that CloudFront offers",
        "it is GET,HEAD or GET,HEAD,OPTIONS",
    ),
    (
        'cached_methods = ["GET", "HEAD", "OPTIONS"]',
        "13: default_behavior.cached_methods",
        "OPTIONS is cached but not allowed",
        "add it to allowed_methods",
    ),
    (
        'viewer_request = "js"\nviewer_response = "py"',
        "14: default_behavior.viewer_response",
        "one viewer trigger has a CloudFront Function, the other one of Lambda@Edge",
        "a behavior's two viewer triggers take the same kind",
    ),
    (
        'origin_request = "js"',
        "13: default_behavior.origin_request",
        "js is a CloudFront Function, and this is an origin trigger",
        "use viewer_request or viewer_response, or a runtime of Lambda@Edge",
    ),
    (
        'viewer_request = { function = "js", include_body = true }',
        "13: default_behavior.viewer_request",
        "js is a CloudFront Function, which never sees a body",
        "leave out include_body, or use a runtime of Lambda@Edge",
    ),
    (
        'origin_response = { function = "py", include_body = true }',
        "13: default_behavior.origin_response",
        "a response trigger sees no body",
        "include_body is for viewer_request and origin_request",
    ),
    (
        'viewer_response = "big"',
        "13: default_behavior.viewer_response",
        "big has 512 MB, and this is a viewer trigger",
        "at most 128 MB there; or use an origin trigger",
    ),
    (
        '[functions.gone]\ncode = "nowhere"',
        "14: functions.gone.code",
        "there is no file or folder 'nowhere'",
        "paths are relative to the file they stand in",
    ),
    (
        '[functions.old]\ncode = "py"\nruntime = "python3.9"',
        "15: functions.old.runtime",
        "no runtime is named 'python3.9'",
        "did you mean 'python3.14'?",
    ),
    (
        '[functions.odd]\ncode = "py"\nhandler = "handler"',
        "15: functions.odd.handler",
        "'handler' is no handler",
        'write "module.function": "index.handler" is handler in index.py or index.js',
    ),
    (
        '[functions."a b"]\ncode = "js.js"\nruntime = "cloudfront-js-1.0"',
        "13: functions.a b",
        "'a b' is no name for a CloudFront Function",
        "up to 64 letters, digits, - and _",
    ),
    (
        '[functions.cff]\ncode = "py"\nruntime = "cloudfront-js-1.0"',
        "14: functions.cff.code",
        "a CloudFront Function is one file, no folder",
        "name the file itself",
    ),
    (
        f'{BEHAVIOR}"/a/*"\n{BEHAVIOR}"a/*"',
        "18: behaviors[1].path_pattern",
        "'a/*' is the pattern of behaviors[0] already",
        "the first match wins, so this one would never be asked",
    ),
    (
        f'{BEHAVIOR}"/a[0-9]"',
        "15: behaviors[0].path_pattern",
        "'/a[0-9]' has '[' ']', which a path pattern may not have",
        "letters, digits and _ - . * ? $ / ~ \" ' @ : + & are allowed",
    ),
    (
        f'{BEHAVIOR}"/a?page=1"',
        "15: behaviors[0].path_pattern",
        "'/a?page=1' looks for a query",
        "a pattern sees the path only, and ? stands for any one character",
    ),
    (
        f'{BEHAVIOR}"/{"a" * 255}"',
        "15: behaviors[0].path_pattern",
        "the path pattern has 256 characters",
        "255 are allowed",
    ),
    (
        f'{BEHAVIOR}""',
        "15: behaviors[0].path_pattern",
        "the path pattern is empty",
        'write "/api/*", say',
    ),
    (
        '[distribution]\ndefault_root_object = "/index.html"',
        "14: distribution.default_root_object",
        "a default root object begins without a slash",
        "write 'index.html'",
    ),
    (
        '[distribution]\naliases = ["http://shop.localhost"]',
        "14: distribution.aliases[0]",
        "'http://shop.localhost' is no alias",
        "a host name alone, without scheme, port and path",
    ),
    (
        '[distribution]\naliases = ["a.test", "Shop.test"]',
        "14: distribution.aliases[1]",
        "'Shop.test' is no alias",
        "did you mean 'shop.test'?",
    ),
    (
        '[distribution]\naliases = ["a.*.test"]',
        "14: distribution.aliases[0]",
        "'a.*.test' is no alias",
        "a wildcard stands for the whole first label: *.example.com",
    ),
    (
        f'{ORIGIN}url = "127.0.0.1:3000"',
        "14: origins.two.url",
        "'127.0.0.1:3000' has no scheme",
        "did you mean 'http://127.0.0.1:3000'?",
    ),
    (
        f'{ORIGIN}url = "ftp://x"',
        "14: origins.two.url",
        "'ftp://x' is neither http nor https",
        "known: http, https",
    ),
    (
        f'{ORIGIN}url = "http://x/shop/"',
        "14: origins.two.url",
        "the path of 'http://x/shop/' ends with a slash",
        "did you mean 'http://x/shop'?",
    ),
    (
        f'{ORIGIN}url = "http://x/?a=1"',
        "14: origins.two.url",
        "'http://x/?a=1' has a query",
        "an origin is a server, with a path at most",
    ),
    (
        f'{ORIGIN}url = "http://me:secret@x"',
        "14: origins.two.url",
        "'http://me:secret@x' has a user name",
        "send an Authorization header in custom_headers",
    ),
    (
        f'{ORIGIN}url = "http://:80"',
        "14: origins.two.url",
        "'http://:80' names no server",
        "write it as http://127.0.0.1:3000",
    ),
    (
        f'{RESPONSE}cors = {{ allow_origins = ["https://*test.example.org"] }}',
        "14: response_headers_policies.p.cors.allow_origins",
        "'https://*test.example.org' is no such origin",
        "a star is all of it, the leftmost label (https://*.example.org) or the port",
    ),
    (
        f'{RESPONSE}cors = {{ allow_origins = ["https://a.test:80*", "https://*.a.test:*"] }}',
        "14: response_headers_policies.p.cors.allow_origins",
        "'https://a.test:80*' is no such origin",
        "a star is all of it, the leftmost label (https://*.example.org) or the port",
    ),
    (
        f'{RESPONSE}cors = {{ allow_origins = ["example.*"] }}',
        "14: response_headers_policies.p.cors.allow_origins",
        "'example.*' is no such origin",
        "a star is all of it, the leftmost label (https://*.example.org) or the port",
    ),
    (
        RESPONSE + "headers = { " + ", ".join(f'X-{n} = "1"' for n in range(11)) + " }",
        "14: response_headers_policies.p.headers",
        "it has 11 custom headers",
        "10 are allowed",
    ),
    (
        f'{RESPONSE}headers = {{ Content-Security-Policy = "{"a" * 1784}" }}',
        "14: response_headers_policies.p.headers.Content-Security-Policy",
        "Content-Security-Policy has 1,784 characters",
        "1,783 are allowed",
    ),
    (
        '[origin_request_policies.p]\ncloudfront_headers = ["CloudFront-Viewer-Cty"]',
        "14: origin_request_policies.p.cloudfront_headers",
        "no header of CloudFront's is named 'cloudfront-viewer-cty'",
        "did you mean 'cloudfront-viewer-city'?",
    ),
    (
        f'{POLICY}headers = ["CloudFront-Viewer-Contry"]',
        "14: cache_policies.p.headers",
        "no header of CloudFront's is named 'cloudfront-viewer-contry'",
        "did you mean 'cloudfront-viewer-country'?",
    ),
    (
        f'{ORIGIN}url = "http://x"\nfolder = "dist"',
        "13: origins.two",
        "it has url and folder",
        "give exactly one of url, folder, s3, asgi, wsgi",
    ),
    (
        f'{ORIGIN}region = "eu-central-1"',
        "13: origins.two",
        "nothing says where it lives",
        "give exactly one of url, folder, s3, asgi, wsgi",
    ),
    (
        f'{ORIGIN}url = "http://x"\nregion = "eu-centrall-1"',
        "15: origins.two.region",
        "no region is named 'eu-centrall-1'",
        "did you mean 'eu-central-1'?",
    ),
    (
        f'{ORIGIN}s3 = {{ bucket = "b" }}',
        "14: origins.two.s3",
        "nothing says where the bucket is",
        'folder = "dist", or endpoint = "http://127.0.0.1:9000" with bucket = "name"',
    ),
    (
        f'{ORIGIN}folder = "dits"',
        "14: origins.two.folder",
        "there is no folder 'dits'",
        "paths are relative to the file they stand in",
    ),
    (
        f'{ORIGIN}asgi = "app"',
        "14: origins.two.asgi",
        "'app' names no application",
        'write "module:name", as for uvicorn or gunicorn',
    ),
    (
        f'{ORIGIN}url = "http://x"\npath = "shop"',
        "15: origins.two.path",
        "'shop' is no origin path",
        'it begins with a slash and ends without one: "/shop"',
    ),
    (
        f'{ORIGIN}url = "http://x/a"\npath = "/b"',
        "15: origins.two.path",
        "the URL has a path already",
        "leave it out of the URL",
    ),
    (
        f'{ORIGIN}url = "http://x"\ncustom_headers = {{ Host = "y" }}',
        "15: origins.two.custom_headers.Host",
        "Host may not be a custom header",
        "CloudFront sets it, or leaves it to the viewer; choose another name",
    ),
    (
        f'{ORIGIN}url = "http://x"\ncustom_headers = {{ "a b" = "y" }}',
        "15: origins.two.custom_headers.a b",
        "'a b' is no header's name",
        "a name is one token",
    ),
    (
        f"{POLICY}min_ttl_s = 60\ndefault_ttl_s = 10",
        "13: cache_policies.p",
        "TTLs are out of order: min 60 s, default 10 s",
        "a cache policy needs 0 <= min <= default",
    ),
    (
        f"{POLICY}min_ttl_s = 60\nmax_ttl_s = 10",
        "13: cache_policies.p",
        "TTLs are out of order: min 60 s, max 10 s",
        "a cache policy needs min <= max",
    ),
    (
        f'{POLICY}headers = "all"',
        "14: cache_policies.p.headers",
        "a cache key has headers by name only",
        'list their names; cache_policy = "CachingDisabled" sends everything on uncached',
    ),
    (
        f'{POLICY}headers = ["Cookie"]',
        "14: cache_policies.p.headers",
        "cookie cannot be in a cache key",
        "cookies have a setting of their own",
    ),
    (
        f'{POLICY}headers = ["CloudFront-Viewer-Address"]',
        "14: cache_policies.p.headers",
        "cloudfront-viewer-address cannot be in a cache key",
        "name it in an origin request policy",
    ),
    (
        "[cache_policies.CachingDisabled]",
        "13: cache_policies.CachingDisabled",
        "'CachingDisabled' is the name of a built-in policy",
        "choose another name for your own",
    ),
    (
        '[origin_request_policies.p]\nheaders = ["Authorization"]',
        "14: origin_request_policies.p.headers",
        "authorization cannot be listed in an origin request policy",
        "put it in the cache policy, or take all headers",
    ),
    (
        f'{RESPONSE}headers = {{ "X-Cache" = "Hit" }}',
        "14: response_headers_policies.p.headers",
        "X-Cache cannot be set by a policy",
        "it belongs to the connection or to CloudFront itself",
    ),
    (
        f'{RESPONSE}remove = ["Content-Length"]',
        "14: response_headers_policies.p.remove",
        "Content-Length cannot be removed by a policy",
        "it belongs to the connection or to CloudFront itself",
    ),
    (
        f'{RESPONSE}headers = {{ Access-Control-Allow-Origin = "*" }}',
        "14: response_headers_policies.p.headers",
        "Access-Control-Allow-Origin is a CORS header",
        "use [response_headers_policies.p.cors]",
    ),
    (
        f"{RESPONSE}cors = {{ allow_credentials = true }}",
        "14: response_headers_policies.p.cors.allow_credentials",
        "credentials cannot be allowed to every origin",
        "browsers refuse the pair; list the origins",
    ),
    (
        '[distribution]\nminimum_protocol_version = "TLSv1.2"',
        "14: distribution.minimum_protocol_version",
        "no security policy is named 'TLSv1.2'",
        "did you mean 'TLSv1'?",
    ),
    (
        '[distribution]\ntenant = { id = "dt_1" }',
        "14: distribution.tenant",
        "viewers know a tenant by its domains",
        'its domains: aliases = ["shop.example.com"]',
    ),
]


@pytest.mark.parametrize(("added", "where", "what", "hint"), MEANINGS, ids=lambda v: str(v)[:40])
def test_a_mistake_has_a_line_a_sentence_and_a_hint(
    added: str, where: str, what: str, hint: str, refused: Callable[[str], str]
) -> None:
    assert refused(GOOD + added) == f"edgesim.toml:{where}: {what}\n  hint: {hint}"


@pytest.mark.parametrize("path", ["~nobody/code", r"a\u0000b", "", "x" * 5000])
def test_no_path_is_too_odd_for_a_message(path: str, refused: Callable[[str], str]) -> None:
    said = refused(GOOD + f'[functions.gone]\ncode = "{path}"\nruntime = "python"')
    assert "edgesim.toml:15: functions.gone.runtime: no runtime" in said


def test_all_mistakes_are_told_at_once(refused: Callable[[str], str]) -> None:
    said = refused(GOOD + f'viewer_request = "a"\n{BEHAVIOR}""\n{ORIGIN}')
    assert said.count("edgesim.toml:") == 3


def test_a_configuration_without_an_origin(refused: Callable[[str], str]) -> None:
    said = refused('[default_behavior]\norigin = "app"')
    assert "edgesim.toml: there is no origin" in said


Resolve = Callable[[str], Deployment]


def test_the_least_has_cloudfronts_defaults(resolved: Resolve) -> None:
    distribution = resolved(GOOD).distribution
    (behavior,) = distribution.behaviors
    assert behavior.path_pattern == "*"
    assert behavior.cache_policy_name == "CachingOptimized"
    assert behavior.origin.port == 3000
    assert isinstance(behavior.rules, CloudFrontCaching)
    assert behavior.rules.error_caching_min_ttl_s == 10
    assert not behavior.rules.cookies_forwarded


def test_behaviors_keep_their_order_and_the_default_is_last(resolved: Resolve) -> None:
    deployment = resolved(GOOD + f'{BEHAVIOR}"/b"\n{BEHAVIOR}"/a"')
    patterns = [behavior.path_pattern for behavior in deployment.distribution.behaviors]
    assert patterns == ["/b", "/a", "*"]


def test_a_tenant(resolved: Resolve) -> None:
    said = 'tenant = { id = "dt_1", parameters = { plan = "gold" } }\n'
    distribution = resolved(f'[distribution]\naliases = ["a.test"]\n{said}{GOOD}').distribution
    assert distribution.tenant == Tenant("dt_1", {"plan": "gold"})
    assert distribution.names == ("a.test",)


def test_a_security_policy(resolved: Resolve) -> None:
    text = f'[distribution]\nminimum_protocol_version = "TLSv1.3_2025"\n{GOOD}'
    assert resolved(text).distribution.security_policy.needs_tls_1_3
    assert not resolved(GOOD).distribution.security_policy.needs_tls_1_3


def test_the_rfc_takes_the_place_of_a_policy(resolved: Resolve) -> None:
    (behavior,) = resolved(GOOD + 'cache_policy = "RFC9111"').distribution.behaviors
    assert behavior.cache_policy is None
    assert behavior.rules == RFC9111()


@pytest.mark.parametrize(
    "name", ["CachingDisabled", "Managed-CachingDisabled", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"]
)
def test_a_managed_policy_has_three_names(name: str, resolved: Resolve) -> None:
    (behavior,) = resolved(GOOD + f'cache_policy = "{name}"').distribution.behaviors
    assert behavior.cache_policy_name == "CachingDisabled"


SELECTIONS = [
    ('"none"', Selection(), "nothing"),
    ('["a", "B"]', listed("a", "B"), "names of cookies and parameters have case"),
    ('{ except = ["a"] }', all_except("a"), "all but these"),
]


@pytest.mark.parametrize(("text", "selection", "why"), SELECTIONS)
def test_a_policy_of_ones_own(text: str, selection: Selection, why: str, resolved: Resolve) -> None:
    added = f'cache_policy = "p"\n{POLICY}cookies = {text}\nheaders = ["X-A"]\nmin_ttl_s = 90000'
    (behavior,) = resolved(GOOD + added).distribution.behaviors
    policy = behavior.cache_policy
    assert policy is not None
    assert policy.cookies == selection, why
    assert policy.headers == listed("x-a"), "header names have no case"
    assert policy.default_ttl_s == 90_000, "a default left out is lifted to the minimum"
    assert isinstance(behavior.rules, CloudFrontCaching)
    assert behavior.rules.cookies_forwarded is bool(selection)


def test_a_response_headers_policy(resolved: Resolve) -> None:
    added = f'response_headers_policy = "p"\n{RESPONSE}remove = ["Server"]\n'
    added += 'headers = { "X-A" = "1", "X-B" = { value = "2", override = true } }\n'
    added += 'cors = { allow_methods = ["ALL"], max_age_s = 60 }'
    policy = resolved(GOOD + added).distribution.behaviors[0].response_headers_policy
    assert policy is not None
    assert [(h.name, h.value, h.override) for h in policy.headers] == [
        ("X-A", "1", False),
        ("X-B", "2", True),
    ]
    assert policy.remove == {"server"}
    assert policy.cors is not None
    assert len(policy.cors.allow_methods) == 7


def test_functions_come_with_their_code_and_limits(resolved: Resolve, project: Path) -> None:
    added = 'viewer_request = "js"\norigin_request = { function = "big", include_body = true }'
    deployment = resolved(GOOD + added)
    functions = deployment.distribution.behaviors[0].functions
    assert functions[Trigger.ORIGIN_REQUEST].include_body
    assert functions[Trigger.ORIGIN_REQUEST].function.memory_mb == 512
    assert [function.name for function in deployment.functions] == ["js", "big"]
    assert deployment.watched == (
        project / "edgesim.toml",
        project / "js.js",
        project / "py",
    )


def test_functions_may_be_throttled_and_recycled(
    resolved: Resolve, refused: Callable[[str], str]
) -> None:
    lines = "reserved_concurrency = 3\nidle_timeout_s = 60\n"
    for name in ("big", "js"):
        added = GOOD.replace(f"[functions.{name}]\n", f"[functions.{name}]\n{lines}")
        deployment = resolved(f'{added}viewer_request = "js"\norigin_request = "big"')
        function = deployment.function(name)
        assert function is not None
        assert (function.reserved_concurrency, function.idle_timeout_s) == (3, 60)
        ignored = [note.text for note in deployment.notes if "is Lambda's" in note.text]
        assert len(ignored) == (2 if name == "js" else 0), "a CloudFront Function has neither"
    unlimited = resolved(f'{GOOD}origin_request = "big"').functions[0]
    assert unlimited.reserved_concurrency is None
    wrong = GOOD.replace("[functions.big]\n", "[functions.big]\nreserved_concurrency = -1\n")
    assert "reserved_concurrency: -1 is out of range" in refused(wrong)


def test_origins_of_every_kind(resolved: Resolve, project: Path) -> None:
    added = (
        f'{BEHAVIOR.replace("app", "files")}"/f"\n{BEHAVIOR.replace("app", "tls")}"/t"\n'
        f'{BEHAVIOR.replace("app", "wsgi")}"/w"\n[origins.files]\nfolder = "dist"\n'
        '[origins.tls]\nurl = "https://[::1]:8443/api"\ncustom_headers = { x-a = "1" }\n'
        '[origins.wsgi]\nwsgi = "shop.web:app"\n'
    )
    files, tls, wsgi, _ = (one.origin for one in resolved(GOOD + added).distribution.behaviors)
    assert files.folder == str(project / "dist")
    assert (tls.protocol, tls.authority, tls.path) == ("https", "[::1]:8443", "/api")
    assert tls.custom_headers.get("x-a") == "1"
    assert (wsgi.app, wsgi.app_kind) == ("shop.web:app", "wsgi")


def test_what_is_ignored_or_odd_is_noted(resolved: Resolve) -> None:
    text = (
        GOOD + 'cache_policy = "CachingDisabled"\ncompress = true\n[origins.idle]\nurl = "http://x"'
    )
    notes = [(note.kind.value, note.where) for note in resolved(text).notes]
    assert ("warning", "edgesim.toml:14: default_behavior.compress") in notes
    assert ("warning", "edgesim.toml:15: origins.idle") in notes
    assert resolved(GOOD + "compress = true").distribution.behaviors[-1].compress


def test_a_policy_from_the_command_line_overrides_every_behavior(
    resolved: Resolve, project: Path
) -> None:
    resolved(GOOD + f'{BEHAVIOR}"/a"\ncache_policy = "CachingDisabled"')
    for name in ("RFC9111", "Amplify"):
        deployment = load(project / "edgesim.toml", cache_policy=name)
        names = {behavior.cache_policy_name for behavior in deployment.distribution.behaviors}
        assert names == {name}
    with pytest.raises(ConfigError, match="--cache-policy: no cache policy is named 'Amplfy'"):
        load(project / "edgesim.toml", cache_policy="Amplfy")


def test_a_dev_server_sees_what_viewers_send(project: Path) -> None:
    deployment = from_origin("https://127.0.0.1:5173", verify_certificate=False)
    (behavior,) = deployment.distribution.behaviors
    assert behavior.origin.port == 5173
    assert not behavior.origin.verify_certificate
    assert behavior.allowed_methods == ALL_METHODS
    assert behavior.origin_request_policy is not None
    assert behavior.origin_request_policy.headers.takes("host")
    assert isinstance(behavior.rules, CloudFrontCaching)
    assert behavior.rules.error_caching_min_ttl_s == 0
    assert behavior.rules.policy.default_ttl_s == 0


def test_a_folder_has_an_index_page(project: Path) -> None:
    deployment = from_origin("dist", cache_policy="RFC9111")
    assert deployment.distribution.default_root_object == "index.html"
    assert deployment.distribution.behaviors[0].cache_policy is None


@pytest.mark.parametrize("text", ["localhost:3000", "http://x/?a", "ftp://x"])
def test_what_is_no_origin_on_the_command_line(text: str, project: Path) -> None:
    with pytest.raises(ConfigError, match="--origin"):
        from_origin(text)


def test_an_origin_moves_and_keeps_the_rest(resolved: Resolve) -> None:
    deployment = with_origins(resolved(GOOD), {"app": "https://staging.test/v2"})
    origin = deployment.distribution.behaviors[0].origin
    assert origin.url == "https://staging.test/v2"
    assert origin.name == "app"
    with pytest.raises(ConfigError, match="no origin is named 'ap'"):
        with_origins(deployment, {"ap": "http://x"})
    with pytest.raises(ConfigError, match="--set-origin app: 'x' has no scheme"):
        with_origins(deployment, {"app": "x"})


PLACED = [
    ("https://files.s3.us-east-1.amazonaws.com", Bucket()),
    ("http://127.0.0.1:3000", None),
]


@pytest.mark.parametrize(("url", "bucket"), PLACED)
def test_a_folder_in_an_origins_place(
    url: str, bucket: Bucket | None, resolved: Callable[[str], Deployment]
) -> None:
    """A bucket stays one: a missing key is 403 there."""
    deployment = with_origins(resolved(GOOD.replace("http://127.0.0.1:3000", url)), {"app": "dist"})
    (origin,) = deployment.origins
    assert origin.folder.endswith("/dist")
    assert origin.bucket == bucket
    assert bool(origin.host) is (bucket is not None)
