"""What tests of logins have in common: a stand-in that asks for passwords over TLS, AWS's services, and whc's `debug`."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from aws_stub import AwsStub
from shop import HERE, write_profile
from stand_in.login import Users, make_certificate
from stand_in.postgres import PrivatePostgres
from stand_in.server import StandIn

#: A curl that notes its arguments, as the list of processes shows them.
CURL = """#!/bin/sh
echo "$@" >> "$CURL_NOTES"
exec {curl} "$@"
"""


class LoginCase(unittest.TestCase):
    maxDiff = None
    program = "whc"

    @classmethod
    def setUpClass(cls):
        cls.postgres = PrivatePostgres()
        cls.folder = Path(tempfile.mkdtemp(prefix="whc-logins-"))
        cls.certificate = make_certificate(cls.folder)
        (cls.folder / "bin").mkdir()
        curl = cls.folder / "bin/curl"
        curl.write_text(CURL.format(curl=shutil.which("curl")))
        curl.chmod(0o755)

    @classmethod
    def tearDownClass(cls):
        cls.postgres.stop()
        shutil.rmtree(cls.folder, ignore_errors=True)

    def services(self):
        """AWS's services, who tell `users` the passwords that they give."""
        return AwsStub(self.users)

    def setUp(self):
        self.users = Users([("postgres", "control")])
        self.aws = self.services()
        self.server = StandIn(self.postgres.address, method="password", users=self.users, certificate=self.certificate).start()
        self.key = self.aws.add_key("loader")
        self.secret = self.aws.keys[self.key][0]
        self.notes = self.folder / "notes"
        self.notes.write_text("")

    def tearDown(self):
        self.server.stop()
        self.aws.stop()

    def profile(self, **more):
        return {"method": "iam", "cluster_id": "shop", "region": "eu-central-1", "sslmode": "verify-ca", "password": None,
                "sslrootcert": self.certificate[0], **more}

    def environment(self, files="", **more):
        (self.folder / "config").write_text(files)
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        return {**kept, "PATH": f"{self.folder}/bin:" + os.environ["PATH"], "CURL_NOTES": str(self.notes),
                "AWS_ENDPOINT_URL": self.aws.address, "AWS_CONFIG_FILE": str(self.folder / "config"),
                "AWS_SHARED_CREDENTIALS_FILE": "/none", "AWS_EC2_METADATA_DISABLED": "true",
                "REDSHIFT_PORT": str(self.server.port), **more}

    def debug(self, profile, environment):
        return self.run_whc(["debug", "--log-level", "debug"], profile, environment)

    def run_whc(self, words, profile, environment):
        """Runs a command; what it says. Looks for secrets in all that is said, written or seen."""
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder) / "shop"
            shutil.copytree(HERE / "Shop", project)
            write_profile(project, profile)
            made = subprocess.run([self.program, *words, "--profiles-dir", str(project)], cwd=project,
                                  env=environment, capture_output=True, text=True)
            said = made.stdout + made.stderr
            written = "".join(f.read_text(errors="replace") for f in project.rglob("*") if f.is_file() and f.name != "profiles.yml")
        self.hides_secrets(said + written + self.notes.read_text())
        return made.returncode, said

    def hides_secrets(self, text):
        for secret in self.aws.given:
            self.assertNotIn(secret, text)

    def comes_in(self, profile, environment, *actions):
        code, said = self.debug(profile, environment)
        self.assertEqual(code, 0, said)
        self.assertEqual(self.aws.actions(), list(actions))

    def keys(self, **more):
        return self.environment(AWS_ACCESS_KEY_ID=self.key, AWS_SECRET_ACCESS_KEY=self.secret, **more)
