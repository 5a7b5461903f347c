import Foundation
import TestSupport
import Testing
import Warehouse

@testable import Commands

/// Tables as dbt's `show` draws them; the expected ones were drawn by dbt from the same rows.
@Suite struct ShowTableTests {
  private func table(_ columns: [(String, String)], _ rows: [[String?]]) -> ShowTable {
    ShowTable(
      QueryResult(
        columns: columns.map { ColumnDescription(name: $0.0, type: $0.1) }, rows: rows, tag: "SELECT",
        rowsAffected: nil))
  }

  @Test func numbers() {
    let table = table(
      [
        ("i", "integer"), ("big", "integer"), ("n", "numeric"), ("f", "double precision"), ("b", "boolean"),
        ("t", "text"),
      ], [["1", "1234567", "12345.6789", "0.5", "t", "x"]])
    #expect(
      table.text == """
        | i |     big |           n |   f |    b | t |
        | - | ------- | ----------- | --- | ---- | - |
        | 1 | 1234567 | 12,345.679… | 0.5 | True | x |

        """)
  }

  @Test func columnsOfNumbersShareTheirPlaces() {
    let table = table(
      [
        ("n2", "numeric(10,2)"), ("f", "double precision"), ("e", "double precision"), ("bi", "bigint"),
        ("neg", "integer"), ("nn", "integer"),
      ],
      [
        ["1.50", "1234567.125", "1e+20", "12345678901234", "-5", nil],
        ["2.00", "1", "1", "1", "1", "3"],
      ])
    #expect(
      table.text == """
        |  n2 |             f |                    e |             bi | neg | nn |
        | --- | ------------- | -------------------- | -------------- | --- | -- |
        | 1.5 | 1,234,567.125 | 100,000,000,000,0... | 12345678901234 |  -5 |    |
        | 2.0 |         1.000 |                    1 |              1 |   1 |  3 |

        """)
  }

  @Test func wideValuesAreCut() {
    let table = table(
      [
        ("arr", "integer[]"), ("j", "jsonb"), ("u", "uuid"), ("long", "text"), ("empty", "text"),
        ("nul", "text"),
      ],
      [
        [
          "{1,2}", "{\"a\": 1}", "a2b9a0e0-0000-0000-0000-000000000000",
          "this is a text that is definitely longer than fifty characters, is it not", "", nil,
        ]
      ])
    #expect(
      table.text == """
        | arr    | j        | u                    | long                 | empty | nul |
        | ------ | -------- | -------------------- | -------------------- | ----- | --- |
        | [1, 2] | {"a": 1} | a2b9a0e0-0000-000... | this is a text th... |       |     |

        """)
  }

  @Test func times() {
    let table = table(
      [
        ("d", "date"), ("ts", "timestamp without time zone"), ("tsu", "timestamp without time zone"),
        ("tz", "timestamp with time zone"), ("ti", "time without time zone"),
      ],
      [
        [
          "2020-01-02", "2020-01-02 03:04:05", "2020-01-02 03:04:05.123456", "2020-01-02 03:04:05+00",
          "03:04:05",
        ]
      ])
    #expect(
      table.text == """
        |          d |                  ts |                  tsu |                   tz | ti       |
        | ---------- | ------------------- | -------------------- | -------------------- | -------- |
        | 2020-01-02 | 2020-01-02 03:04:05 | 2020-01-02 03:04:... | 2020-01-02 03:04:... | 03:04:05 |

        """)
  }

  @Test func aSeventhColumnIsAnEllipsis() {
    let names = ["id", "name", "n", "fv", "sv", "mv", "tn"]
    let table = table(
      names.map { ($0, $0 == "id" || $0 == "n" ? "integer" : "text") },
      [
        ["1", "a", nil, "scoped-wins", "scoped", "dflt", "dev"],
        ["2", "b", "5", "scoped-wins", "scoped", "dflt", "dev"],
      ])
    #expect(
      table.text == """
        | id | name | n | fv          | sv     | mv   | ... |
        | -- | ---- | - | ----------- | ------ | ---- | --- |
        |  1 | a    |   | scoped-wins | scoped | dflt | ... |
        |  2 | b    | 5 | scoped-wins | scoped | dflt | ... |

        """)
  }

  @Test func noRowsAndEqualNames() {
    #expect(table([("A Col", "integer"), ("b", "integer")], []).text == "| A Col | b |\n| ----- | - |\n")
    let table = table([("a", "integer"), ("a", "integer"), ("c", "integer")], [["1", "2", "3"]])
    #expect(table.text == "| a | a_2 | c |\n| - | --- | - |\n| 1 |   2 | 3 |\n")
  }

  @Test func json() {
    let table = table(
      [
        ("i", "integer"), ("n", "numeric"), ("b", "boolean"), ("t", "text"),
        ("ts", "timestamp without time zone"),
        ("tz", "timestamp with time zone"), ("arr", "integer[]"), ("nul", "text"), ("uml", "text"),
        ("n2", "numeric"),
      ],
      [
        [
          "1", "12345.6789", "t", "x", "2020-01-02 03:04:05", "2020-01-02 03:04:05+00", "{1,2}", nil, "äö",
          "1.50",
        ]
      ])
    #expect(
      table.json(node: "orders") == """
        {
          "node": "orders",
          "show": [
            {
              "i": 1,
              "n": 12345.6789,
              "b": true,
              "t": "x",
              "ts": "2020-01-02T03:04:05",
              "tz": "2020-01-02T03:04:05+00:00",
              "arr": "[1, 2]",
              "nul": null,
              "uml": "\\u00e4\\u00f6",
              "n2": 1.5
            }
          ]
        }

        """)
  }

  @Test(arguments: [
    ("2.5", 0, "2"), ("3.5", 0, "4"), ("-0.4", 0, "0"), ("999.9996", 3, "1,000.000"), ("1e-7", 3, "0.000"),
    ("-1234567", 0, "-1,234,567"), ("0.0005", 3, "0.000"), ("0.0015", 3, "0.002"), ("+12e2", 1, "1,200.0"),
  ])
  func roundsHalvesToEven(text: String, places: Int, expected: String) throws {
    #expect(try #require(PlainDecimal(text)).text(places: places) == expected)
  }

  @Test(arguments: ["NaN", "Infinity", "", ".", "1.2.3", "0x10"]) func noNumbers(text: String) {
    #expect(PlainDecimal(text) == nil)
  }

  @Test(arguments: [
    (#"{"a b",NULL,"NULL",c}"#, #"["a b", null, "NULL", "c"]"#), ("{}", "[]"), (#"{"a\"b"}"#, #"["a\"b"]"#),
  ])
  func arrays(text: String, expected: String) throws {
    #expect(try #require(ArrayText(text)).json == expected)
  }
}
