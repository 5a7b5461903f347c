"""whc logs in to the stand-in with passwords that AWS gives; every request's signature is checked.

    python test_logins.py PROGRAM
"""

import json
import sys
import unittest

import logins
from aws_stub import TASK_TOKEN
from shop import EXPECTED, build, differences

if len(sys.argv) > 1:
    logins.LoginCase.program = sys.argv.pop()


class LoginTest(logins.LoginCase):
    # MARK: Ways of logging in

    def test_keys_of_the_profile(self):
        # The host is no name of AWS's: a domain of the user's own is tried first, as Amazon's driver does.
        profile = self.profile(access_key_id=self.key, secret_access_key=self.secret, autocreate=True, db_groups=["etl"])
        self.comes_in(profile, self.environment(), "GetClusterCredentials", "GetClusterCredentials")
        _, name, parameters = self.aws.calls[1]
        self.assertEqual(name, "loader")
        self.assertEqual(parameters, {
            "Version": "2012-12-01", "DbUser": "postgres", "DbName": "dev", "ClusterIdentifier": "shop", "AutoCreate": "true",
            "DbGroups.DbGroup.1": "etl"})

    def test_iam_role_has_a_call_of_its_own(self):
        self.comes_in(self.profile(method="iam_role", user=None), self.keys(), *["GetClusterCredentialsWithIAM"] * 2)

    def test_workgroups(self):
        self.comes_in(self.profile(method="iam_role", user=None, serverless_work_group="wg", is_serverless=True), self.keys(),
                      "RedshiftServerless.GetCredentials")
        self.comes_in(self.profile(cluster_id=None, serverless_work_group="wg"), self.keys(),
                      *["RedshiftServerless.GetCredentials"] * 2)

    def test_role_of_a_profile(self):
        files = (f"[profile base]\naws_access_key_id = {self.key}\naws_secret_access_key = {self.secret}\n"
                 "[profile nightly]\nrole_arn = arn:aws:iam::1:role/nightly\nsource_profile = base\n")
        self.comes_in(self.profile(iam_profile="nightly"), self.environment(files),
                      "AssumeRole", "GetClusterCredentials", "GetClusterCredentials")
        self.assertEqual([name for _, name, _ in self.aws.calls], ["loader", "role nightly", "role nightly"])

    def test_programs_containers_and_machines(self):
        document = json.dumps({"Version": 1, "AccessKeyId": self.key, "SecretAccessKey": self.secret})
        (self.folder / "document").write_text(document)
        files = f"[default]\ncredential_process = cat '{self.folder}/document'\n"
        role = self.profile(method="iam_role", user=None, serverless_work_group="wg", is_serverless=True)
        for files, variables, name in [
            (files, {}, "loader"),
            ("", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.aws.address + "/task",
                  "AWS_CONTAINER_AUTHORIZATION_TOKEN": TASK_TOKEN}, "machine"),
            ("", {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.aws.address,
                  "AWS_METADATA_SERVICE_TIMEOUT": "60"}, "machine"),
        ]:
            self.aws.calls = []
            self.comes_in(role, self.environment(files, **variables), "RedshiftServerless.GetCredentials")
            self.assertEqual(self.aws.calls[0][1], name)

    # MARK: Refusals

    def test_wrong_secrets_are_refused(self):
        wrong = self.secret[::-1]
        self.aws.given.append(wrong)
        role = self.profile(method="iam_role", user=None)
        for profile in (self.profile(), role, {**role, "serverless_work_group": "wg", "is_serverless": True}):
            code, said = self.debug(profile, self.environment(AWS_ACCESS_KEY_ID=self.key, AWS_SECRET_ACCESS_KEY=wrong))
            self.assertEqual(code, 1)
            self.assertIn("SignatureDoesNotMatch", said)
        self.assertEqual(self.aws.calls, [])

    def test_what_is_missing_is_said(self):
        for profile, environment, words in [
            (self.profile(), self.environment(), "there are no AWS credentials"),
            (self.profile(iam_profile="none"), self.environment(), "the AWS profile 'none' stands neither in"),
            (self.profile(cluster_id="other"), self.keys(), "ClusterNotFound"),
            (self.profile(cluster_id=None), self.keys(), "needs the cluster's name"),
            (self.profile(access_key_id=self.key), self.keys(), "belong together"),
            (self.profile(sslmode="disable"), self.keys(), "needs TLS"),
        ]:
            code, said = self.debug(profile, environment)
            self.assertEqual(code, 1, said)
            self.assertIn(words, said)

    # MARK: Passwords that end

    def test_passwords_that_end_during_a_build_are_renewed(self):
        faults = [("expire", 1, "create .*people"), ("expire", 1, "insert into .*customers"), ("expired", 1, "IAM:")]
        outcome = build(self.program, self.postgres, faults=faults, server=self.server, profile=self.profile(), environment=self.keys())
        self.assertEqual(outcome.failures, [], "\n".join(outcome.failures))
        self.assertEqual(differences(json.loads(EXPECTED.read_text()), outcome.relations), [])
        self.assertGreaterEqual(outcome.met, 5)
        # Three commands, each with a domain first; one more where a password ended under a connection. All others share.
        self.assertEqual(len(self.aws.calls), 2 * (3 + outcome.met))
        self.hides_secrets(outcome.said + self.notes.read_text())

    def test_passwords_that_are_about_to_end_are_not_used(self):
        counts = []
        for self.aws.lifetime in (900, 30):
            self.aws.calls = []
            code, said = self.run_whc(["seed"], self.profile(), self.keys())
            self.assertEqual(code, 0, said)
            counts.append(len(self.aws.calls))
        self.assertEqual(counts[0], 2)
        self.assertGreater(counts[1], 2)


if __name__ == "__main__":
    unittest.main()
