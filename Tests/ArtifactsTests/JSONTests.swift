import Diagnostics
import ProjectModel
import Testing

@testable import Artifacts

@Suite struct JSONTests {
  private func written(_ value: PlainValue) -> String {
    var json = JSONWriter()
    json.value(value)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  @Test func writesAsPythonDoes() {
    #expect(
      written(["a": [1, 2.5, nil], "b": true, "c": [:], "d": []])
        == #"{"a": [1, 2.5, null], "b": true, "c": {}, "d": []}"#)
  }

  @Test(arguments: [
    ("\"\\", #""\"\\""#), ("\n\r\t\u{8}\u{c}", #""\n\r\t\b\f""#), ("\u{1}\u{7f}", #""\u0001\u007f""#),
    ("é€", #""\u00e9\u20ac""#), ("😀", #""\ud83d\ude00""#), ("a/b<c>", #""a/b<c>""#),
  ])
  func escapes(text: String, expected: String) throws {
    #expect(written(.string(text)) == expected)
    #expect(try JSONReader.read(Array(expected.utf8), file: "x") == .string(text))
  }

  /// The right-hand sides are what Python's `repr` gives.
  @Test(arguments: [
    (0.1, "0.1"), (1.0, "1.0"), (-0.0, "-0.0"), (1e16, "1e+16"), (1.5e16, "1.5e+16"),
    (9_999_999_999_999_998.0, "9999999999999998.0"), (12_345_678_901_234_567.0, "1.2345678901234568e+16"),
    (1e-4, "0.0001"), (1e-5, "1e-05"), (1e22, "1e+22"), (-2e16, "-2e+16"),
    (1_795_262_943.1391754, "1795262943.1391754"),
    (.infinity, "Infinity"), (-.infinity, "-Infinity"), (.nan, "NaN"), (.leastNonzeroMagnitude, "5e-324"),
  ])
  func doubles(value: Double, expected: String) {
    #expect(PythonNumber.text(value) == expected)
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":}", "{a: 1}", "\"", "\"\\x\"", "01x", "tru", "[1] 2", "\"\\u12\"", "-",
    "{\"a\" 1}",
  ])
  func refusesWhatIsNotJSON(text: String) {
    #expect {
      try JSONReader.read(Array(text.utf8), file: "a.json")
    } throws: {
      ($0 as? DiagnosticsError)?.diagnostics.first?.code == "broken-json"
    }
  }

  @Test func saysWhere() {
    #expect {
      try JSONReader.read(Array("{\n  \"a\": x\n}".utf8), file: "a.json")
    } throws: {
      ($0 as? DiagnosticsError)?.diagnostics.first?.span == SourceSpan(file: "a.json", line: 2, column: 8)
    }
  }

  @Test func refusesToNestWithoutEnd() {
    #expect(throws: DiagnosticsError.self) {
      try JSONReader.read([UInt8](repeating: UInt8(ascii: "["), count: 100_000), file: "a.json")
    }
  }

  @Test func halfASurrogatePairIsReplaced() throws {
    #expect(try JSONReader.read(Array(#""\ud800x""#.utf8), file: "x") == "\u{FFFD}x")
  }

  @Test(arguments: [
    (0.0, "1970-01-01T00:00:00"), (1_700_000_000.5, "2023-11-14T22:13:20.500000"),
    (951_782_400.0, "2000-02-29T00:00:00"), (-1.0, "1969-12-31T23:59:59"),
  ])
  func times(seconds: Double, expected: String) {
    #expect(Timestamp.text(seconds) == expected)
  }
}
