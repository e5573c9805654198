"""serverless.yml as the CloudFormation template that it is packaged into.

Three ways lead from a function to a behavior: `Ref` in the resources section, the plugin's
`lambdaAtEdge`, and a `cloudFront` event, for which the framework makes a distribution itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ...errors import ConfigError
from .given import Given
from .nodes import Node
from .serverless_variables import Variables
from .stack import where

MEMORY_MB, TIMEOUT_S = 1024, 6
"""The framework's, where a function does not say."""
DISTRIBUTION = "CloudFrontDistribution"
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"


SECTIONS = ("provider", "functions", "resources")
NOT_AT_EDGE = {
    "DeadLetterConfig": "onError",
    "EphemeralStorage": "ephemeralStorageSize",
    "FileSystemConfigs": "fileSystemConfig",
    "ImageConfig": "image",
    "SnapStart": "snapStart",
}
"""Keys of a function for what AWS refuses at the edge, by what they become."""
EVENT = frozenset(
    {
        *("behavior", "cachePolicy", "eventType", "includeBody", "isDefaultOrigin", "origin"),
        "pathPattern",
    }
)
ELSEWHERE = "preExistingCloudFront"
AT_EDGE = frozenset({"distribution", "eventType", "includeBody", "pathPattern"})


def is_serverless(root: Node) -> bool:
    return "service" in root.fields and "provider" in root.fields


def translated(root: Node, name: str, given: Given) -> Node:
    """`root` in CloudFormation's shape. Raises `ConfigError`."""
    variables = Variables(root, name, given.parameters)
    used = {key: variables.resolved(root.fields[key]) for key in SECTIONS if key in root.fields}
    root = root.of(used)
    service = _Service(root, name)
    service.add_functions()
    service.add_events()
    service.add_plugin()
    return Node({"Resources": Node(service.resources)})


def logical_id(function: str) -> str:
    """As the framework has it: `my-fn` is MyDashfnLambdaFunction."""
    named = function.replace("-", "Dash").replace("_", "Underscore")
    return f"{named[:1].upper()}{named[1:]}LambdaFunction"


@dataclass(slots=True)
class _Service:
    root: Node
    name: str
    resources: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        section = self.root.get("resources") or Node({})
        for one in section.members or (section,):
            if (extensions := one.get("extensions")) is not None:
                hint = "write what they come to into the resources themselves"
                what = "extensions are not merged into what the framework makes"
                raise ConfigError(what, where=where(self.name, extensions), hint=hint)
            self.resources.update((one.get("Resources") or Node({})).fields)

    def _functions(self) -> Iterator[tuple[str, Node]]:
        section = self.root.get("functions") or Node({})
        for one in section.members or (section,):
            yield from one.fields.items()

    def add_functions(self) -> None:
        """A function and a version of it for each under `functions`."""
        provider = self.root.get("provider") or Node({})
        for name, node in self._functions():
            properties = {
                "Handler": node.get("handler"),
                "Runtime": node.get("runtime") or provider.get("runtime"),
                "MemorySize": node.get("memorySize") or provider.get("memorySize"),
                "Timeout": node.get("timeout") or provider.get("timeout"),
                "Role": node.get("role") if node.get("role", "Fn::GetAtt") else None,
                "Layers": node.get("layers") or provider.get("layers"),
                "VpcConfig": node.get("vpc") or provider.get("vpc"),
                "FunctionName": node.get("name"),
                "ReservedConcurrentExecutions": node.get("reservedConcurrency"),
                "TracingConfig": node.get("tracing") or provider.get("tracing", "lambda"),
                "Environment": self._environment(provider, node),
                "Architectures": _one(node.get("architecture") or provider.get("architecture")),
                **{key: node.get(name) for key, name in NOT_AT_EDGE.items()},
                "Code": node.get("package", "artifact") or node.here("."),
            }
            properties["MemorySize"] = properties["MemorySize"] or node.here(MEMORY_MB)
            properties["Timeout"] = properties["Timeout"] or node.here(TIMEOUT_S)
            given = {key: one for key, one in properties.items() if one is not None}
            self._add(logical_id(name), "AWS::Lambda::Function", Node(given, node.line, node.path))
            version = {"FunctionName": node.here({"Ref": logical_id(name)})}
            if (provisioned := node.get("provisionedConcurrency")) is not None:
                version["ProvisionedConcurrencyConfig"] = provisioned
            whole = Node(version, node.line, node.path)
            self._add(_version_id(name), "AWS::Lambda::Version", whole)

    def _environment(self, provider: Node, node: Node) -> Node | None:
        own = node.get("environment") or provider.get("environment")
        return Node({"Variables": own}, own.line, own.path) if own is not None else None

    def _add(self, name: str, kind: str, properties: Node) -> None:
        inside = {"Type": properties.here(kind), "Properties": properties}
        self.resources.setdefault(name, Node(inside, properties.line, properties.path))

    def add_plugin(self) -> None:
        """`lambdaAtEdge`: an association in a distribution of the resources section."""
        for name, node in self._functions():
            said = node.get("lambdaAtEdge")
            for one in said.members or (said,) if said is not None else ():
                self._attach(name, one)

    def _check_keys(self, said: Node, known: frozenset[str]) -> None:
        for key, node in said.fields.items():
            if key not in known:
                raise ConfigError.unknown("key here", key, known, where(self.name, node))

    def _attach(self, function: str, said: Node) -> None:
        self._check_keys(said, AT_EDGE)
        named = said.text_at("distribution")
        config = self._config(named)
        if config is None:
            hint = "its logical id in the resources section"
            what = f"no distribution is named {named!r}"
            place = said.get("distribution") or said
            raise ConfigError(what, where=where(self.name, place), hint=hint)
        patterns = said.get("pathPattern")
        wanted = patterns.members or (patterns,) if patterns is not None else (None,)
        for pattern in wanted:
            self._associate(named, pattern, function, said)

    def _config(self, name: str) -> Node | None:
        found = self.resources.get(name)
        return found.get("Properties", "DistributionConfig") if found is not None else None

    def _associate(self, name: str, pattern: Node | None, function: str, said: Node) -> None:
        config = self._config(name) or Node({})
        added = _association(function, said)
        changed = dict(config.fields)
        if pattern is None:
            behavior = config.get("DefaultCacheBehavior") or config.here({})
            changed["DefaultCacheBehavior"] = _associated(behavior, added)
        else:
            behaviors = config.get("CacheBehaviors") or config.here([])
            patterns = [one.text_at("PathPattern") for one in behaviors.members]
            if pattern.text not in patterns:
                what = f"no behavior of {name} has the path pattern {pattern.text!r}"
                hint = f"there are: {', '.join(patterns) or 'none'}"
                raise ConfigError(what, where=where(self.name, pattern), hint=hint)
            members = tuple(
                _associated(one, added) if one.text_at("PathPattern") == pattern.text else one
                for one in behaviors.members
            )
            changed["CacheBehaviors"] = Node(members, behaviors.line, behaviors.path)
        self._put_config(name, Node(changed, config.line, config.path))

    def _put_config(self, name: str, config: Node) -> None:
        node = self.resources.get(name) or config.here({"Type": "AWS::CloudFront::Distribution"})
        properties = node.get("Properties") or config.here({})
        whole = Node({**properties.fields, "DistributionConfig": config}, config.line, config.path)
        self.resources[name] = Node({**node.fields, "Properties": whole}, node.line, node.path)

    def add_events(self) -> None:
        """`cloudFront` events: origins and behaviors of a distribution of the framework's own."""
        self._check_elsewhere()
        events = [
            (name, said)
            for name, node in self._functions()
            for event in (node.get("events") or Node(())).members
            if (said := event.get("cloudFront")) is not None
        ]
        if events:
            self._make(events)

    def _check_elsewhere(self) -> None:
        """A plugin's event that names a distribution by its id on AWS."""
        for _, node in self._functions():
            for event in (node.get("events") or Node(())).members:
                if (said := event.get(ELSEWHERE)) is not None:
                    what = f"{ELSEWHERE} adds the function to a distribution that is described "
                    hint = "describe it in resources, and name it with lambdaAtEdge instead"
                    place = where(self.name, said)
                    raise ConfigError(f"{what}elsewhere", where=place, hint=hint)

    def _make(self, events: list[tuple[str, Node]]) -> None:
        """The framework's own distribution."""
        origins: dict[str, Node] = {}
        behaviors: dict[str, Node] = {}
        default = ""
        for name, said in events:
            self._check_keys(said, EVENT)
            origin = _origin(said)
            target = origin.text_at("Id")
            self._check_alike(said, f"the origin {target}", origins.get(target), origin.fields)
            origins.setdefault(target, origin)
            default = target if said.text_at("isDefaultOrigin") == "true" else default or target
            pattern = said.text_at("pathPattern")
            behavior = self._shared(behaviors.get(pattern), said, target)
            behaviors[pattern] = _associated(behavior, _association(name, said))
        place = events[0][1]
        fallback = {"TargetOriginId": default, "ViewerProtocolPolicy": "allow-all"}
        made = {
            "Enabled": place.here(True),  # noqa: FBT003 - a value
            "DefaultCacheBehavior": behaviors.pop("", None)
            or place.here({**fallback, "CachePolicyId": CACHING_OPTIMIZED}),
            "CacheBehaviors": Node(tuple(behaviors.values()), place.line, place.path),
            "Origins": Node(tuple(origins.values()), place.line, place.path),
        }
        own = self._config(DISTRIBUTION) or Node({})
        for key in made:
            if key in own.fields and key != "Enabled":
                hint = "say it in the events, or describe all of the distribution in resources"
                what = f"{key} is made of the cloudFront events"
                raise ConfigError(what, where=where(self.name, own.fields[key]), hint=hint)
        self._put_config(DISTRIBUTION, Node({**made, **own.fields}, place.line, place.path))

    def _shared(self, first: Node | None, said: Node, target: str) -> Node:
        """The behavior of an event, or that of an earlier one with the same path pattern."""
        made = self._behavior(said, target)
        explicit = {"TargetOriginId", *(said.get("behavior") or Node({})).fields}
        if said.get("cachePolicy") is not None:
            explicit.add("CachePolicyId")
        what = f"the behavior for {said.text_at('pathPattern') or '*'!r}"
        self._check_alike(said, what, first, {key: made.fields[key] for key in explicit})
        return first or made

    def _check_alike(
        self, said: Node, what: str, first: Node | None, own: Mapping[str, Node]
    ) -> None:
        """What a later event says must not be dropped for what the first one has said."""
        for key, node in own.items() if first is not None else ():
            earlier = first.get(key) if first is not None else None
            if earlier is None or earlier.plain() != node.plain():
                hint = f"say {key} in the first of them, and alike in the others or not at all"
                told = f"two events say different things of {what}"
                raise ConfigError(told, where=where(self.name, said), hint=hint)

    def _behavior(self, said: Node, target: str) -> Node:
        made = {
            "TargetOriginId": said.here(target),
            "ViewerProtocolPolicy": said.here("allow-all"),
            **(said.get("behavior") or Node({})).fields,
        }
        if (pattern := said.get("pathPattern")) is not None:
            made["PathPattern"] = pattern
        policy = said.get("cachePolicy")
        if policy is not None:
            made["CachePolicyId"] = self._policy(policy)
        elif "ForwardedValues" not in made:
            made.setdefault("CachePolicyId", said.here(CACHING_OPTIMIZED))
        return Node(made, said.line, said.path)

    def _policy(self, said: Node) -> Node:
        name = said.get("name")
        if name is None:
            return said.get("id") or said
        policy = self.root.get("provider", "cloudFront", "cachePolicies", name.text)
        if policy is not None:
            config = Node({"Name": name, **policy.fields}, policy.line, policy.path)
            whole = Node({"CachePolicyConfig": config}, policy.line, policy.path)
            self._add(name.text, "AWS::CloudFront::CachePolicy", whole)
        return name.here({"Ref": name.text})


def _one(node: Node | None) -> Node | None:
    return Node((node,), node.line, node.path) if node is not None else None


def _version_id(function: str) -> str:
    return logical_id(function).replace("LambdaFunction", "LambdaVersion")


def _association(function: str, said: Node) -> Node:
    made = {
        "EventType": said.get("eventType"),
        "LambdaFunctionARN": said.here({"Ref": _version_id(function)}),
        "IncludeBody": said.get("includeBody"),
    }
    given = {key: one for key, one in made.items() if one is not None}
    return Node(given, said.line, said.path)


def _associated(behavior: Node, added: Node) -> Node:
    there = behavior.get("LambdaFunctionAssociations") or behavior.here([])
    whole = Node((*there.members, added), added.line, added.path)
    inside = {**behavior.fields, "LambdaFunctionAssociations": whole}
    return Node(inside, behavior.line, behavior.path)


def _origin(said: Node) -> Node:
    """An origin as an object, or as `s3://bucket.s3.amazonaws.com/path` or a URL."""
    origin = said.get("origin") or said.here("")
    made: dict[str, Node] = dict(origin.fields)
    if origin.is_scalar:
        scheme, _, rest = origin.text.partition("://")
        host, slash, path = rest.partition("/")
        made["DomainName"] = origin.here(host)
        if path:
            made["OriginPath"] = origin.here(slash + path.rstrip("/"))
        custom = {"CustomOriginConfig": origin.here({"OriginProtocolPolicy": "match-viewer"})}
        made.update({"S3OriginConfig": origin.here({})} if scheme == "s3" else custom)
    kind = "s3" if "S3OriginConfig" in made else "custom"
    path = made["OriginPath"].text if "OriginPath" in made else ""
    host = made["DomainName"].text if "DomainName" in made else ""
    made.setdefault("Id", origin.here(f"{kind}/{host}{path}"))
    return Node(made, origin.line, origin.path)
