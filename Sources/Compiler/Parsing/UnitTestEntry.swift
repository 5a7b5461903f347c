import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// An entry of `unit_tests:` as it is written, with the place of each part.
struct UnitTestEntry {
  var id: NodeID
  var node: YAMLNode
  var file: PropertiesFile
  /// The entry with what its id and selection need, and its whole config.
  var written: SemanticShapes.Values
  var isEnabled: Bool { written["config"]?.mapping?["enabled"]?.bool ?? true }

  var name: String { node["name"]?.string ?? "" }
  var span: SourceSpan { file.span(node["name"] ?? node) }
}

/// Rows of a unit test with their format, made equal whatever way they are written: what `given` and `expect` hold.
struct UnitTestFixture {
  /// `dict`, `csv` or `sql`.
  var format: String
  /// The fixture file's name, when the rows lie in one.
  var file: String?
  var rows: UnitTest.Rows

  /// The part of the manifest's entry after `input`.
  var entry: [(String, PlainValue)] {
    [
      ("rows", written), ("format", .string(format)), ("fixture", file.map { .string($0) } ?? .null),
    ]
  }

  private var written: PlainValue {
    switch rows {
    case .values(let rows): .list(rows.map { .mapping($0) })
    case .query(let text): .string(text)
    }
  }

  /// As dbt's checksum of a test sees it.
  func representation(_ type: String, input: String? = nil) -> String {
    let names = ["dict": "Dict", "csv": "CSV", "sql": "SQL"]
    let parts = [
      input.map { "input=" + PlainValue.pythonQuoted($0) }, "rows=" + written.pythonRepresentation,
      "format=<UnitTestFormat.\(names[format] ?? format): '\(format)'>",
      "fixture=" + (file.map { PlainValue.pythonQuoted($0) } ?? "None"),
    ]
    return "\(type)(" + parts.compactMap { $0 }.joined(separator: ", ") + ")"
  }

  /// The rows as dbt hashes those of a file once more: SQL as it is.
  var text: String { written.pythonText }

  /// The first row without a null goes to the top, as in dbt: some warehouses take a column's type from there.
  static func promoted(_ rows: [UnitTest.Row]) -> [UnitTest.Row] {
    var rows = rows
    if let whole = rows.firstIndex(where: { !$0.values.contains(.null) }) { rows.swapAt(0, whole) }
    return rows
  }
}
