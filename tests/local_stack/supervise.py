"""A supervisor in a process of its own, to be killed by a test: `python -m tests.local_stack.supervise VAR_DIR`."""

import sys
import time
from pathlib import Path

from local_stack.children import Children
from local_stack.var_dir import VarDir
from tests.local_stack.stand_ins import FOLLOW, command

if __name__ == "__main__":
    var_dir = VarDir(Path(sys.argv[1]))
    var_dir.create()
    children = Children(held=var_dir.lock(lambda: None), logs=var_dir.logs)
    for name in ("one", "two"):
        children.start(command(name, f"print('up', flush=True); {FOLLOW}"))
    sys.stdout.write(" ".join(str(child.pid) for child in children) + "\n")
    sys.stdout.flush()
    time.sleep(600)
