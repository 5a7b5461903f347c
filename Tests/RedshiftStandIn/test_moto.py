"""whc's logins against moto, the mock of AWS's services that is in wide use, with its own check of signatures and policies.

    python test_moto.py PROGRAM

Wants moto[server,redshift,s3,sts,iam], which `make redshift-compare` installs. moto serves GetClusterCredentials and STS; what it does not
serve, test_logins.py has.
"""

import json
import sys
import unittest
import urllib.request

import boto3
from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core import DEFAULT_ACCOUNT_ID
from moto.redshift.models import RedshiftBackend
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

import logins

if len(sys.argv) > 1:
    logins.LoginCase.program = sys.argv.pop()

REGION = "eu-central-1"
ALLOWED = {"Version": "2012-10-17",
           "Statement": [{"Effect": "Allow", "Action": ["redshift:GetClusterCredentials", "sts:AssumeRole", "s3:PutObject", "s3:DeleteObject"],
                          "Resource": "*"}]}


class Moto:
    """moto's server in the place of the stub: what is asked for and given is noted in the same way."""

    def __init__(self, users):
        self.given, self.calls, self.keys = [], [], {}
        settings.INITIAL_NO_AUTH_ACTION_COUNT = float("inf")
        self.server = ThreadedMotoServer(port=0, verbose=False)
        self.server.start()
        host, port = self.server.get_host_and_port()
        self.address = f"http://{host}:{port}".replace("0.0.0.0", "127.0.0.1")
        urllib.request.urlopen(urllib.request.Request(self.address + "/moto-api/reset", method="POST")).read()
        words = {"region_name": REGION, "endpoint_url": self.address, "aws_access_key_id": "root",
                 "aws_secret_access_key": "root"}
        boto3.client("redshift", **words).create_cluster(
            ClusterIdentifier="shop", NodeType="ra3.xlplus", MasterUsername="postgres", MasterUserPassword="Secret12")
        boto3.client("s3", **words).create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.written = []
        iam = boto3.client("iam", **words)
        iam.create_user(UserName="loader")
        iam.put_user_policy(UserName="loader", PolicyName="in", PolicyDocument=json.dumps(ALLOWED))
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
        self.role = iam.create_role(RoleName="nightly", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName="nightly", PolicyName="in", PolicyDocument=json.dumps(ALLOWED))
        self.iam = iam
        original = RedshiftBackend.get_cluster_credentials

        def noted(backend, cluster, user, *rest, **more):
            answer = original(backend, cluster, user, *rest, **more)
            self.calls.append(("GetClusterCredentials", user, {}))
            self.given.append(answer["DbPassword"])
            users.add(answer["DbUser"], answer["DbPassword"], 900)
            return answer

        RedshiftBackend.get_cluster_credentials = noted
        self.restore = lambda: setattr(RedshiftBackend, "get_cluster_credentials", original)

    def objects(self, bucket, prefix):
        """What the stand-in finds in a bucket, which reads as a role that needs no proof here."""
        keys = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[bucket].keys
        found = [(name, keys[name].value) for name in keys if name.startswith(prefix)]
        self.written += found
        return found

    def add_key(self, name, **_):
        made = self.iam.create_access_key(UserName=name)["AccessKey"]
        self.keys[made["AccessKeyId"]] = (made["SecretAccessKey"], None, name)
        self.given.append(made["SecretAccessKey"])
        # From here on nothing is answered that is not signed and allowed.
        settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
        return made["AccessKeyId"]

    def actions(self):
        return [action for action, _, _ in self.calls]

    def stop(self):
        self.restore()
        self.server.stop()
        settings.INITIAL_NO_AUTH_ACTION_COUNT = float("inf")
        ActionAuthenticatorMixin.request_count = 0


class MotoTest(logins.LoginCase):
    def services(self):
        return Moto(self.users)

    def test_users_come_in(self):
        self.comes_in(self.profile(), self.keys(), "GetClusterCredentials")

    def test_roles_come_in(self):
        files = (f"[profile base]\naws_access_key_id = {self.key}\naws_secret_access_key = {self.secret}\n"
                 f"[profile nightly]\nrole_arn = {self.aws.role}\nsource_profile = base\n")
        self.comes_in(self.profile(iam_profile="nightly"), self.environment(files), "GetClusterCredentials")

    def test_seeds_go_over_the_bucket(self):
        self.server.bucket.objects = self.aws.objects
        profile = self.profile(staging_bucket="s3://lake/stage", iam_role="arn:aws:iam::1:role/load")
        code, said = self.run_whc(["seed"], profile, self.keys())
        self.assertEqual(code, 0, said)
        self.assertEqual(len(self.aws.written), 2)
        self.assertEqual(self.aws.objects("lake", ""), [])
        wrong = self.environment(AWS_ACCESS_KEY_ID=self.key, AWS_SECRET_ACCESS_KEY=self.secret[::-1])
        profile.update(method=None, sslmode="verify-ca", password="control")
        code, said = self.run_whc(["seed"], profile, wrong)
        self.assertEqual(code, 1)
        self.assertIn("AWS refuses PutObject: SignatureDoesNotMatch", said)

    def test_wrong_secrets_do_not(self):
        wrong = self.secret[::-1]
        self.aws.given.append(wrong)
        code, said = self.debug(self.profile(), self.environment(AWS_ACCESS_KEY_ID=self.key, AWS_SECRET_ACCESS_KEY=wrong))
        self.assertEqual(code, 1)
        self.assertIn("SignatureDoesNotMatch", said)
        self.assertEqual(self.aws.calls, [])


if __name__ == "__main__":
    unittest.main()
