"""COPY from and UNLOAD to an S3 server that asks for no signatures: moto's, or a folder served likewise."""

import csv
import io
import json
import re
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree

from sqlglot.tokens import TokenType

from .backend import ServerError


def failure(code, message, detail=""):
    return ServerError({"S": "ERROR", "C": code, "M": message, "D": detail})


class Bucket:
    def __init__(self, endpoint):
        self.endpoint = endpoint.rstrip("/") if endpoint else None

    def address(self, bucket, key):
        if not self.endpoint:
            raise failure("XX000", "S3ServiceException: the stand-in was started without --s3")
        return f"{self.endpoint}/{bucket}/{urllib.parse.quote(key)}"

    def objects(self, bucket, prefix):
        """Keys that begin with a prefix, and their bytes."""
        listing = urllib.request.urlopen(self.address(bucket, "") + "?list-type=2&prefix=" + urllib.parse.quote(prefix)).read()
        keys = [node.text for node in ElementTree.fromstring(listing).iter() if node.tag.endswith("Key")]
        return [(key, urllib.request.urlopen(self.address(bucket, key)).read()) for key in keys]

    def put(self, bucket, key, data):
        request = urllib.request.Request(self.address(bucket, key), data=data, method="PUT")
        urllib.request.urlopen(request).read()


def place(url):
    found = re.match(r"s3://([^/]+)/?(.*)$", url)
    return found.group(1), found.group(2)


def copy(s, backend, bucket):
    """Carries COPY … FROM 's3://…' out; the number of rows."""
    _, after = s.qualified_name(1)
    table = s.text[s.tokens[1].start : s.tokens[after - 1].end + 1].lower()
    columns = ""
    if s.tokens[after].token_type == TokenType.L_PAREN:
        end = s.closing(after)
        columns = s.text[s.tokens[after].start : s.tokens[end].end + 1].lower()
    source = s.tokens[s.find("from") + 1].text
    found = bucket.objects(*place(source))
    if not found:
        raise failure("XX000", "The specified S3 prefix '%s' does not exist" % place(source)[1])
    names = [c.strip() for c in columns.strip("()").split(",")] if columns else None
    is_json = s.holds("json")
    is_csv = s.holds("csv")
    if s.holds("parquet"):
        raise failure("0A000", "the stand-in reads no Parquet")
    skip = 0
    at = s.find("ignoreheader")
    if at >= 0:
        skip = int(next(t.text for t in s.tokens[at + 1 :] if t.token_type == TokenType.NUMBER))
    at = s.find("delimiter")
    delimiter = "," if is_csv else "|"
    if at >= 0:
        delimiter = next(t.text for t in s.tokens[at + 1 :] if t.token_type == TokenType.STRING)
    at = s.find("null", "as")
    null = s.tokens[at + 2].text if at >= 0 else ("" if is_csv else "\\N")
    if is_json:
        if names is None:
            parts = table.replace('"', "").split(".")
            names = [r[0] for r in backend.run(
                f"select attname from pg_attribute where attrelid = '{'.'.join(parts)}'::regclass and attnum > 0 and not attisdropped"
                " order by attnum")]
        text = io.StringIO()
        writer = csv.writer(text)
        for _, data in found:
            for line in data.decode().splitlines():
                if line.strip():
                    row = {k.lower(): v for k, v in json.loads(line).items()}
                    writer.writerow([plain(row.get(n)) for n in names])
        return backend.copy_in(f"copy {table} ({', '.join(names)}) from stdin (format csv, null '')", [text.getvalue().encode()])
    count = 0
    for _, data in found:
        lines = data.split(b"\n", skip)[-1] if skip else data
        options = f"format {'csv' if is_csv else 'text'}, delimiter '{delimiter}', null '{null}'"
        count += backend.copy_in(f"copy {table} {columns} from stdin ({options})", [lines])
    return count


def plain(value):
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value).lower() if isinstance(value, bool) else value


def unload(s, backend, bucket, rewritten):
    """Carries UNLOAD ('query') TO 's3://…' out; the number of rows."""
    query = s.tokens[2].text
    target = s.tokens[s.find("to") + 1].text
    is_csv = s.holds("csv")
    options = "format csv, header" if is_csv and s.holds("header") else "format csv" if is_csv else "delimiter '|'"
    data = backend.copy_out(f"copy ({rewritten(query)}) to stdout ({options})")
    where, key = place(target)
    bucket.put(where, key + ("0000_part_00" if not s.holds("extension") else "0000_part_00.csv"), data)
    return data.count(b"\n") - (1 if "header" in options else 0)
