"""Golden table: real-time logs of a file and of a template."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edgesim.cloudfront.realtime_log import RealtimeLog
from edgesim.config.deployment import Deployment, NoteKind
from edgesim.config.templates.load import load
from edgesim.errors import ConfigError

from .conftest import GOOD
from .templates.conftest import CDN

BEHAVIOR = f'{GOOD}realtime_log = "all"\n'
LOG = '[realtime_logs.all]\nfields = ["timestamp", "c-ip"]\n'
TEMPLATE = f"""\
Resources:
{CDN}\
          RealtimeLogConfigArn: !GetAtt Log.Arn
  Stream: {{Type: AWS::Kinesis::Stream}}
  Log:
    Type: AWS::CloudFront::RealtimeLogConfig
    Properties:
      Name: log
      Fields: [c-ip, sc-status]
      SamplingRate: 20
      EndPoints:
        - StreamType: Kinesis
          KinesisStreamConfig: {{RoleArn: r, StreamArn: !GetAtt Stream.Arn}}
"""


def test_a_behavior_names_its_log(resolved: Callable[[str], Deployment]) -> None:
    (behavior,) = resolved(BEHAVIOR + LOG).distribution.behaviors
    assert behavior.realtime_log == RealtimeLog("realtime", ("timestamp", "c-ip"), 100)
    more = 'stream = "s"\nsampling_rate = 2.5\n'
    (behavior,) = resolved(BEHAVIOR + LOG + more).distribution.behaviors
    assert behavior.realtime_log == RealtimeLog("s", ("timestamp", "c-ip"), 2.5)


MISTAKES = [
    (
        LOG.replace("all", "al"),
        "13: default_behavior.realtime_log: no real-time log is named 'all'",
    ),
    (LOG.replace("c-ip", "c_ip"), "15: realtime_logs.all.fields: no field is named 'c_ip'"),
    (LOG.replace('"timestamp", "c-ip"', ""), "15: realtime_logs.all.fields: it has no field"),
    (f'{LOG}stream = "../x"\n', "16: realtime_logs.all.stream: '../x' is no stream's name"),
    (f'{LOG}stream = ".."\n', "16: realtime_logs.all.stream: '..' is no stream's name"),
    (f"{LOG}sampling_rate = 0\n", "16: realtime_logs.all.sampling_rate: 0 is out of range"),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES, ids=[said for _, said in MISTAKES])
def test_mistakes(text: str, said: str, refused: Callable[[str], str]) -> None:
    assert f"edgesim.toml:{said}" in refused(BEHAVIOR + text)


def test_one_of_a_template(project: Path) -> None:
    (project / "template.yaml").write_text(TEMPLATE)
    (behavior,) = load(Path("template.yaml")).distribution.behaviors
    assert behavior.realtime_log == RealtimeLog("Stream", ("c-ip", "sc-status"), 20)


def test_one_of_another_stack_is_told_of(project: Path) -> None:
    arn = "arn:aws:cloudfront::1:realtime-log-config/x"
    (project / "template.yaml").write_text(TEMPLATE.replace("!GetAtt Log.Arn", arn))
    deployment = load(Path("template.yaml"))
    assert deployment.distribution.behaviors[0].realtime_log is None
    (note,) = (one for one in deployment.notes if "not in this template" in one.text)
    assert note.kind is NoteKind.IGNORED
    assert note.where.startswith("template.yaml:15: Resources.Cdn")


REFUSED = [
    ("SamplingRate: 20", "SamplingRate: 200", "template.yaml:22: Resources.Log"),
    ("sc-status", "sc-state", "no field is named 'sc-state'"),
    ("StreamType: Kinesis", "StreamType: Firehose", "no StreamType is named 'Firehose'"),
    ("      SamplingRate: 20\n", "", "SamplingRate must be given"),
]


@pytest.mark.parametrize(("old", "new", "said"), REFUSED)
def test_a_template_that_is_refused(old: str, new: str, said: str, project: Path) -> None:
    (project / "template.yaml").write_text(TEMPLATE.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load(Path("template.yaml"))
    assert said in str(caught.value)
