"""How a distribution said its one origin before there were lists of them.

`S3Origin` and `CustomOrigin` name no id, so the default behavior's target is theirs.
"""

from __future__ import annotations

from .adapter import Adapter
from .nodes import Node

LEGACY = ("S3Origin", "CustomOrigin")


def origins_of(adapter: Adapter, config: Node) -> tuple[Node, ...]:
    """The members of `Origins`, or the one that is said the old way as such a member."""
    listed = adapter.members(config.get("Origins"))
    old = [name for name in LEGACY if config.get(name) is not None]
    if not old:
        return listed
    node = config.fields[old[0]]
    if listed or len(old) > 1:
        names = " and ".join([*(["Origins"] if listed else []), *old])
        hint = "Origins can say all that S3Origin and CustomOrigin say"
        adapter.report.refuse(node, f"it has {names}", hint)
        return listed
    if not adapter.needed(node, "DNSName"):
        return ()
    target = config.get("DefaultCacheBehavior", "TargetOriginId") or node.here("origin")
    inside = {key: one for key, one in node.fields.items() if key != "DNSName"}
    kind = f"{old[0]}Config"
    return (node.of({"Id": target, "DomainName": node.fields["DNSName"], kind: node.of(inside)}),)


def aliases_of(adapter: Adapter, config: Node) -> tuple[Node, ...]:
    """`Aliases`, which once were `CNAMEs`."""
    old = config.get("CNAMEs")
    if old is None:
        return adapter.members(config.get("Aliases"))
    if config.get("Aliases") is not None:
        adapter.report.refuse(old, "it has Aliases and CNAMEs", "put all names into Aliases")
    return adapter.members(old)
