/// Rows in the form that `COPY … (FORMAT csv)` reads, piece by piece, as values. An unquoted empty field is nil.
public struct CopiedRows {
  private let delimiter: UInt8
  private let width: Int
  private var rows: [[String?]] = []
  private var row: [String?] = []
  private var field: [UInt8] = []
  private var isQuoted = false
  private var isInQuotes = false
  /// The last byte was a quote that ends the field or stands, with the next one, for itself.
  private var isAfterQuote = false

  /// - Parameter width: columns of each row; what a short one lacks is nil.
  public init(delimiter: UInt8, width: Int) {
    self.delimiter = delimiter
    self.width = width
  }

  public mutating func add(_ bytes: [UInt8]) {
    for byte in bytes { add(byte) }
  }

  /// The rows that are whole by now; they are not given again.
  public mutating func take() -> [[String?]] {
    defer { rows.removeAll(keepingCapacity: true) }
    return rows
  }

  /// All rows that were not taken; the last one needs no end of line.
  public mutating func end() -> [[String?]] {
    if !row.isEmpty || !field.isEmpty || isQuoted { endRow() }
    return rows
  }

  private mutating func add(_ byte: UInt8) {
    let quote = UInt8(ascii: "\"")
    if isInQuotes {
      if byte == quote {
        isInQuotes = false
        isAfterQuote = true
      } else {
        field.append(byte)
      }
      return
    }
    switch byte {
    case quote:
      if isAfterQuote { field.append(quote) }
      isQuoted = true
      isInQuotes = true
    case delimiter: endField()
    case 0x0A: endRow()
    case 0x0D: break
    default: field.append(byte)
    }
    isAfterQuote = false
  }

  private mutating func endField() {
    row.append(field.isEmpty && !isQuoted ? nil : String(decoding: field, as: UTF8.self))
    field.removeAll(keepingCapacity: true)
    isQuoted = false
  }

  private mutating func endRow() {
    endField()
    if row.count < width { row += [String?](repeating: nil, count: width - row.count) }
    rows.append(row)
    row.removeAll(keepingCapacity: true)
  }
}
