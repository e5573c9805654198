"""How Terraform's AWS provider spells what CloudFormation spells otherwise. Tables only."""

from __future__ import annotations

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "aws_cloudfront_cache_policy": "AWS::CloudFront::CachePolicy",
    "aws_cloudfront_distribution": "AWS::CloudFront::Distribution",
    "aws_cloudfront_function": "AWS::CloudFront::Function",
    "aws_cloudfront_key_group": "AWS::CloudFront::KeyGroup",
    "aws_cloudfront_key_value_store": "AWS::CloudFront::KeyValueStore",
    "aws_cloudfront_origin_access_control": "AWS::CloudFront::OriginAccessControl",
    "aws_cloudfront_origin_access_identity": "AWS::CloudFront::CloudFrontOriginAccessIdentity",
    "aws_cloudfront_origin_request_policy": "AWS::CloudFront::OriginRequestPolicy",
    "aws_cloudfront_public_key": "AWS::CloudFront::PublicKey",
    "aws_cloudfront_realtime_log_config": "AWS::CloudFront::RealtimeLogConfig",
    "aws_cloudfront_response_headers_policy": "AWS::CloudFront::ResponseHeadersPolicy",
    "aws_lambda_function": "AWS::Lambda::Function",
    "aws_s3_bucket": "AWS::S3::Bucket",
}

CONFIGS: Mapping[str, str] = {
    "aws_cloudfront_cache_policy": "CachePolicyConfig",
    "aws_cloudfront_distribution": "DistributionConfig",
    "aws_cloudfront_key_group": "KeyGroupConfig",
    "aws_cloudfront_origin_access_control": "OriginAccessControlConfig",
    "aws_cloudfront_origin_access_identity": "CloudFrontOriginAccessIdentityConfig",
    "aws_cloudfront_origin_request_policy": "OriginRequestPolicyConfig",
    "aws_cloudfront_public_key": "PublicKeyConfig",
    "aws_cloudfront_response_headers_policy": "ResponseHeadersPolicyConfig",
}
"""What stands around all properties of a resource."""

RENAMED_IN: Mapping[tuple[str, str], str] = {
    ("aws_cloudfront_distribution", "logging_config"): "Logging",
    ("aws_cloudfront_realtime_log_config", "endpoint"): "EndPoints",
    ("aws_s3_bucket", "bucket"): "BucketName",
}
RENAMED: Mapping[str, str] = {
    "aliases": "Aliases",
    "cloudfront_default_certificate": "CloudFrontDefaultCertificate",
    "code": "FunctionCode",
    "custom_error_response": "CustomErrorResponses",
    "custom_header": "OriginCustomHeaders",
    "default_ttl": "DefaultTTL",
    "error_caching_min_ttl": "ErrorCachingMinTTL",
    "function_arn": "FunctionARN",
    "function_association": "FunctionAssociations",
    "http_port": "HTTPPort",
    "https_port": "HTTPSPort",
    "is_ipv6_enabled": "IPV6Enabled",
    "lambda_arn": "LambdaFunctionARN",
    "lambda_function_association": "LambdaFunctionAssociations",
    "max_ttl": "MaxTTL",
    "min_ttl": "MinTTL",
    "ordered_cache_behavior": "CacheBehaviors",
    "origin": "Origins",
    "origin_group": "OriginGroups",
    "origin_id": "Id",
    "origin_keepalive_timeout": "OriginKeepaliveTimeout",
    "origin_ssl_protocols": "OriginSSLProtocols",
    "publish": "AutoPublish",
    "web_acl_id": "WebACLId",
    "xss_protection": "XSSProtection",
}
"""Where it is not simply the words of the name in capitals."""

LISTS = frozenset(
    {
        "custom_error_response",
        "custom_header",
        "endpoint",
        "function_association",
        "items",
        "lambda_function_association",
        "member",
        "ordered_cache_behavior",
        "origin",
        "origin_group",
    }
)
"""Blocks of which there may be several; all others are one, in a list for Terraform's reasons."""

BLOCKS = LISTS | {
    *("cookies", "custom_origin_config", "default_cache_behavior", "failover_criteria"),
    *("forwarded_values", "geo_restriction", "grpc_config", "logging_config", "origin_shield"),
    *("restrictions", "s3_origin_config", "viewer_certificate", "viewer_mtls_config"),
    "vpc_origin_config",
}
"""What `dynamic` may make; then no expression of the configuration names it."""

OWN: Mapping[str, frozenset[str]] = {
    "": frozenset({"arn", "etag", "id", "region", "tags", "tags_all"}),
    "aws_cloudfront_distribution": frozenset(
        {
            *(
                "caller_reference",
                "domain_name",
                "hosted_zone_id",
                "in_progress_validation_batches",
            ),
            *("last_modified_time", "logging_v1_enabled", "retain_on_delete", "status"),
            *("trusted_key_groups", "trusted_signers", "wait_for_deployment"),
        }
    ),
    "aws_cloudfront_function": frozenset({"live_stage_etag", "status"}),
    "aws_cloudfront_key_value_store": frozenset({"last_modified_time", "timeouts"}),
    "aws_cloudfront_public_key": frozenset({"caller_reference", "name_prefix"}),
    "aws_cloudfront_origin_access_identity": frozenset(
        {"caller_reference", "cloudfront_access_identity_path", "iam_arn", "s3_canonical_user_id"}
    ),
    "aws_lambda_function": frozenset(
        {
            *(
                "code_sha256",
                "invoke_arn",
                "last_modified",
                "publish",
                "publish_to",
                "qualified_arn",
            ),
            *("qualified_invoke_arn", "response_streaming_invoke_arn", "signing_job_arn"),
            *("signing_profile_version_arn", "skip_destroy", "source_code_hash"),
            *("source_code_size", "timeouts", "version", "replace_security_groups_on_destroy"),
            *("replacement_security_group_ids", "filename", "image_uri", "s3_bucket", "s3_key"),
            *("s3_object_version", "source_kms_key_arn"),
        }
    ),
}
"""On the uppermost level: what AWS tells afterwards, or what is between Terraform and AWS."""

REFERENCES = frozenset(
    {
        *("cache_policy_id", "function_arn", "items", "key_value_store_associations"),
        *("lambda_arn", "origin_access_control_id", "origin_access_identity"),
        *("origin_request_policy_id", "response_headers_policy_id", "trusted_key_groups"),
        *("realtime_log_config_arn", "stream_arn"),
    }
)
"""Arguments whose value is what another resource is called."""
IDENTITIES = ("id", "arn", "qualified_arn", "cloudfront_access_identity_path")
"""What one resource is called by in another."""
ATTRIBUTES: Mapping[tuple[str, str], str] = {
    ("aws_cloudfront_function", "arn"): "FunctionARN",
    ("aws_cloudfront_key_value_store", "arn"): "Arn",
    ("aws_cloudfront_realtime_log_config", "arn"): "Arn",
    ("aws_lambda_function", "arn"): "Arn",
    ("aws_s3_bucket", "bucket_domain_name"): "DomainName",
    ("aws_s3_bucket", "bucket_regional_domain_name"): "RegionalDomainName",
}
"""What `GetAtt` calls them."""
