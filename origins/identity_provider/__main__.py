"""`python -m origins.identity_provider`: the same as running its server.py."""

import runpy
import sys
from pathlib import Path

HERE = Path(__file__).parent

# Its modules import each other by their bare names, as they do when server.py is run.
sys.path.insert(0, str(HERE))
runpy.run_path(str(HERE / "server.py"), run_name="__main__")
