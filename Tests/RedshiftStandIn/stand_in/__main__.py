"""Starts a stand-in and says where it listens.

    python -m stand_in                                 a private PostgreSQL behind it, gone when this ends
    python -m stand_in --postgres HOST:PORT:USER       one that is there already (HOST may be a socket's folder)

The first line of the output is the port. It ends when its standard input does, so that it never outlives a test.
"""

import argparse
import sys

from .login import METHODS, Users
from .postgres import PrivatePostgres
from .server import StandIn


def main():
    words = argparse.ArgumentParser(prog="stand_in")
    words.add_argument("--postgres", help="HOST:PORT:USER of a PostgreSQL that trusts this machine")
    words.add_argument("--database", default="dev")
    words.add_argument("--port", type=int, default=0)
    words.add_argument("--auth", choices=METHODS, default="trust")
    words.add_argument("--user", action="append", default=[], metavar="NAME:PASSWORD")
    words.add_argument("--certificate", nargs=2, metavar=("CERTIFICATE", "KEY"), help="speak TLS")
    words.add_argument("--s3", help="address of an S3 server, such as http://127.0.0.1:5000")
    words.add_argument("--journal", help="a file for what was refused and why")
    chosen = words.parse_args()
    own = None
    if chosen.postgres:
        host, port, user = chosen.postgres.rsplit(":", 2)
        address = (host, int(port))
    else:
        own = PrivatePostgres()
        address, user = own.address, own.user
    try:
        journal = open(chosen.journal, "a") if chosen.journal else None
        users = Users(pair.split(":", 1) for pair in chosen.user)
        server = StandIn(address, user, chosen.database, chosen.port, chosen.auth, users, chosen.certificate, chosen.s3, journal)
        server.start()
        print(server.port, flush=True)
        for line in sys.stdin:
            # `login NAME PASSWORD SECONDS`: what a service that gives passwords for a while tells.
            if line.startswith("login "):
                _, name, password, seconds = line.split()
                users.add(name, password, float(seconds))
    except KeyboardInterrupt:
        pass
    finally:
        if own:
            own.stop()


main()
