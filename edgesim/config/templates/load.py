"""The way in: a template's file to a `Deployment`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ...cloudfront.origin import Origin
from ...cloudfront.strictness import Strictness
from ...errors import ConfigError, ConfigErrors
from ..deployment import Deployment, NoteKind
from ..load import draft as drafted
from ..resolve import resolve
from ..source import Source
from . import sam, serverless, terraform
from .adapter import Adapter
from .continuous_deployment import staging_of
from .distribution import chosen, sketch_distribution
from .given import Given
from .nodes import Node
from .origins import LOOPBACK
from .other_properties import RESOURCES
from .reading import read
from .report import Report
from .stack import Stack, where
from .tenants import beside as tenants_beside

KNOWN_MACROS = (sam.TRANSFORM, "AWS::LanguageExtensions")
"""The second one's functions are worked out one by one, or refused."""


def load(
    path: Path,
    given: Given = Given(),
    *,
    cache_policy: str | None = None,
    strictness: Strictness | None = None,
) -> Deployment:
    """The deployment that the template at `path` describes. Raises `ConfigError`s with every line.

    Everything that the distribution says is in its notes: understood, or ignored and why.
    """
    resolved = partial(_resolved, path, cache_policy=cache_policy, strictness=strictness)
    deployment, adapter = resolved(given)
    every = [(deployment, adapter)]
    staging: Callable[[], Deployment] | None = None
    if deployment.continuous_deployment is not None:
        (other,) = staging_of(adapter.stack)
        beside = replace(given, distribution=other.id)
        every.append(resolved(beside))
        staging = lambda: resolved(beside)[0]  # noqa: E731
    tenants = [
        replace(given, distribution=one.id)
        for one in tenants_beside(adapter.stack, chosen(adapter))
    ]
    every += map(resolved, tenants)
    _check_given(given, every)
    others = tuple(partial(lambda one: resolved(one)[0], one) for one in tenants)
    return replace(deployment, staging=staging, beside=others)


def _resolved(
    path: Path, given: Given, *, cache_policy: str | None, strictness: Strictness | None
) -> tuple[Deployment, Adapter]:
    """One distribution of the template."""
    name = str(path)
    adapter = adapted(read(path), name, path.resolve().parent, given)
    source = Source(name, path.resolve().parent, adapter.sketch)
    draft = drafted(adapter.sketch.data, source)
    deployment = resolve(
        draft, source, cache_policy=cache_policy, strictness=strictness, file=path.resolve()
    )
    elsewhere = tuple(one.name for one in deployment.origins if _is_elsewhere(one, given))
    notes = (*adapter.report.in_order(), *deployment.notes)
    return replace(deployment, notes=notes, elsewhere=elsewhere), adapter


def _is_elsewhere(origin: Origin, given: Given) -> bool:
    return bool(origin.host) and origin.host not in LOOPBACK and origin.name not in given.origins


def adapted(root: Node, name: str, folder: Path, given: Given) -> Adapter:
    """`root` as a sketch with its report. Raises `ConfigErrors` with what is refused."""
    report = Report(name, given.without)
    own_variables = serverless.is_serverless(root) or terraform.is_terraform(root)
    adapter = Adapter(Stack(in_one_shape(root, name, given), name, given), report, folder)
    if not own_variables:
        adapter.stack.check_given()
    try:
        sketch_distribution(adapter, chosen(adapter))
    except ConfigErrors:
        raise
    except ConfigError as error:
        if not report.mistakes:
            raise
        raise ConfigErrors([*(mistake for _, mistake in report.mistakes), error]) from None
    report.raise_mistakes()
    _note_rest(adapter)
    return adapter


def in_one_shape(root: Node, name: str, given: Given) -> Node:
    """`root` as plain CloudFormation, whatever make it is of. Raises `ConfigError`."""
    if terraform.is_terraform(root):
        return terraform.translated(root, name)
    if serverless.is_serverless(root):
        return serverless.translated(root, name, given)
    _check_macros(root, name)
    return sam.translated(root, name, given) if sam.is_sam(root) else root


def _check_macros(root: Node, name: str) -> None:
    """A macro may make anything of a template, a distribution with functions too."""
    transform, resources = root.get("Transform"), root.get("Resources") or Node({})
    named = (transform.members or (transform,)) if transform is not None else ()
    macros = [one for one in named if one.value not in KNOWN_MACROS]
    made = [one for key, one in resources.fields.items() if key.startswith("Fn::")]
    for node in (*macros, *made):
        hint = "give it processed: aws cloudformation get-template --template-stage Processed"
        what = f"edgesim does not run {node.text or node.path[-1]}"
        raise ConfigError(what, where=where(name, node), hint=hint)


def _check_given(given: Given, every: Sequence[tuple[Deployment, Adapter]]) -> None:
    """What was said on the command line and fits nothing is a mistake as well."""
    left_out = {name for _, adapter in every for name in adapter.report.left_out}
    for name in sorted(given.without - left_out):
        what = f"nothing in {every[0][1].report.name} is refused for {name}"
        raise ConfigError(what, where="--without", hint="take it off the command line")
    known = {origin.name: origin for deployment, _ in every for origin in deployment.origins}
    for names, option in (
        (given.origins, "--set-origin"),
        (given.certificates, "--set-certificate"),
    ):
        for name in names:
            if name not in known:
                raise ConfigError.unknown("origin", name, known, option)
    for table, kind, names, option in (
        ("functions", "function of its behaviors", given.functions, "--set-function"),
        ("key_value_stores", "store of its functions", given.stores, "--set-store"),
    ):
        used = [one for _, adapter in every for one in adapter.sketch.data.get(table, {})]
        for name in names:
            if name not in used:
                raise ConfigError.unknown(kind, name, used, option)
    groups = [one for _, adapter in every for one in adapter.sketch.data.get("key_groups", {})]
    for account in given.signers:
        if f"signer {account}" not in groups:
            what = f"no behavior trusts the signer {account!r}"
            raise ConfigError(what, where="--set-signer", hint="take it off the command line")


def _note_rest(adapter: Adapter) -> None:
    """One note for each kind of resource that plays no part."""
    resources = adapter.stack.root.get("Resources") or Node({})
    counts: dict[str, list[Node]] = {}
    for name, node in resources.fields.items():
        if name not in adapter.told:
            counts.setdefault(node.text_at("Type"), []).append(node)
    for kind, nodes in counts.items():
        if kind == "AWS::CloudFront::Distribution" and len(nodes) == 1:
            continue
        number = "it is" if len(nodes) == 1 else f"{len(nodes)} of these are"
        why = "not used by the distribution" if kind in RESOURCES else "beyond the edge"
        adapter.report.note(NoteKind.IGNORED, nodes[0], f"{kind}: {number} {why}")
