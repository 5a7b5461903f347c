import Testing

@testable import Materializations

struct SQLTextTests {
  @Test(arguments: [
    ("select 1; select 2", ["select 1", "select 2"]),
    ("select ';'; select \"a;b\";", ["select ';'", "select \"a;b\""]),
    ("select 'it''s; one' -- two; three\n; select 4", ["select 'it''s; one' -- two; three", "select 4"]),
    ("/* one; /* two; */ three; */ select 1;;", ["/* one; /* two; */ three; */ select 1"]),
    ("do $$ begin; end $$; do $x$ ; $$ ; $x$", ["do $$ begin; end $$", "do $x$ ; $$ ; $x$"]),
    (
      "select E'a\\'; b'; select $1; select a$b$c; 1",
      ["select E'a\\'; b'", "select $1", "select a$b$c", "1"]
    ),
    ("  -- only words\n ; \n", []),
    ("", []),
    ("select 'open; end", ["select 'open; end"]),
    ("select $$ open; end", ["select $$ open; end"]),
    ("select 'ä;ö'; select 'ü'", ["select 'ä;ö'", "select 'ü'"]),
    (
      "create function f() returns int begin atomic select 1; select 2; end; select 3",
      ["create function f() returns int begin atomic select 1; select 2; end; select 3"]
    ),
  ])
  func statements(_ script: String, _ expected: [String]) {
    #expect(SQLText.statements(of: script) == expected)
  }

  @Test func dollarQuotesDoNotMeetTheirBody() {
    #expect(SQLText.dollarQuoted("a") == "$whc$a$whc$")
    #expect(SQLText.dollarQuoted("$whc$") == "$whc2$$whc$$whc2$")
  }
}
