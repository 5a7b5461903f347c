"""A bucket in memory, served as S3 serves it: list, get, put and delete. Reading needs no signature, writing does where keys are given."""

import http.server
import threading
import urllib.parse

from aws_stub import Refused, check_signature


class LocalS3:
    """`address` is what the stand-in takes as --s3; `objects` holds bytes by `bucket/key`, `log` what was written, as (method, name).

    - keys: those who may write, as AwsStub holds them; None lets everybody.
    """

    def __init__(self, keys=None):
        self.objects, self.log = {}, []
        objects, log = self.objects, self.log

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                name = urllib.parse.unquote(url.path.lstrip("/"))
                query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
                if "list-type" in query:
                    prefix = name + query.get("prefix", [""])[0]
                    keys = "".join(f"<Contents><Key>{k.split('/', 1)[1]}</Key></Contents>" for k in sorted(objects)
                                   if k.startswith(prefix))
                    return self.reply(f"<ListBucketResult>{keys}</ListBucketResult>".encode())
                if name not in objects:
                    return self.send_error(404)
                self.reply(objects[name])

            def do_PUT(self):
                name = urllib.parse.unquote(self.path.lstrip("/"))
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                try:
                    # The stand-in itself writes as a role would, without a signature.
                    if keys is not None and "Authorization" in self.headers:
                        check_signature(self.command, self.path, self.headers, body, keys)
                except Refused as refused:
                    return self.reply(f"<Error><Code>{refused.code}</Code><Message>no</Message></Error>".encode(), refused.status)
                log.append((self.command, name))
                if self.command == "PUT":
                    objects[name] = body
                else:
                    objects.pop(name, None)
                self.reply(b"")

            do_DELETE = do_PUT

            def reply(self, body, status=200):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
