"""whc loads from S3 and unloads to it through the stand-in; what it writes there itself is signed.

    python test_loading.py PROGRAM
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from aws_stub import AwsStub
from client import connect
from local_s3 import LocalS3
from shop import EXPECTED, HERE, build, differences, write_profile
from stand_in.postgres import PrivatePostgres
from stand_in.server import StandIn

PROGRAM = sys.argv.pop() if len(sys.argv) > 1 else "whc"
ROLE = "arn:aws:iam::123456789012:role/load"


class LoadingTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.postgres = PrivatePostgres()

    @classmethod
    def tearDownClass(cls):
        cls.postgres.stop()

    def setUp(self):
        self.aws = AwsStub()
        self.key = self.aws.add_key("loader")
        self.s3 = LocalS3(self.aws.keys)
        self.server = StandIn(self.postgres.address, s3=self.s3.address).start()
        self.profile = {"staging_bucket": "s3://lake/stage", "iam_role": ROLE, "region": "eu-central-1"}

    def tearDown(self):
        self.server.stop()
        self.s3.stop()
        self.aws.stop()

    def environment(self, secret=None):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        return {**kept, "AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": secret or self.aws.keys[self.key][0],
                "AWS_ENDPOINT_URL_S3": self.s3.address, "AWS_CONFIG_FILE": "/none", "AWS_SHARED_CREDENTIALS_FILE": "/none",
                "REDSHIFT_PORT": str(self.server.port)}

    def run_whc(self, *words, environment=None):
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder) / "shop"
            shutil.copytree(HERE / "Shop", project)
            write_profile(project, self.profile)
            made = subprocess.run([PROGRAM, *words, "--profiles-dir", str(project)], cwd=project,
                                  env=environment or self.environment(), capture_output=True, text=True)
        return made.returncode, made.stdout + made.stderr

    def test_seeds_go_over_the_bucket(self):
        outcome = build(PROGRAM, self.postgres, server=self.server, profile=self.profile, environment=self.environment())
        self.assertEqual(outcome.failures, [], "\n".join(outcome.failures))
        self.assertEqual(outcome.refusals, [])
        self.assertEqual(differences(json.loads(EXPECTED.read_text()), outcome.relations), [])
        # Two seeds, twice; nothing stays.
        self.assertEqual(sorted(method for method, _ in self.s3.log), ["DELETE"] * 4 + ["PUT"] * 4)
        self.assertTrue(all(name.startswith("lake/stage/whc-") for _, name in self.s3.log))
        self.assertEqual(self.s3.objects, {})

    def test_wrong_secrets_load_nothing(self):
        secret = self.aws.keys[self.key][0]
        code, said = self.run_whc("seed", "--full-refresh", environment=self.environment(secret[::-1]))
        self.assertEqual(code, 1, said)
        self.assertIn("AWS refuses PutObject: SignatureDoesNotMatch", said)
        self.assertEqual(self.s3.log, [])

    def test_operations(self):
        control = connect(self.server.port)
        control.run("create schema if not exists raw")
        control.run("drop table if exists raw.loaded")
        control.run("create table raw.loaded (id int, name varchar(20))")
        self.s3.objects["lake/in/a.csv"] = 'id,name\n1,"Cho, Li"\n2,O\'Hare\n'.encode()
        self.s3.objects["lake/rows.json"] = b'{"id": 3, "name": "Ada"}\n'
        for words in (["copy_from_s3", {"table": "raw.loaded", "path": "s3://lake/in/"}],
                      ["copy_from_s3", {"table": "raw.loaded", "path": "s3://lake/rows.json", "format": "json", "columns": ["id", "name"]}],
                      ["unload_to_s3", {"query": "select id, name from raw.loaded where name <> 'Ada' order by id",
                                        "path": "s3://lake/out/", "format": "csv"}]):
            code, said = self.run_whc("run-operation", words[0], "--args", json.dumps(words[1]))
            self.assertEqual(code, 0, said)
        self.assertEqual(control.run("select id, name from raw.loaded order by id"), [["1", "Cho, Li"], ["2", "O'Hare"], ["3", "Ada"]])
        self.assertEqual(self.s3.objects["lake/out/0000_part_00"], b'id,name\n1,"Cho, Li"\n2,O\'Hare\n')
        # The stand-in reads no Parquet: the statement passes its rules and ends there.
        code, said = self.run_whc("run-operation", "copy_from_s3", "--args",
                                  json.dumps({"table": "raw.loaded", "path": "s3://lake/in/", "format": "parquet"}))
        self.assertEqual(code, 1)
        self.assertIn("reads no Parquet", said)
        self.assertEqual(self.server.refusals, [])


if __name__ == "__main__":
    unittest.main()
