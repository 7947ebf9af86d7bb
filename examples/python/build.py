"""Installs requirements.txt into `.venv`, once for each content of that file."""

import fcntl
import subprocess
import venv
from pathlib import Path

here = Path(__file__).parent
wanted = (here / "requirements.txt").read_text()
made_of = here / ".venv" / "requirements.txt"

# Another run may be building it.
with open(here / ".venv.lock", "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    if not made_of.exists() or made_of.read_text() != wanted:
        venv.create(here / ".venv", clear=True, with_pip=True)
        pip = [here / ".venv" / "bin" / "python", "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--requirement", here / "requirements.txt"], check=True)
        made_of.write_text(wanted)
