import Jinja
import Testing

/// Python's modules as dbt offers them; each expectation is what Python 3.11 prints.
@Suite struct ModuleTests {
  @Test(arguments: [
    ("dt.datetime(2024, 2, 29, 13, 5, 7)", "2024-02-29 13:05:07"),
    ("dt.datetime(2024, 2, 29, 13, 5, 7, 42).isoformat()", "2024-02-29T13:05:07.000042"),
    ("dt.date(2024, 3, 1) - dt.timedelta(days=1)", "2024-02-29"),
    ("(dt.date(2024, 3, 1) - dt.date(2024, 1, 1)).days", "60"),
    ("dt.datetime(2024, 1, 2).strftime('%A %d %B %Y %j %U')", "Tuesday 02 January 2024 002 00"),
    ("dt.datetime.strptime('2024-05-06 07:08', '%Y-%m-%d %H:%M')", "2024-05-06 07:08:00"),
    ("dt.timedelta(hours=25, seconds=1)", "1 day, 1:00:01"),
    ("dt.timedelta(days=-1)", "-1 day, 0:00:00"),
    ("[dt.date(2024, 1, 2)]", "[datetime.date(2024, 1, 2)]"),
    ("dt.datetime(2024, 1, 2) < dt.datetime(2024, 1, 3)", "True"),
    ("dt.date(2024, 12, 30).isocalendar()[1]", "1"),
    ("dt.datetime(2024, 1, 2, tzinfo=tz.utc)", "2024-01-02 00:00:00+00:00"),
    ("re.match('(a+)(?P<x>b)?', 'aab').groups()", "('aa', 'b')"),
    ("re.sub('(\\\\d+)', '<\\\\1>', 'a1b22')", "a<1>b<22>"),
    ("re.findall('[a-c]', 'xaybzc')", "['a', 'b', 'c']"),
    (
      "re.findall('(?ix)(?<!distinct\\s) (from|JOIN)\\s+(\\w+) # x', 'From a distinct from b jOin c')",
      "[('From', 'a'), ('jOin', 'c')]"
    ),
    ("re.findall('x*|b?', 'xbé')", "['x', '', 'b', '', '']"),
    ("re.split('x*|b', 'axbc')", "['', 'a', '', '', '', 'c', '']"),
    ("re.search('(?<=ab|cd)e', 'aecde').span()", "(4, 5)"),
    ("re.search('(?:a|b)?$', 'xb').group()", "b"),
    ("re.split('[,;]\\\\s*', 'a, b;c')", "['a', 'b', 'c']"),
    ("re.search('(?i)(?s)A.b', 'a\\nB').span()", "(0, 3)"),
    ("re.search('z', 'abc')", "None"),
    ("re.fullmatch('a|ab', 'ab').group()", "ab"),
    ("re.sub('x*', '-', 'abxd')", "-a-b--d-"),
    ("it.chain([1], (2, 3)) | list", "[1, 2, 3]"),
    ("it.product([1, 2], 'ab') | list", "[(1, 'a'), (1, 'b'), (2, 'a'), (2, 'b')]"),
    ("it.combinations([1, 2, 3], 2) | list", "[(1, 2), (1, 3), (2, 3)]"),
    (
      "dt.datetime(2020, 7, 1, 6, 30, tzinfo=tz.timezone('America/Los_Angeles'))",
      "2020-07-01 06:30:00-07:53"
    ),
    (
      "dt.datetime(2020, 7, 1, 6, 30).replace(tzinfo=tz.timezone('Asia/Kolkata')).strftime('%Z %z')",
      "LMT +0553"
    ),
    (
      "tz.timezone('America/Los_Angeles').localize(dt.datetime(2020, 7, 1, 6, 30))",
      "2020-07-01 06:30:00-07:00"
    ),
    ("tz.timezone('America/Los_Angeles').utcoffset(dt.datetime(2020, 7, 1, 6, 30))", "-1 day, 17:00:00"),
    ("tz.timezone('America/Los_Angeles').localize(dt.datetime(2020, 7, 1, 6, 30)).dst()", "1:00:00"),
    (
      "tz.timezone('America/Los_Angeles').localize(dt.datetime(2020, 7, 1, 6, 30)).tzinfo == tz.timezone('America/Los_Angeles')",
      "False"
    ),
    (
      "dt.datetime(2020, 7, 1, 6, 30).replace(tzinfo=tz.timezone('America/Los_Angeles')).astimezone(tz.timezone('Europe/Berlin'))",
      "2020-07-01 16:23:00+02:00"
    ),
    (
      "tz.timezone('America/Los_Angeles').normalize(tz.timezone('America/Los_Angeles').localize(dt.datetime(2020, 7, 1, 6, 30)) + dt.timedelta(days=200))",
      "2021-01-17 05:30:00-08:00"
    ),
    (
      "[tz.timezone('Europe/Berlin'), tz.timezone('Europe/Berlin').localize(dt.datetime(2020, 7, 1)).tzinfo]",
      "[<DstTzInfo 'Europe/Berlin' LMT+0:53:00 STD>, <DstTzInfo 'Europe/Berlin' CEST+2:00:00 DST>]"
    ),
  ])
  func printsAsPython(_ expression: String, _ expected: String) throws {
    let context: [String: Value] = [
      "dt": PythonModules.datetime(), "re": PythonModules.re(), "it": PythonModules.itertools(),
      "tz": PythonModules.pytz(),
    ]
    #expect(try Workbench().render("{{ \(expression) }}", context) == expected)
  }
}
