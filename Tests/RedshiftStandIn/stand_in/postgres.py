"""A private PostgreSQL for one stand-in, and the objects that the stand-in needs in a database."""

import glob
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from .backend import Backend, ServerError


class PrivatePostgres:
    """A server in a temporary folder, reached over a Unix socket, gone when it is stopped."""

    user = "postgres"

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="redshift-stand-in-")
        self.programs = programs()
        self.account = None
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            self.account = "postgres"
            shutil.chown(self.folder, user=self.account)
        data = self.folder + "/data"
        self.run("initdb", "-D", data, "-U", self.user, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        settings = (f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off -c full_page_writes=off"
                    " -c synchronous_commit=off -c timezone=UTC -c max_connections=60")
        self.run("pg_ctl", "-D", data, "-w", "-o", settings, "-l", self.folder + "/log", "start")
        self.address = (self.folder, 5432)

    def run(self, program, *words):
        made = subprocess.run([self.programs + "/" + program, *words], user=self.account, cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if made.returncode != 0:
            raise RuntimeError(f"{program}: {made.stdout}")

    def stop(self):
        try:
            self.run("pg_ctl", "-D", self.folder + "/data", "-m", "immediate", "stop")
        except RuntimeError:
            pass  # it is gone already
        shutil.rmtree(self.folder, ignore_errors=True)


def programs():
    """The folder of initdb and pg_ctl."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb") + glob.glob("/opt/homebrew/opt/postgresql@*/bin/initdb")
                   + glob.glob("/usr/local/opt/postgresql@*/bin/initdb"))
    where = found[-1] if found else shutil.which("initdb")
    if where is None:
        raise RuntimeError("no initdb found; scripts/setup installs PostgreSQL")
    return str(Path(where).resolve().parent)


def install(address, user, database):
    """Makes the database when it is not there, and in it what Redshift has and PostgreSQL has not."""
    entrance = Backend(address, user, "postgres")
    if not entrance.run(f"select 1 from pg_database where datname = '{database}'"):
        entrance.run(f'create database "{database}" template template0')
    entrance.close()
    inside = Backend(address, user, database)
    try:
        inside.run((Path(__file__).parent / "install.sql").read_text())
    except ServerError as error:
        raise RuntimeError(f"install.sql: {error} {error.fields}")
    inside.close()
