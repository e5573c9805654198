"""Ways to run users' functions, and the functions of a deployment kept warm."""

from .base import LogLine as LogLine
from .base import LogSink as LogSink
from .base import Runtime as Runtime
from .conditions import Conditions as Conditions
from .function_set import FunctionSet as FunctionSet
from .inline_code import load_inline as load_inline
from .report import Report as Report
from .table import RUNTIMES as RUNTIMES
from .table import runtime_for as runtime_for
