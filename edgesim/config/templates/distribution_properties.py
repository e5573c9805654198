"""Every property of AWS::CloudFront::Distribution, and what edgesim does with it.

A test holds this table against the published schema; `PROPERTIES.md` is printed from it.
"""

from __future__ import annotations

from .report import Property, Table
from .rows import below, refused, understood, without_effect

_CONFIG = "DistributionConfig."

_ORIGIN: dict[str, Property] = {
    **understood(
        *("Id", "DomainName", "OriginPath", "ConnectionAttempts", "ConnectionTimeout"),
        *("ResponseCompletionTimeout", "OriginAccessControlId"),
        *("OriginCustomHeaders", "OriginCustomHeaders[].HeaderName"),
        *("OriginCustomHeaders[].HeaderValue",),
        *("OriginShield", "OriginShield.Enabled", "OriginShield.OriginShieldRegion"),
        "S3OriginConfig",
        "S3OriginConfig.OriginReadTimeout",
        *("VpcOriginConfig", "VpcOriginConfig.VpcOriginId", "VpcOriginConfig.OriginReadTimeout"),
        "VpcOriginConfig.OriginKeepaliveTimeout",
        *("CustomOriginConfig", "CustomOriginConfig.HTTPPort", "CustomOriginConfig.HTTPSPort"),
        "CustomOriginConfig.OriginProtocolPolicy",
        *("CustomOriginConfig.OriginReadTimeout", "CustomOriginConfig.OriginKeepaliveTimeout"),
        "CustomOriginConfig.OriginSSLProtocols",
    ),
    **without_effect("checked; --set-origin names the address", "CustomOriginConfig.IpAddressType"),
    **understood("S3OriginConfig.OriginAccessIdentity"),
    **without_effect("no request depends on whose it is", "VpcOriginConfig.OwnerAccountId"),
    **understood(
        "CustomOriginConfig.OriginMtlsConfig",
        "CustomOriginConfig.OriginMtlsConfig.ClientCertificateArn",
    ),
}

_ORIGIN_GROUPS = understood(
    *("", ".Quantity", ".Items", ".Items[].Id", ".Items[].FailoverCriteria"),
    *(".Items[].FailoverCriteria.StatusCodes", ".Items[].FailoverCriteria.StatusCodes.Items"),
    *(".Items[].FailoverCriteria.StatusCodes.Quantity", ".Items[].Members"),
    *(".Items[].Members.Items", ".Items[].Members.Items[].OriginId", ".Items[].Members.Quantity"),
    ".Items[].SelectionCriteria",
)

_BEHAVIOR: dict[str, Property] = {
    **understood(
        *("TargetOriginId", "ViewerProtocolPolicy", "AllowedMethods", "CachedMethods", "Compress"),
        *("CachePolicyId", "OriginRequestPolicyId", "ResponseHeadersPolicyId"),
        *("MinTTL", "DefaultTTL", "MaxTTL", "ForwardedValues", "ForwardedValues.QueryString"),
        *("ForwardedValues.QueryStringCacheKeys", "ForwardedValues.Headers"),
        *("ForwardedValues.Cookies", "ForwardedValues.Cookies.Forward"),
        "ForwardedValues.Cookies.WhitelistedNames",
        *("FunctionAssociations", "FunctionAssociations[].EventType"),
        *("FunctionAssociations[].FunctionARN", "LambdaFunctionAssociations"),
        *("LambdaFunctionAssociations[].EventType", "LambdaFunctionAssociations[].IncludeBody"),
        *("LambdaFunctionAssociations[].LambdaFunctionARN", "TrustedKeyGroups", "TrustedSigners"),
        "RealtimeLogConfigArn",
    ),
    **refused("gRPC needs HTTP/2 on both sides", "GrpcConfig", "GrpcConfig.Enabled"),
    **refused(
        "the origin would get fields unencrypted that it expects encrypted",
        "FieldLevelEncryptionId",
    ),
    **refused("Microsoft Smooth Streaming is not taken apart", "SmoothStreaming"),
}

_ERRORS = understood(
    *("", "[].ErrorCode", "[].ResponseCode", "[].ResponsePagePath", "[].ErrorCachingMinTTL")
)

_VIEWERS: dict[str, Property] = {
    **understood(
        *("Restrictions", "Restrictions.GeoRestriction"),
        *("Restrictions.GeoRestriction.RestrictionType", "Restrictions.GeoRestriction.Locations"),
        *("ViewerCertificate", "ViewerCertificate.AcmCertificateArn"),
        "ViewerCertificate.CloudFrontDefaultCertificate",
        *("ViewerCertificate.IamCertificateId", "ViewerCertificate.MinimumProtocolVersion"),
        "ViewerCertificate.SslSupportMethod",
    ),
    **refused("requests that its rules would block would be answered", "WebACLId"),
    **refused("viewers are not asked for a certificate", "ViewerMtlsConfig"),
    **below(
        "ViewerMtlsConfig.",
        refused(
            "see ViewerMtlsConfig",
            *("Mode", "TrustStoreConfig", "TrustStoreConfig.AdvertiseTrustStoreCaNames"),
            *("TrustStoreConfig.IgnoreCertificateExpiry", "TrustStoreConfig.TrustStoreId"),
        ),
    ),
    **refused(
        "no function runs when a connection is made",
        *("ConnectionFunctionAssociation", "ConnectionFunctionAssociation.Id"),
    ),
}

_LEGACY = understood(
    *("CNAMEs", "CustomOrigin", "CustomOrigin.DNSName", "CustomOrigin.HTTPPort"),
    *("CustomOrigin.HTTPSPort", "CustomOrigin.OriginProtocolPolicy"),
    *("CustomOrigin.OriginSSLProtocols", "S3Origin", "S3Origin.DNSName"),
    "S3Origin.OriginAccessIdentity",
)
"""What a distribution of before 2012 had."""

_PARAMETERS: dict[str, Property] = {
    **understood(
        *("", "[].Name", "[].Definition", "[].Definition.StringSchema"),
        *("[].Definition.StringSchema.DefaultValue", "[].Definition.StringSchema.Required"),
    ),
    **without_effect("it is for people", "[].Definition.StringSchema.Comment"),
}
"""Of a multi-tenant distribution: what its tenants have values for."""

_WHOLE: dict[str, Property] = {
    **understood(
        *("Enabled", "Aliases", "DefaultRootObject"),
        *("Origins", "CacheBehaviors", "DefaultCacheBehavior"),
    ),
    **without_effect("checked; it is for people", "Comment"),
    **without_effect("checked; viewers speak HTTP/1.1, as they may to each", "HttpVersion"),
    **without_effect("it is about names' addresses; --host says where it listens", "IPV6Enabled"),
    **understood("Logging", "Logging.Bucket", "Logging.IncludeCookies", "Logging.Prefix"),
    **without_effect("it is about names' addresses", "AnycastIpListId"),
    **understood("Staging", "ConnectionMode", "ContinuousDeploymentPolicyId", "PriceClass"),
    **understood("TenantConfig"),
    **below("TenantConfig.ParameterDefinitions", _PARAMETERS),
    **understood("CacheTagConfig", "CacheTagConfig.HeaderName"),
}

DISTRIBUTION: Table = {
    **understood("DistributionConfig"),
    **below(_CONFIG, _WHOLE),
    **below(_CONFIG, _VIEWERS),
    **below(_CONFIG, _LEGACY),
    **below(f"{_CONFIG}Origins[].", _ORIGIN),
    **below(f"{_CONFIG}OriginGroups", _ORIGIN_GROUPS),
    **below(f"{_CONFIG}DefaultCacheBehavior.", _BEHAVIOR),
    **below(f"{_CONFIG}CacheBehaviors[].", {**understood("PathPattern"), **_BEHAVIOR}),
    **below(f"{_CONFIG}CustomErrorResponses", _ERRORS),
    **without_effect("tags are for AWS's bills", "Tags", "Tags[].Key", "Tags[].Value"),
}
