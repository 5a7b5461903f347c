"""A stand-in for the services of AWS that whc calls, which checks every signature as the services do.

Redshift (GetClusterCredentials, GetClusterCredentialsWithIAM), Redshift Serverless (GetCredentials), STS (AssumeRole), the
metadata of containers and machines. Actions, parameters and answers are those of AWS's API references; the signature is that
of "Create a signed AWS API request" in AWS's IAM user guide, written anew here, so that it is checked by other code than made it.
"""

import hashlib
import hmac
import http.server
import json
import secrets
import threading
import time
import urllib.parse
from xml.sax.saxutils import escape

TASK_TOKEN, MACHINE_TOKEN = "task-token", "machine-token"


class Refused(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class AwsStub:
    """`keys` holds (secret, token, name) by access key; `calls` what was asked for: (action, name of the asker, parameters).

    - users: the stand-in's users, who learn the passwords that are given; lifetime: the seconds that AWS names for them.
    """

    def __init__(self, users=None, lifetime=900):
        self.users, self.lifetime = users, lifetime
        self.keys, self.calls, self.given = {}, [], []
        self.metadata_key = self.add_key("machine", token=True)
        stub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                stub.attend(self)

            do_GET = do_PUT = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def secret(self):
        """A new secret, which tests look for where none may stand."""
        made = secrets.token_hex(20)
        self.given.append(made)
        return made

    def add_key(self, name, token=False):
        """A new access key of an identity."""
        key = ("ASIA" if token else "AKIA") + secrets.token_hex(8).upper()
        self.keys[key] = (self.secret(), self.secret() if token else None, name)
        return key

    def actions(self):
        return [action for action, _, _ in self.calls]

    # MARK: Requests

    def attend(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        is_json = "json" in (handler.headers.get("Content-Type") or "")
        try:
            answer = self.metadata(handler) if not handler.headers.get("X-Amz-Date") else self.signed(handler, body, is_json)
            status = 200
        except Refused as refused:
            status = refused.status
            if is_json:
                answer = json.dumps({"__type": "com.amazonaws#" + refused.code, "message": refused.message})
            else:
                answer = (f"<ErrorResponse><Error><Type>Sender</Type><Code>{refused.code}</Code>"
                          f"<Message>{escape(refused.message)}</Message></Error></ErrorResponse>")
        data = answer.encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def metadata(self, handler):
        """What containers and machines tell those who run in them."""
        key, document = self.metadata_key, None
        secret, token, _ = self.keys[key]
        document = json.dumps({"Code": "Success", "AccessKeyId": key, "SecretAccessKey": secret, "Token": token,
                               "Expiration": moment(time.time() + 3600)})
        if handler.path == "/task" and handler.headers.get("Authorization") == TASK_TOKEN:
            return document
        if handler.command == "PUT" and handler.path == "/latest/api/token":
            return MACHINE_TOKEN
        if handler.headers.get("X-aws-ec2-metadata-token") == MACHINE_TOKEN:
            folder = "/latest/meta-data/iam/security-credentials/"
            if handler.path in (folder, folder + "machine"):
                return document if handler.path.endswith("machine") else "machine"
        raise Refused(403, "MissingAuthenticationToken", "the request is not signed")

    def signed(self, handler, body, is_json):
        name, service = check_signature(handler.command, handler.path, handler.headers, body, self.keys)
        if is_json:
            action = handler.headers["X-Amz-Target"]
            parameters = json.loads(body)
        else:
            parameters = dict(urllib.parse.parse_qsl(body.decode(), strict_parsing=True))
            action = parameters.pop("Action")
        self.calls.append((action, name, parameters))
        known = {("redshift", "GetClusterCredentials"): self.cluster_credentials,
                 ("redshift", "GetClusterCredentialsWithIAM"): self.cluster_credentials_with_iam,
                 ("redshift-serverless", "RedshiftServerless.GetCredentials"): self.workgroup_credentials,
                 ("sts", "AssumeRole"): self.assume_role}
        if (service, action) not in known:
            raise Refused(400, "InvalidAction", f"{service} knows no {action}")
        return known[service, action](name, parameters)

    # MARK: Actions

    def password(self, user):
        made = self.secret()
        if self.users is not None:
            self.users.add(user, made, 900)
        return made

    def cluster(self, parameters):
        if parameters.get("Version") != "2012-12-01":
            raise Refused(400, "InvalidAction", "an unknown version")
        if parameters.get("ClusterIdentifier") != "shop":
            raise Refused(404, "ClusterNotFound", "the cluster is not found")

    def cluster_credentials(self, _, parameters):
        self.cluster(parameters)
        user = ("IAMA:" if parameters["AutoCreate"] == "true" else "IAM:") + parameters["DbUser"]
        return self.database_answer("GetClusterCredentials", user)

    def cluster_credentials_with_iam(self, _, parameters):
        self.cluster(parameters)
        return self.database_answer("GetClusterCredentialsWithIAM", "IAMR:postgres")

    def database_answer(self, action, user):
        return (f"<{action}Response><{action}Result><DbUser>{user}</DbUser><DbPassword>{escape(self.password(user))}</DbPassword>"
                f"<Expiration>{moment(time.time() + self.lifetime)}</Expiration></{action}Result></{action}Response>")

    def workgroup_credentials(self, _, parameters):
        if parameters.get("workgroupName") != "wg":
            raise Refused(400, "ResourceNotFoundException", "the workgroup is not found")
        user = "IAMR:postgres"
        return json.dumps({"dbUser": user, "dbPassword": self.password(user), "expiration": time.time() + self.lifetime,
                           "nextRefreshTime": time.time()})

    def assume_role(self, _, parameters):
        role = parameters["RoleArn"].split("/")[-1]
        key = self.add_key("role " + role, token=True)
        secret, token, _ = self.keys[key]
        return (f"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId>"
                f"<SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{token}</SessionToken>"
                f"<Expiration>{moment(time.time() + 3600)}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>")


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def check_signature(method, target, headers, body, keys):
    """The asker's name and the service, when the signature is right. Raises Refused as AWS does."""
    words = headers.get("Authorization", "").split(" ", 1)
    if len(words) != 2 or words[0] != "AWS4-HMAC-SHA256":
        raise Refused(403, "IncompleteSignature", "no signature of version 4")
    parts = dict(part.strip().split("=", 1) for part in words[1].split(","))
    key, day, region, service, end = parts["Credential"].split("/")
    if key not in keys:
        raise Refused(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
    secret, token, name = keys[key]
    if token != headers.get("X-Amz-Security-Token"):
        raise Refused(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
    stamp = headers["X-Amz-Date"]
    if abs(time.time() - calendar(stamp)) > 900 or not stamp.startswith(day):
        raise Refused(403, "RequestExpired", "the request is too old")
    path, _, query = target.partition("?")
    fields = sorted((quoted(k), quoted(v)) for k, v in urllib.parse.parse_qsl(query, keep_blank_values=True))
    signed = parts["SignedHeaders"].split(";")
    # Each header of AWS's own must be under the signature.
    missing = [h.lower() for h in headers if h.lower().startswith("x-amz-") and h.lower() not in signed]
    if missing or "host" not in signed:
        raise Refused(403, "SignatureDoesNotMatch", f"There were headers present in the request which were not signed: {missing}")
    digest = hashlib.sha256(body).hexdigest()
    if service == "s3" and headers.get("X-Amz-Content-Sha256") != digest:
        raise Refused(400, "XAmzContentSHA256Mismatch", "the body is another one than was signed")
    canonical = "\n".join([
        method, urllib.parse.quote(urllib.parse.unquote(path), safe="/-_.~"), "&".join(f"{k}={v}" for k, v in fields),
        *(f"{h}:{' '.join(headers[h].split())}" for h in signed), "", parts["SignedHeaders"], digest])
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, f"{day}/{region}/{service}/{end}", hashlib.sha256(canonical.encode()).hexdigest()])
    made = ("AWS4" + secret).encode()
    for part in (day, region, service, end):
        made = hmac.new(made, part.encode(), hashlib.sha256).digest()
    if hmac.new(made, text.encode(), hashlib.sha256).hexdigest() != parts["Signature"]:
        raise Refused(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."
                      " Check your AWS Secret Access Key and signing method.\n\nThe Canonical String for this request should have"
                      f" been\n'{canonical}'")
    return name, service


def quoted(text):
    return urllib.parse.quote(text, safe="-_.~")


def calendar(stamp):
    import calendar as calendars
    return calendars.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
