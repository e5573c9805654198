"""What a plan knows only afterwards is never dropped."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from .conftest import Loaded, Refused

PLAN = json.loads((Path(__file__).parents[1] / "corpus/tf_plan/plan.json").read_text())
BEHAVIOR = "default_cache_behavior"


def changed(*, unknown: dict[str, Any] | None = None, **values: Any) -> str:
    """The plan of the corpus with other values in its default behavior."""
    plan = deepcopy(PLAN)
    cdn = plan["planned_values"]["root_module"]["resources"][0]["values"]
    cdn[BEHAVIOR][0].update(values)
    plan["resource_changes"][0]["change"]["after_unknown"][BEHAVIOR][0].update(unknown or {})
    expressions = plan["configuration"]["root_module"]["resources"][0]["expressions"]
    for key in unknown or {}:
        expressions[BEHAVIOR][0][key] = {"references": ["module.other.output", "module.other"]}
    return json.dumps(plan)


@pytest.fixture(autouse=True)
def code(tmp_path: Path) -> None:
    (tmp_path / "functions/headers").mkdir(parents=True)
    (tmp_path / "functions/headers/headers.py").write_text("def handler(event, context): ...\n")


def test_references_of_a_plan_lead_to_what_is_planned(loaded: Loaded) -> None:
    default = loaded(changed(), name="plan.json").distribution.behaviors[-1]
    assert default.cache_policy_name == "aws_cloudfront_cache_policy.pages"
    names = [association.function.name for association in default.functions.values()]
    assert names == ["rewrite", "aws_lambda_function.headers"]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("trusted_key_groups", "no key group is named '(known after apply)'"),
        ("origin_request_policy_id", "no OriginRequestPolicy has the id '(known after apply)'"),
        ("trusted_signers", "trusted_signers: a list is needed here"),
    ],
)
def test_what_nothing_explains_is_refused(refused: Refused, key: str, said: str) -> None:
    assert said in refused(changed(unknown={key: True}), name="plan.json")


def test_a_setting_that_edgesim_does_not_know_is_refused(refused: Refused) -> None:
    said = refused(changed(brand_new="x"), name="plan.json")
    assert "default_cache_behavior[0].brand_new: there is no property 'BrandNew' here" in said


def test_a_function_that_is_not_published_has_no_version(refused: Refused) -> None:
    plan = json.loads(changed())
    for one in plan["planned_values"]["root_module"]["resources"]:
        if one["type"] == "aws_lambda_function":
            one["values"]["publish"] = False
    said = refused(json.dumps(plan), name="plan.json")
    assert "CloudFront takes a function's version; this is no version" in said


HIDDEN = ["function_association", "lambda_function_association", "forwarded_values"]


@pytest.mark.parametrize("block", HIDDEN)
def test_blocks_of_which_a_plan_knows_nothing_yet(refused: Refused, block: str) -> None:
    """`dynamic` blocks are in no expressions: their absence there does not mean nobody set them."""
    plan = json.loads(changed(unknown={block: True}))
    del plan["configuration"]["root_module"]["resources"][0]["expressions"][BEHAVIOR][0][block]
    values = plan["planned_values"]["root_module"]["resources"][0]["values"][BEHAVIOR][0]
    values.pop(block, None)
    assert f"default_cache_behavior[0].{block}" in refused(json.dumps(plan), name="plan.json")


def test_whole_behaviors_of_which_a_plan_knows_nothing_yet(refused: Refused) -> None:
    plan = json.loads(changed())
    plan["resource_changes"][0]["change"]["after_unknown"]["ordered_cache_behavior"] = True
    for one in (
        plan["planned_values"]["root_module"]["resources"][0]["values"],
        plan["configuration"]["root_module"]["resources"][0]["expressions"],
    ):
        del one["ordered_cache_behavior"]
    assert "ordered_cache_behavior" in refused(json.dumps(plan), name="plan.json")


def test_neither_plan_nor_state(refused: Refused) -> None:
    empty = json.dumps({"format_version": "1.0", "terraform_version": "1.11.4"})
    assert "it has neither a plan nor a state\n  hint: terraform plan" in refused(
        empty, name="plan.json"
    )
