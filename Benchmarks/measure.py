"""Runs commands side by side and reads the CPU that they and the server spent."""
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def bindir():
    try:
        folder = Path(subprocess.check_output(["pg_config", "--bindir"], text=True).strip())
        if (folder / "initdb").exists():
            return folder
    except (OSError, subprocess.CalledProcessError):
        pass
    return sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]


class Cluster:
    """A private PostgreSQL on a Unix socket in a temporary folder; it ends with the process."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="whc-bench-"))
        self.bin = bindir()
        self.prefix = []
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
            self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        os.chmod(self.folder, 0o755)
        data = self.folder / "data"
        self._run("initdb", "-D", data, "-U", "bench", "-A", "trust", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8")
        settings = {"port": 54321, "listen_addresses": "", "unix_socket_directories": self.folder, "fsync": "off",
                    "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "1GB", "work_mem": "256MB",
                    "max_wal_size": "8GB", "jit": "off", "autovacuum": "off", "max_connections": 50}
        options = " ".join(f"-c {key}={value}" if value != "" else f"-c {key}=''" for key, value in settings.items())
        self._run("pg_ctl", "-D", data, "-l", self.folder / "log", "-w", "-o", options, "start")
        self.postmaster = int((data / "postmaster.pid").read_text().split("\n")[0])
        self.psql("create database bench", database="postgres")

    def _run(self, name, *arguments):
        subprocess.run([*self.prefix, str(self.bin / name), *map(str, arguments)], check=True, stdout=subprocess.DEVNULL,
                       cwd="/")

    def psql_command(self, database="bench"):
        return [str(self.bin / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-p", "54321", "-U", "bench",
                "-d", database]

    def psql(self, sql, database="bench"):
        done = subprocess.run([*self.psql_command(database), "-At"], input=sql, text=True, capture_output=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        return done.stdout.strip()

    def cpu(self):
        """Seconds that the server's ended processes used."""
        fields = Path(f"/proc/{self.postmaster}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[13]) + int(fields[14])) / TICK

    def settle(self):
        """Waits until the processes of closed connections are gone, so that their time is counted."""
        for _ in range(200):
            children = Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children").read_text().split()
            busy = 0
            for child in children:
                try:
                    title = Path(f"/proc/{child}/cmdline").read_text()
                except OSError:
                    continue
                busy += not any(word in title for word in ("checkpointer", "writer", "walwriter", "launcher", "logger"))
            if not busy:
                return
            time.sleep(0.02)

    def stop(self):
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def once(command, cluster=None, cwd=None, env=None, prepare=None):
    """One run: wall and CPU seconds, the server's CPU, the largest resident size in MiB."""
    if prepare:
        prepare()
    before = 0.0
    if cluster:
        cluster.settle()
        before = cluster.cpu()
    shell = isinstance(command, str)
    start = time.monotonic()
    process = subprocess.Popen(command, shell=shell, executable="/bin/bash" if shell else None, cwd=cwd, env=env,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command}: exit code {process.returncode}\n{error.decode()[-2000:]}")
    server = 0.0
    if cluster:
        cluster.settle()
        server = cluster.cpu() - before
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "server": server, "rss": usage.ru_maxrss / 1024}


def compare(name, runs, sides, results, target=None):
    """Alternates the sides `{label: (command, kwargs)}`; the first is ours. Prints medians and the ratios of CPU."""
    rows = {label: [] for label in sides}
    for _ in range(runs):
        for label, (command, options) in sides.items():
            rows[label].append(once(command, **options))
    ours = None
    for label, measured in rows.items():
        middle = {key: statistics.median(row[key] for row in measured) for key in measured[0]}
        total = middle["cpu"] + middle["server"]
        line = f"{name:34} {label:22} {total:9.3f} s CPU ({middle['server']:.2f} server) {middle['wall']:8.2f} s wall {middle['rss']:7.0f} MiB"
        if ours is None:
            ours = [row["cpu"] + row["server"] for row in measured]
        else:
            other = [row["cpu"] + row["server"] for row in measured]
            ratio = statistics.median(a / max(b, 0.001) for a, b in zip(ours, other))
            line += f"   whc is {ratio:.2f} x"
        if target and label == "whc":
            line += f"   target {target}"
        print(line, flush=True)
        with open(results, "a") as file:
            file.write(json.dumps({"name": name, "label": label, "runs": runs, **middle}) + "\n")
