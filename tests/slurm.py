"""Slurm for tests: a real one of one node on the loopback, and an imitation of its commands."""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers import free_port
from tests.waiting import until

PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch", "squeue", "scancel", "sinfo")
CONFIG = """\
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerType=sched/backfill
SchedulerParameters=sched_min_interval=20000,batch_sched_delay=0,bf_interval=1
MinJobAge=10
KillWait=2
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=60 State=UP
"""


def missing() -> str:
    """Return why there can be no real Slurm here; empty if there can."""
    absent = [name for name in PROGRAMS if _program(name) is None]
    if absent:
        return f"Slurm is not installed (apt-get install slurm-wlm munge): no {absent[0]}"
    return "" if os.geteuid() == 0 else "only root can start a Slurm of its own"


@contextmanager
def real_slurm(folder: Path) -> Iterator[dict[str, str]]:
    """Start a Slurm of one node in a folder, and give the variables of its commands."""
    folder.chmod(0o755)
    for name in ("state", "spool", "munge"):
        (folder / name).mkdir(mode=0o711 if name == "munge" else 0o755)
    config = folder / "slurm.conf"
    config.write_text(
        CONFIG.format(
            host=platform.node().partition(".")[0],
            folder=folder,
            controller_port=free_port(),
            node_port=free_port(),
        )
    )
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    env = os.environ | {"SLURM_CONF": str(config)}
    try:
        _start(
            "munged",
            "--force",
            f"--key-file={key}",
            f"--socket={folder}/munge/socket",
            f"--pid-file={folder}/munged.pid",
            f"--log-file={folder}/munged.log",
            f"--seed-file={folder}/munge.seed",
            "--num-threads=2",
            env=env,
        )
        _start("slurmctld", "-f", str(config), env=env)
        _start("slurmd", "-f", str(config), env=env)
        _wait_until_idle(env)
        yield {"SLURM_CONF": str(config)}
    finally:
        for name in ("slurmd", "slurmctld", "munged"):
            _stop(folder / f"{name}.pid")


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def _start(name: str, *arguments: str, env: dict[str, str]) -> None:
    program = _program(name)
    assert program is not None
    subprocess.run([program, *arguments], env=env, check=True, capture_output=True, timeout=60)


def _wait_until_idle(env: dict[str, str]) -> None:
    def is_idle() -> bool:
        done = subprocess.run(
            ["sinfo", "-h", "-o", "%T"], env=env, check=False, capture_output=True, text=True
        )
        return done.stdout.strip() == "idle"

    until(is_idle)


def _stop(pid_file: Path) -> None:
    with suppress(OSError, ValueError):
        pid = int(pid_file.read_text())
        os.kill(pid, signal.SIGTERM)
        until(lambda: not Path(f"/proc/{pid}").exists())


IMITATION = '''\
"""sbatch, squeue, scancel, scontrol and sinfo for jobs that are processes of this machine."""
import json, os, signal, subprocess, sys
from pathlib import Path

folder = Path(os.environ["IMITATED_SLURM"])
name, words = Path(sys.argv[0]).name, sys.argv[1:]
options = dict(word[2:].partition("=")[::2] for word in words if word.startswith("--"))
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps([name, *words]) + "\\n")
said = folder / f"{name}.says"
if said.exists():
    sys.exit(said.read_text())


def alive(path):
    try:
        pid = int(path.read_text())
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z" and pid
    except (OSError, ValueError):
        return None


if name == "sbatch":
    job = folder / f"job-{len(list(folder.glob('job-*'))) + 1}"
    job.mkdir()
    (job / "name").write_text(options["job-name"])
    number = job.name.removeprefix("job-")
    for index in range(int(options["array"].partition("%")[0].partition("-")[2]) + 1):
        own = {"SLURM_ARRAY_TASK_ID": str(index), "SLURM_JOB_ID": f"{number}{index}"}
        own["SLURM_ARRAY_JOB_ID"] = number
        place = options["output"].replace("%a", str(index))
        with open(place if Path(place).parent.is_dir() else os.devnull, "a") as log:
            process = subprocess.Popen(
                ["sh", words[-1]], env=os.environ | own, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )
        (job / f"pid-{index}").write_text(str(process.pid))
    lost = folder / "sbatch.loses"
    if lost.exists():
        sys.exit(lost.rename(folder / "sbatch.lost").read_text())
    print(number)
elif name == "squeue":
    jobs = [folder / f"job-{options['jobs']}"] if "jobs" in options else folder.glob("job-*")
    for job in jobs:
        if "name" in options and (job / "name").read_text() != options["name"]:
            continue
        for path in sorted(job.glob("pid-*")):
            index = path.name.removeprefix("pid-")
            if alive(path):
                print(f"{index}|RUNNING|None" if "jobs" in options else job.name[4:])
elif name == "scontrol" and "job" in words:
    print(f"JobId=1 ArrayJobId={words[-1]} JobState=FAILED NodeList=node7 ExitCode=0:53")
elif name == "sinfo":
    print((folder / "nodes").read_text())
elif name == "scancel":
    for number in words:
        for path in (folder / f"job-{number}").glob("pid-*"):
            if pid := alive(path):
                os.kill(pid, signal.SIGTERM)
'''


def imitated_slurm(folder: Path) -> dict[str, str]:
    """Write commands of an imitated Slurm, and return the variables with which they are found.

    A file ``sbatch.says`` in the folder makes that command fail with these words; ``sbatch.loses``
    does so once, after the jobs were accepted. ``nodes`` is what sinfo prints.
    """
    programs = folder / "programs"
    programs.mkdir(parents=True)
    for name in ("sbatch", "squeue", "scancel", "scontrol", "sinfo"):
        path = programs / name
        path.write_text(f"#!{sys.executable} -S\n{IMITATION}")
        path.chmod(0o755)
    return {"IMITATED_SLURM": str(folder), "PATH": f"{programs}:{os.environ['PATH']}"}


def end_jobs(folder: Path) -> None:
    """Kill what is left of the jobs of an imitated Slurm."""
    for path in folder.glob("job-*/pid-*"):
        with suppress(OSError):
            os.killpg(int(path.read_text()), signal.SIGKILL)
