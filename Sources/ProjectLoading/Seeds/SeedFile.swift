public import Diagnostics

/// A seed's CSV file: its columns with the types that dbt infers, and its rows for COPY.
///
/// ```swift
/// let (seed, warnings) = try SeedFile.inspect(path: path, displayPath: "seeds/raw_orders.csv")
/// var rows = try SeedRows(seed)
/// while let chunk = try rows.next() { try session.putCopyData(chunk) }
/// ```
public struct SeedFile: Sendable {
  public struct Column: Sendable, Hashable {
    public var name: String
    public var type: SeedType
  }

  /// Absolute.
  public var path: String
  /// As messages name it.
  public var displayPath: String
  public var delimiter: UInt8
  public var columns: [Column]
  public var rowCount: Int
  /// Whether COPY gives every value as it stands in the file the meaning that it has for dbt.
  var isReadAsItStands: Bool

  /// Reads the whole file once and infers its types, in constant memory.
  ///
  /// - Parameter textColumns: Columns whose types the project states (`column_types`): they stay text.
  /// - Returns: the seed, and warnings for columns without a name, names that occur twice and short rows.
  /// - Throws: `unreadable-file`; `empty-seed` for a file without a header; `ragged-row` for a row with more
  ///   fields than the header.
  public static func inspect(
    path: String, displayPath: String, delimiter: UInt8 = UInt8(ascii: ","), textColumns: Set<String> = []
  ) throws(DiagnosticsError) -> (seed: SeedFile, warnings: [Diagnostic]) {
    var reader: CSVReader
    do { reader = try CSVReader(path: path, delimiter: delimiter) } catch {
      throw DiagnosticsError(RawProject.unreadable(displayPath, error.reason))
    }
    guard reader.next(), !reader.fields.isEmpty else {
      throw DiagnosticsError(emptySeed(displayPath))
    }
    var warnings: [Diagnostic] = []
    let names = columnNames(&reader, displayPath, &warnings)
    var scan = SeedScan(
      columns: names.map { SeedTypeInference(isText: textColumns.contains($0)) }, delimiter: delimiter)
    var shortRow: (line: Int, count: Int)?
    while true {
      if scan.pass(&reader) { continue }
      guard reader.next() else { break }
      let count = reader.fields.count
      if count > names.count { throw DiagnosticsError(longRow(reader, names.count, displayPath)) }
      if count < names.count, shortRow == nil { shortRow = (reader.line, count) }
      scan.see(&reader)
    }
    if let shortRow { warnings.append(short(shortRow, names.count, displayPath)) }
    let typed = zip(names, scan.columns).map { Column(name: $0, type: $1.type) }
    let seed = SeedFile(
      path: path, displayPath: displayPath, delimiter: delimiter, columns: typed, rowCount: scan.rowCount,
      isReadAsItStands: scan.isReadAsItStands)
    return (seed, warnings)
  }

  /// The header's names; one that is missing or was there before gets the name that agate gives it.
  private static func columnNames(
    _ reader: inout CSVReader, _ file: String, _ warnings: inout [Diagnostic]
  ) -> [String] {
    var names: [String] = []
    for (index, field) in reader.fields.enumerated() {
      var name = reader.text(field)
      if name.isEmpty {
        let letter = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index % 26)))
        name = String(repeating: letter, count: index / 26 + 1)
        warnings.append(
          Diagnostic(
            "unnamed-column", severity: .warning, "column \(index + 1) has no name; it is called '\(name)'",
            at: SourceSpan(file: file, line: reader.line, column: 1), label: "in this header"))
      }
      var final = name
      var number = 2
      while names.contains(final) {
        final = "\(name)_\(number)"
        number += 1
      }
      if final != name {
        warnings.append(
          Diagnostic(
            "duplicate-column", severity: .warning,
            "column '\(name)' occurs twice; the second one is called '\(final)'",
            at: SourceSpan(file: file, line: reader.line, column: 1), label: "in this header"))
      }
      names.append(final)
    }
    return names
  }

  // MARK: Messages

  private static func emptySeed(_ file: String) -> Diagnostic {
    Diagnostic(
      "empty-seed", "\(file) has no header", at: SourceSpan(file: file, line: 1, column: 1),
      label: "names of columns are expected here")
  }

  private static func longRow(_ reader: borrowing CSVReader, _ expected: Int, _ file: String) -> Diagnostic {
    let count = reader.fields.count
    return Diagnostic(
      "ragged-row", "this row has \(count) fields, the header has \(expected)",
      at: SourceSpan(file: file, line: reader.line, column: reader.column(ofField: expected)),
      label: count == expected + 1 ? "one field too many" : "\(count - expected) fields too many",
      help: "put a field that holds the delimiter in double quotes")
  }

  private static func short(_ row: (line: Int, count: Int), _ expected: Int, _ file: String) -> Diagnostic {
    let missing = expected - row.count
    return Diagnostic(
      "ragged-row", severity: .warning,
      row.count == 0
        ? "this line is empty; it becomes a row of NULLs"
        : "this row has \(row.count) fields, the header has \(expected); "
          + (missing == 1 ? "the last column is NULL" : "the last \(missing) columns are NULL"),
      at: SourceSpan(file: file, line: row.line, column: 1), label: "the first such row")
  }
}
