public import Diagnostics

/// Where a value that the server refused stands in a seed's file.
public struct SeedPlace {
  private let path: String
  private let displayPath: String
  private let delimiter: UInt8

  public init(path: String, displayPath: String, delimiter: UInt8) {
    self.path = path
    self.displayPath = displayPath
    self.delimiter = delimiter
  }

  /// The place of a value, 1-based.
  ///
  /// COPY counts lines or rows, whichever it was sent, and a row may go over several lines; so the row is the one
  /// that fits one of the counts and has the value, or else the first that has it.
  ///
  /// - Parameters:
  ///   - count: from 1, without the header.
  ///   - value: the value's beginning; nil when the server did not name it.
  /// - Returns: nil when the file no longer says it.
  public func span(count: Int, column: String?, value: String?) -> SourceSpan? {
    guard var reader = try? CSVReader(path: path, delimiter: delimiter), reader.next() else { return nil }
    var names: [String] = []
    for field in reader.fields { names.append(reader.text(field)) }
    let index = column.flatMap { column in
      names.firstIndex(of: column) ?? names.firstIndex { $0.lowercased() == column.lowercased() }
    }
    var first: SourceSpan?
    var row = 0
    while reader.next() {
      row += 1
      let isCounted = row == count || reader.line == count || reader.line == count + 1
      guard let index, index < reader.fields.count else {
        if isCounted { return SourceSpan(file: displayPath, line: reader.line, column: 1) }
        continue
      }
      let held = reader.text(reader.fields[index])
      guard value.map({ held.hasPrefix($0) || held.hasPrefix($0.trimmed) }) ?? true else { continue }
      let place = SourceSpan(
        file: displayPath, line: reader.line, column: reader.column(ofField: index),
        length: max(1, held.utf8.count))
      if isCounted { return place }
      if first == nil, value != nil { first = place }
    }
    return first
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = Substring(self)
    while text.last == " " { text.removeLast() }
    return String(text.drop { $0 == " " })
  }
}
