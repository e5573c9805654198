"""A configuration to a `Deployment`, or all its mistakes at once.

After this no look-up by name can fail: what the file names by strings is here the thing itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..cloudfront.access_log import Logging
from ..cloudfront.bucket import Bucket
from ..cloudfront.distribution import Behavior, Distribution, PriceClass, Routing, SecurityPolicy
from ..cloudfront.function import Function
from ..cloudfront.origin import Origin, Route
from ..cloudfront.restrictions import FIELD_NAME
from ..cloudfront.strictness import Strictness
from ..cloudfront.tenant import Tenant
from ..errors import ConfigError, suggestion
from .access import geo_restriction, key_files, key_groups, public_url
from .associations import check_count
from .behaviors import Names, resolved_behavior
from .continuous_deployment import continuous_deployment
from .deployment import Deployment as Deployment
from .deployment import Note as Note
from .deployment import NoteKind
from .draft import DistributionDraft, Draft, LoggingDraft
from .error_responses import custom_errors, error_caching
from .functions import resolved_function
from .geo import resolved_geo
from .key_value_stores import key_value_stores
from .load import draft as drafted
from .load import load_draft
from .origin_groups import origin_groups
from .origins import resolved_origin
from .policies import (
    RFC9111_NAME,
    cache_policies,
    origin_request_policies,
    response_headers_policies,
)
from .quotas import check_quotas
from .realtime_logs import realtime_logs
from .source import Findings, Source, kind_of
from .urls import at_url

_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_ALIAS = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})*")
"""A leading `*.` stands for any depth (CloudFront: "Use wildcards in alternate domain names")."""


def load(
    path: Path, *, cache_policy: str | None = None, strictness: Strictness | None = None
) -> Deployment:
    """The deployment that the file at `path` describes.

    `cache_policy` overrides every behavior's, `strictness` the distribution's. Raises
    `ConfigErrors` with all mistakes.
    """
    draft, source = load_draft(path)
    return resolve(
        draft, source, cache_policy=cache_policy, strictness=strictness, file=path.resolve()
    )


def from_origin(
    url_or_folder: str,
    *,
    cache_policy: str | None = None,
    verify_certificate: bool = True,
    strictness: Strictness | None = None,
) -> Deployment:
    """A distribution in front of one dev server, or of one folder.

    The viewer's Host, cookies and query go to the origin, so that a dev server sees what it
    sees without edgesim. The origin's own Cache-Control decides what is kept: CachingOptimized
    would keep a silent origin's pages for a day, and nobody would see their own edits. For the
    same reason errors are not kept: a server that restarts must not stay down for ten seconds.
    """
    is_url = "://" in url_or_folder
    if is_url:
        try:
            at_url(Origin("app"), url_or_folder)
        except ConfigError as error:
            raise ConfigError(error.what, where="--origin", hint=error.hint) from None
    place = {"url" if is_url else "folder": url_or_folder}
    source = Source(f"--origin {url_or_folder}", Path.cwd())
    if not is_url and kind_of(source.path(url_or_folder)) != "folder":
        raise ConfigError(
            f"there is no folder {url_or_folder!r}, and without a scheme it is no URL",
            where="--origin",
            hint=f"did you mean 'http://{url_or_folder}'?",
        )
    data = {
        "distribution": {
            "error_caching_min_ttl_s": 0,
            **({} if is_url else {"default_root_object": "index.html"}),
        },
        "origins": {"app": {**place, "verify_certificate": verify_certificate}},
        "default_behavior": {
            "origin": "app",
            "cache_policy": "UseOriginCacheControlHeaders-QueryStrings",
            "origin_request_policy": "AllViewer",
            "allowed_methods": ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
        },
    }
    return resolve(drafted(data, source), source, cache_policy=cache_policy, strictness=strictness)


def with_origins(deployment: Deployment, urls: Mapping[str, str]) -> Deployment:
    """`deployment` with origins that live elsewhere: `{"ID": "URL"}`, or a folder's path.

    Raises `ConfigError` for an id that no behavior uses, or something that is neither.
    """
    distribution = deployment.distribution
    known = distribution.origins
    moved: dict[str, Origin] = {}
    for name, url in urls.items():
        if name not in known:
            raise ConfigError.unknown("origin", name, known, "--set-origin")
        try:
            moved[name] = _placed(known[name], url)
        except ConfigError as error:
            where = f"--set-origin {name}"
            raise ConfigError(error.what, where=where, hint=error.hint) from None
    behaviors = tuple(
        one.routed(_rehomed(Route(one.origin, one.failover), moved))
        for one in distribution.behaviors
    )
    routes = {name: _rehomed(route, moved) for name, route in distribution.routes.items()}
    rehomed = replace(distribution, behaviors=behaviors, routes=routes)
    return replace(deployment, distribution=rehomed)


def _placed(origin: Origin, place: str) -> Origin:
    """At a URL or in a folder, which is as strict as S3 where a bucket is meant."""
    folder = Path(place).expanduser().resolve()
    if "://" in place or kind_of(folder) != "folder":
        return at_url(origin, place)
    bucket = origin.bucket
    if bucket is None and origin.host and origin.is_bucket:
        bucket = Bucket()
    host = origin.host if bucket is not None else ""
    return replace(origin, host=host, folder=str(folder), app="", bucket=bucket)


def _rehomed(route: Route, moved: Mapping[str, Origin]) -> Route:
    origin, failover = route.origin, route.failover
    if failover is not None and failover.origin.name in moved:
        failover = replace(failover, origin=moved[failover.origin.name])
    return Route(moved.get(origin.name, origin), failover)


def resolve(
    draft: Draft,
    source: Source,
    *,
    cache_policy: str | None = None,
    strictness: Strictness | None = None,
    file: Path | None = None,
) -> Deployment:
    """`draft` with every name resolved. Raises `ConfigErrors` with all mistakes."""
    strictness = strictness or Strictness(draft.distribution.strictness)
    findings = Findings(source, strictness=strictness)
    check_quotas(draft, findings)
    names = _names(draft, findings, cache_policy)
    behaviors = _behaviors(draft, names, findings)
    distribution = _distribution(draft.distribution, behaviors, findings)
    errors, routes = custom_errors(draft, findings), _routes(names)
    distribution = replace(distribution, custom_errors=errors, strictness=strictness, routes=routes)
    check_count(behaviors, findings)
    functions = _associated(behaviors)
    used = {origin.name for behavior in behaviors for origin in behavior.origins}
    if not any(function.is_cloudfront_function for function in functions):  # they may choose it
        _note_unused("origins", "no behavior uses it", set(names.origins) - used, findings)
    geo = resolved_geo(draft.geo, findings)
    policy = continuous_deployment(draft, findings)
    again = partial(load, cache_policy=cache_policy, strictness=strictness)
    idle = set(names.functions) - {function.name for function in functions}
    _note_unused("functions", "no behavior runs it", idle, findings)
    findings.raise_mistakes()
    code = (Path(function.code) for function in functions)
    stores = (Path(one.key_value_store.file) for one in functions if one.key_value_store)
    watched = (*([file] if file else []), *code, *stores, *key_files(draft, findings))
    return Deployment(
        distribution,
        functions,
        source.name,
        watched,
        tuple(findings.notes),
        geo=geo,
        continuous_deployment=policy,
        staging=partial(again, Path(policy.staging)) if policy is not None else None,
    )


def _routes(names: Names) -> dict[str, Route]:
    """What a CloudFront Function may select by its id."""
    groups = {name: Route(one.primary, one.failover) for name, one in names.origin_groups.items()}
    return {name: Route(origin) for name, origin in names.origins.items()} | groups


def _names(draft: Draft, findings: Findings, cache_policy: str | None) -> Names:
    if not draft.origins:
        findings.refuse((), "there is no origin", 'add [origins.app] with url = "http://…"')
    policies = cache_policies(draft, findings)
    if cache_policy is not None and cache_policy not in {*policies, RFC9111_NAME}:
        offered = [name for name in (*policies, RFC9111_NAME) if name.count("-") < 4]
        raise ConfigError.unknown("cache policy", cache_policy, offered, "--cache-policy")
    origins = {name: resolved_origin(name, one, findings) for name, one in draft.origins.items()}
    stores = key_value_stores(draft, findings)
    functions = {
        name: resolved_function(name, one, stores, findings)
        for name, one in draft.functions.items()
    }
    return Names(
        origins,
        origin_groups(draft, origins, findings),
        frozenset(draft.origin_groups),
        functions,
        policies,
        origin_request_policies(draft, findings),
        response_headers_policies(draft, findings),
        key_groups(draft, findings),
        draft.distribution.error_caching_min_ttl_s,
        error_caching(draft),
        _tag_header(draft.distribution, findings),
        cache_policy,
        realtime_logs(draft, findings),
    )


def _tag_header(draft: DistributionDraft, findings: Findings) -> str:
    name = draft.cache_tag_header
    if name is not None and not FIELD_NAME.fullmatch(name):
        where = ("distribution", "cache_tag_header")
        findings.refuse(where, f"{name!r} is no header's name", 'write "Cache-Tag", say')
    return (name or "").lower()


def _behaviors(draft: Draft, names: Names, findings: Findings) -> tuple[Behavior, ...]:
    """Those in order, the default one last."""
    seen: dict[str, int] = {}
    found = []
    for index, one in enumerate(draft.behaviors):
        path = ("behaviors", index)
        found.append(resolved_behavior(path, one, names, findings))
        pattern = one.path_pattern.removeprefix("/")
        if pattern in seen:
            hint = "the first match wins, so this one would never be asked"
            what = f"{one.path_pattern!r} is the pattern of behaviors[{seen[pattern]}] already"
            findings.refuse((*path, "path_pattern"), what, hint)
        seen.setdefault(pattern, index)
    found.append(resolved_behavior(("default_behavior",), draft.default_behavior, names, findings))
    return tuple(behavior for behavior in found if behavior is not None)


def _distribution(
    draft: DistributionDraft, behaviors: tuple[Behavior, ...], findings: Findings
) -> Distribution:
    root = draft.default_root_object
    if root.startswith("/"):
        hint = f"write {root.lstrip('/')!r}"
        where = ("distribution", "default_root_object")
        findings.refuse(where, "a default root object begins without a slash", hint)
    for index, alias in enumerate(draft.aliases):
        if not _ALIAS.fullmatch(alias):
            place = ("distribution", "aliases", index)
            findings.refuse(place, f"{alias!r} is no alias", _alias_hint(alias))
    routing = Routing(draft.routing)
    if routing is not Routing.EDGE_OPTIMIZED and "price_class" in draft.model_fields_set:
        text = f"a {routing} endpoint has no edge locations"
        findings.note(NoteKind.WARNING, ("distribution", "price_class"), text)
    return Distribution(
        behaviors,
        draft.id,
        draft.domain_name,
        tuple(draft.aliases),
        root,
        enabled=draft.enabled,
        geo_restriction=geo_restriction(draft.geo_restriction, findings),
        public_url=public_url(draft, findings),
        routing=routing,
        price_class=PriceClass(draft.price_class),
        logging=_logging(draft.logging, findings),
        security_policy=_security_policy(draft, findings),
        tenant=_tenant(draft, findings),
    )


def _security_policy(draft: DistributionDraft, findings: Findings) -> SecurityPolicy:
    said = draft.minimum_protocol_version
    if said in list(SecurityPolicy):
        return SecurityPolicy(said)
    where = ("distribution", "minimum_protocol_version")
    known = [one.value for one in SecurityPolicy]
    findings.unknown(where, "security policy", said, known)
    return SecurityPolicy.TLS_V1


def _tenant(draft: DistributionDraft, findings: Findings) -> Tenant | None:
    if draft.tenant is None:
        return None
    if not draft.aliases:
        hint = 'its domains: aliases = ["shop.example.com"]'
        findings.refuse(("distribution", "tenant"), "viewers know a tenant by its domains", hint)
    return Tenant(draft.tenant.id, draft.tenant.parameters)


def _logging(draft: LoggingDraft | None, findings: Findings) -> Logging | None:
    if draft is None:
        return None
    for key, text in (("bucket", draft.bucket), ("prefix", draft.prefix)):
        if text.startswith("/") or {"..", "."} & set(text.split("/")):
            what = f"{text!r} would lead out of the folder of the logs"
            hint = "a name without a slash in front and without dots alone"
            findings.refuse(("distribution", "logging", key), what, hint)
    return Logging(draft.bucket, draft.prefix, draft.include_cookies)


def _alias_hint(alias: str) -> str:
    if "://" in alias or "/" in alias or ":" in alias:
        return "a host name alone, without scheme, port and path"
    if alias != alias.lower() and _ALIAS.fullmatch(alias.lower()):
        return suggestion(alias, [alias.lower()])
    if "*" in alias:
        return "a wildcard stands for the whole first label: *.example.com"
    return "a host name such as shop.localhost"


def _associated(behaviors: Iterable[Behavior]) -> tuple[Function, ...]:
    """Each function that some behavior runs, once."""
    found = {
        association.function.name: association.function
        for behavior in behaviors
        for association in behavior.functions.values()
    }
    return tuple(found.values())


def _note_unused(table: str, text: str, names: set[str], findings: Findings) -> None:
    for name in sorted(names):
        findings.note(NoteKind.WARNING, (table, name), text)
