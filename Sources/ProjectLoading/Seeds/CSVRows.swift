public import Diagnostics
public import OrderedCollections
public import ProjectModel

/// Rows of CSV text by the names of its header, as Python's `csv.DictReader` gives them: every value is text, a field
/// that is missing is null, empty lines are passed over.
public enum CSVRows {
  public static func read(_ text: String) -> [OrderedDictionary<String, PlainValue>] {
    var reader = CSVReader(text: text, delimiter: UInt8(ascii: ","))
    return rows(&reader)
  }

  /// - Throws: `unreadable-file` under the path that messages show.
  public static func read(path: String, displayPath: String) throws(DiagnosticsError)
    -> [OrderedDictionary<String, PlainValue>]
  {
    var reader: CSVReader
    do { reader = try CSVReader(path: path, delimiter: UInt8(ascii: ",")) } catch {
      throw DiagnosticsError(RawProject.unreadable(displayPath, error.reason))
    }
    return rows(&reader)
  }

  private static func rows(_ reader: inout CSVReader) -> [OrderedDictionary<String, PlainValue>] {
    guard reader.next() else { return [] }
    var names: [String] = []
    for field in reader.fields { names.append(reader.text(field)) }
    var rows: [OrderedDictionary<String, PlainValue>] = []
    while reader.next() {
      let fields = reader.fields
      guard !fields.isEmpty else { continue }
      var row: OrderedDictionary<String, PlainValue> = [:]
      for (index, name) in names.enumerated() {
        row[name] = index < fields.count ? .string(reader.text(fields[index])) : .null
      }
      rows.append(row)
    }
    return rows
  }
}
