"""A bucket in memory, served as S3 serves it to those who need no signature: list, get and put."""

import http.server
import threading
import urllib.parse


class LocalS3:
    """`address` is what the stand-in takes as --s3; `objects` holds bytes by `bucket/key`."""

    def __init__(self):
        self.objects = {}
        objects = self.objects

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
                objects[name] = self.rfile.read(int(self.headers["Content-Length"]))
                self.reply(b"")

            def reply(self, body):
                self.send_response(200)
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
