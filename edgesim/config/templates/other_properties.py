"""Every property of the resources that a distribution refers to, and what edgesim does with it."""

from __future__ import annotations

from collections.abc import Mapping

from ...cloudfront.association_rules import ENVIRONMENT_VARIABLES
from .report import Property, Status, Table
from .rows import below, ignored, refused, understood, without_effect

_FOR_PEOPLE = "it is for people"
_UNBLOCKED = "requests that its rules would block would be answered"
_SELECTORS = (
    *("CookiesConfig", "CookiesConfig.CookieBehavior", "CookiesConfig.Cookies"),
    *("HeadersConfig", "HeadersConfig.HeaderBehavior", "HeadersConfig.Headers"),
    *("QueryStringsConfig", "QueryStringsConfig.QueryStringBehavior"),
    "QueryStringsConfig.QueryStrings",
)
_KEY = "ParametersInCacheKeyAndForwardedToOrigin"
_SECURITY = (
    *("", ".ContentSecurityPolicy", ".ContentSecurityPolicy.ContentSecurityPolicy"),
    *(".ContentSecurityPolicy.Override", ".ContentTypeOptions", ".ContentTypeOptions.Override"),
    *(".FrameOptions", ".FrameOptions.FrameOption", ".FrameOptions.Override"),
    *(".ReferrerPolicy", ".ReferrerPolicy.Override", ".ReferrerPolicy.ReferrerPolicy"),
    *(".StrictTransportSecurity", ".StrictTransportSecurity.AccessControlMaxAgeSec"),
    *(".StrictTransportSecurity.IncludeSubdomains", ".StrictTransportSecurity.Override"),
    *(".StrictTransportSecurity.Preload", ".XSSProtection", ".XSSProtection.ModeBlock"),
    *(".XSSProtection.Override", ".XSSProtection.Protection", ".XSSProtection.ReportUri"),
)
_CORS = (
    *("", ".AccessControlAllowCredentials", ".AccessControlAllowHeaders"),
    *(".AccessControlAllowHeaders.Items", ".AccessControlAllowMethods"),
    *(".AccessControlAllowMethods.Items", ".AccessControlAllowOrigins"),
    *(".AccessControlAllowOrigins.Items", ".AccessControlExposeHeaders"),
    *(".AccessControlExposeHeaders.Items", ".AccessControlMaxAgeSec", ".OriginOverride"),
)


def _config(name: str, rows: dict[str, Property]) -> dict[str, Property]:
    """A resource all of whose properties are below one called `name`."""
    return {**understood(name), **below(f"{name}.", rows)}


_BY_HEADER = understood("", ".Header", ".Value")
_BY_WEIGHT = understood(
    *("", ".Weight", ".SessionStickinessConfig", ".SessionStickinessConfig.IdleTTL"),
    ".SessionStickinessConfig.MaximumTTL",
)
_TAGS = without_effect("tags are for AWS's bills", "Tags", "Tags[].Key", "Tags[].Value")

_LAMBDA: dict[str, Property] = {
    **understood(
        *("Code.ZipFile", "Code.S3Bucket", "Code.S3Key", "FunctionName"),
        *("Handler", "Runtime", "MemorySize", "Timeout", "Architectures", "PackageType"),
        "ReservedConcurrentExecutions",
    ),
    **without_effect(_FOR_PEOPLE, "Description"),
    **ignored(
        "the function runs on this machine, with no rights in AWS",
        *("Role", "CodeSigningConfigArn", "KmsKeyArn", "Code.SourceKMSKeyArn"),
    ),
    **ignored(
        "the code is taken from this machine", "Code.S3ObjectVersion", "Code.S3ObjectStorageMode"
    ),
    **ignored(
        "it says how AWS runs and watches the function",
        *("LoggingConfig", "RecursiveLoop", "RuntimeManagementConfig"),
        *("FunctionScalingConfig", "PublishToLatestPublished"),
    ),
    **_TAGS,
    "Code": Property(or_text=True),  # a folder, where it is packaged afterwards
    "TracingConfig": Property(
        Status.REFUSED, "AWS refuses it for functions at the edge", frozenset({"passthrough"})
    ),
    "EphemeralStorage": Property(
        Status.REFUSED, "AWS gives functions at the edge 512 MB", frozenset({"512"})
    ),
    "Environment": Property(
        Status.REFUSED,
        "AWS refuses it for functions at the edge",
        rule=ENVIRONMENT_VARIABLES.id,
    ),
    **refused(
        "AWS refuses it for functions at the edge",
        *("Layers", "VpcConfig", "DeadLetterConfig", "FileSystemConfigs"),
        *("ImageConfig", "Code.ImageUri", "SnapStart"),
        *("CapacityProviderConfig", "DurableConfig", "TenancyConfig"),
    ),
}
"""As far as its own level and Code: what is below a row that is ignored or refused goes with it."""

RESOURCES: Mapping[str, Table] = {
    "AWS::CloudFront::CachePolicy": _config(
        "CachePolicyConfig",
        {
            **understood("Name", "MinTTL", "DefaultTTL", "MaxTTL", _KEY),
            **below(
                f"{_KEY}.",
                understood("EnableAcceptEncodingGzip", "EnableAcceptEncodingBrotli", *_SELECTORS),
            ),
            **without_effect(_FOR_PEOPLE, "Comment"),
        },
    ),
    "AWS::CloudFront::OriginRequestPolicy": _config(
        "OriginRequestPolicyConfig",
        {**understood("Name", *_SELECTORS), **without_effect(_FOR_PEOPLE, "Comment")},
    ),
    "AWS::CloudFront::ResponseHeadersPolicy": _config(
        "ResponseHeadersPolicyConfig",
        {
            **understood("Name"),
            **below("CorsConfig", understood(*_CORS)),
            **below("SecurityHeadersConfig", understood(*_SECURITY)),
            **understood(
                *("CustomHeadersConfig", "CustomHeadersConfig.Items"),
                *("CustomHeadersConfig.Items[].Header", "CustomHeadersConfig.Items[].Value"),
                "CustomHeadersConfig.Items[].Override",
                *("RemoveHeadersConfig", "RemoveHeadersConfig.Items"),
                "RemoveHeadersConfig.Items[].Header",
                *("ServerTimingHeadersConfig", "ServerTimingHeadersConfig.Enabled"),
                "ServerTimingHeadersConfig.SamplingRate",
            ),
            **without_effect(_FOR_PEOPLE, "Comment"),
        },
    ),
    "AWS::CloudFront::Function": {
        **understood("Name", "FunctionCode", "FunctionConfig", "FunctionConfig.Runtime"),
        **understood(
            "FunctionConfig.KeyValueStoreAssociations",
            "FunctionConfig.KeyValueStoreAssociations[].KeyValueStoreARN",
        ),
        **understood("AutoPublish"),
        **without_effect(_FOR_PEOPLE, "FunctionConfig.Comment"),
        **ignored("CloudFront sets it", "FunctionMetadata", "FunctionMetadata.FunctionARN"),
        **_TAGS,
    },
    "AWS::CloudFront::KeyValueStore": {
        **understood("Name", "ImportSource", "ImportSource.SourceArn", "ImportSource.SourceType"),
        **without_effect(_FOR_PEOPLE, "Comment"),
        **_TAGS,
    },
    "AWS::CloudFront::PublicKey": _config(
        "PublicKeyConfig",
        {
            **understood("EncodedKey", "Name"),
            **without_effect(_FOR_PEOPLE, "Comment"),
            **ignored("it tells AWS two requests apart", "CallerReference"),
        },
    ),
    "AWS::CloudFront::KeyGroup": _config(
        "KeyGroupConfig", {**understood("Items", "Name"), **without_effect(_FOR_PEOPLE, "Comment")}
    ),
    "AWS::CloudFront::OriginAccessControl": _config(
        "OriginAccessControlConfig",
        {
            **understood("SigningBehavior", "OriginAccessControlOriginType", "SigningProtocol"),
            **understood("Name"),
            **without_effect(_FOR_PEOPLE, "Description"),
        },
    ),
    "AWS::CloudFront::ContinuousDeploymentPolicy": _config(
        "ContinuousDeploymentPolicyConfig",
        {
            **understood("Enabled", "StagingDistributionDnsNames", "TrafficConfig", "Type"),
            **understood("TrafficConfig.Type"),
            **below("TrafficConfig.SingleHeaderConfig", _BY_HEADER),
            **below("TrafficConfig.SingleWeightConfig", _BY_WEIGHT),
            **below("SingleHeaderPolicyConfig", _BY_HEADER),
            **below("SingleWeightPolicyConfig", _BY_WEIGHT),
        },
    ),
    "AWS::CloudFront::RealtimeLogConfig": {
        **understood("Fields", "SamplingRate", "EndPoints", "EndPoints[].StreamType"),
        **understood(
            "EndPoints[].KinesisStreamConfig", "EndPoints[].KinesisStreamConfig.StreamArn"
        ),
        **ignored("nothing is written to Kinesis", "EndPoints[].KinesisStreamConfig.RoleArn"),
        **without_effect(_FOR_PEOPLE, "Name"),
    },
    "AWS::CloudFront::DistributionTenant": {
        **understood("DistributionId", "Domains", "Enabled", "ConnectionGroupId"),
        **understood("Parameters", "Parameters[].Name", "Parameters[].Value", "Customizations"),
        **below(
            "Customizations.",
            understood(
                *("GeoRestrictions", "GeoRestrictions.RestrictionType"),
                *("GeoRestrictions.Locations", "Certificate", "Certificate.Arn", "WebAcl.Action"),
            ),
        ),
        "Customizations.WebAcl": Property(Status.REFUSED, _UNBLOCKED, frozenset({"disable"})),
        **refused(_UNBLOCKED, "Customizations.WebAcl.Arn"),
        **understood(
            *("ManagedCertificateRequest", "ManagedCertificateRequest.ValidationTokenHost"),
            "ManagedCertificateRequest.CertificateTransparencyLoggingPreference",
        ),
        **without_effect(
            "certificates are made here", "ManagedCertificateRequest.PrimaryDomainName"
        ),
        **without_effect(_FOR_PEOPLE, "Name"),
        **_TAGS,
    },
    "AWS::CloudFront::ConnectionGroup": {
        **understood("Enabled"),
        **without_effect(_FOR_PEOPLE, "Name"),
        **without_effect("it is about names' addresses", "AnycastIpListId", "Ipv6Enabled"),
        **_TAGS,
    },
    "AWS::CloudFront::CloudFrontOriginAccessIdentity": _config(
        "CloudFrontOriginAccessIdentityConfig", without_effect(_FOR_PEOPLE, "Comment")
    ),
    "AWS::Lambda::Function": _LAMBDA,
    "AWS::Lambda::Version": {
        **understood("FunctionName"),
        **without_effect(_FOR_PEOPLE, "Description"),
        **ignored(
            "it says how AWS runs the function",
            *("CodeSha256", "FunctionScalingConfig", "RuntimePolicy"),
        ),
        **refused("AWS refuses it for functions at the edge", "ProvisionedConcurrencyConfig"),
    },
}
"""By type; what `Ref` and `GetAtt` read is no property that a template sets, and is left out."""
