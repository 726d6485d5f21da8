"""XuanCe's own mean-field Q on spread, by its own settings for that world, without its evaluations (written for XuanCe 1.3 and 1.4).

Prints environment steps per CPU-s. Usage: steps environments.
"""

import contextlib
import io
import json
import sys
import tempfile
import time
from argparse import Namespace
from pathlib import Path

import torch
import xuance
import yaml
from xuance.environment import make_envs
from xuance.torch.agents import MFQ_Agents


def settings(environments):
    folder = Path(xuance.__file__).parent / "configs"
    told = yaml.safe_load((folder / "basic.yaml").read_text()) | yaml.safe_load((folder / "mfq/mpe/simple_spread_v3.yaml").read_text())
    place = tempfile.mkdtemp()
    return Namespace(**told | {"parallels": environments, "device": "cpu", "log_dir": f"{place}/logs/", "model_dir": f"{place}/models/"})


def main(steps, environments):
    torch.set_num_threads(1)
    told = settings(environments)
    with contextlib.redirect_stdout(io.StringIO()):
        agents = MFQ_Agents(config=told, envs=make_envs(told))
        begin = time.process_time()
        agents.train(steps // environments)
        spent = time.process_time() - begin
    print(json.dumps({"steps_per_cpu_s": steps / spent}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
