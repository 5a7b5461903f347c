/// The one pass over a seed's rows: narrows the types of its columns, and finds out whether COPY gives the file as it
/// stands the meaning that it has for dbt.
///
/// Whole buffers of plain records are passed by ``pass(_:)``. It stops before a record that is anything else, which
/// the reader then takes apart for ``see(_:)``.
struct SeedScan {
  private(set) var columns: [SeedTypeInference]
  private(set) var rowCount = 0

  private let delimiter: UInt8
  /// A delimiter that may be part of a value or of CSV's own signs leaves everything to the reader.
  private let isDelimiterPlain: Bool
  /// Whether rows have a form that COPY reads differently or not at all.
  private var hasOddRow = false
  /// LF: 1, CRLF: 2. COPY does not take both in one file.
  private var lineEnds: UInt8 = 0

  init(columns: [SeedTypeInference], delimiter: UInt8) {
    self.columns = columns
    self.delimiter = delimiter
    isDelimiterPlain = [UInt8]((",;|\t~^!*@#").utf8).contains(delimiter)
  }

  var isReadAsItStands: Bool {
    !hasOddRow && lineEnds != 3 && columns.allSatisfy(\.isReadAsItStands)
  }

  /// Passes the plain records that the reader has at hand.
  ///
  /// - Returns: false when it is the reader's turn: the next record is not plain, or there is none.
  mutating func pass(_ reader: inout CSVReader) -> Bool {
    guard isDelimiterPlain else { return false }
    var stop = Stop.needsMore
    let isLastEndAdded = reader.hasAddedLineEnd
    reader.pass { bytes in
      var passed = (bytes: 0, lines: 0)
      stop = pass(bytes, isLastEndAdded, &passed)
      return passed
    }
    return stop == .needsMore && reader.extend()
  }

  /// Sees the reader's current record, which is not plain.
  mutating func see(_ reader: inout CSVReader) {
    rowCount += 1
    hasOddRow = true
    let fields = reader.fields
    for index in fields.indices {
      reader.withValue(fields[index]) { columns[index].see($0, isQuoted: fields[index].isQuoted) }
    }
  }

  private enum Stop { case needsMore, isOdd }

  private mutating func pass(
    _ bytes: UnsafeBufferPointer<UInt8>, _ isLastEndAdded: Bool, _ passed: inout (bytes: Int, lines: Int)
  ) -> Stop {
    guard let base = bytes.baseAddress else { return .needsMore }
    let (count, end, delimiter) = (columns.count, bytes.count, delimiter)
    var (rows, ends, isOdd) = (0, lineEnds, hasOddRow)
    defer { (rowCount, lineEnds, hasOddRow) = (rowCount + rows, ends, isOdd) }
    let finder = TerminatorFinder(delimiter: delimiter)
    return columns.withUnsafeMutableBufferPointer { columns in
      while passed.bytes < end {
        var index = passed.bytes
        var lines = 1
        // COPY ends at a line of a backslash and a point.
        if base[index] == UInt8(ascii: "\\") { isOdd = true }
        var column = 0
        while true {
          guard column < count else { return .isOdd }
          var stop: Int
          if index + SeedTypeInference.reach < end, let length = columns[column].pass(base + index),
            finder.isTerminator(base[index + length])
          {
            stop = index + length
          } else {
            let field = finder.field(bytes, at: index)
            switch field.kind {
            case .cut: return .needsMore
            case .odd: return .isOdd
            case .plain:
              stop = field.end
              let value = UnsafeBufferPointer(start: base + index, count: stop - index)
              if columns[column].isText {
                columns[column].passText(value)
              } else {
                columns[column].see(value, isQuoted: false)
              }
            case .quoted:
              stop = field.end + 1
              lines += field.lines
              if field.hasBackslash { isOdd = true }
              let value = UnsafeBufferPointer(start: base + index + 1, count: field.end - index - 1)
              columns[column].see(value, isQuoted: true)
            }
          }
          column += 1
          let byte = base[stop]
          if byte == delimiter {
            index = stop + 1
            continue
          }
          // An empty line is a record without fields.
          if stop == passed.bytes { return .isOdd }
          if byte == 0x0D {
            guard stop + 1 < end else { return .needsMore }
            guard base[stop + 1] == 0x0A else { return .isOdd }
            stop += 1
            ends |= 2
          } else if stop + 1 < end || !isLastEndAdded {
            ends |= 1
          }
          index = stop + 1
          break
        }
        guard column == count else { return .isOdd }
        passed.bytes = index
        passed.lines += lines
        rows += 1
      }
      return .needsMore
    }
  }
}

/// Finds where fields end, eight bytes at a time.
private struct TerminatorFinder {
  enum Kind {
    /// Without quotes.
    case plain
    /// Enclosed in quotes; `end` is the closing one.
    case quoted
    /// The bytes end before the field does.
    case cut
    /// Not read alike by everyone: quotes inside or beside, a carriage return in quotes.
    case odd
  }

  struct Field {
    var kind: Kind
    var end = 0
    /// Line ends inside the quotes.
    var lines = 0
    var hasBackslash = false
  }

  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  let delimiter: UInt8
  private let delimiters: UInt64

  init(delimiter: UInt8) {
    self.delimiter = delimiter
    delimiters = UInt64(delimiter) &* Self.ones
  }

  @inline(__always)
  func isTerminator(_ byte: UInt8) -> Bool { byte == delimiter || byte == 0x0A || byte == 0x0D }

  @inline(__always)
  func field(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Field {
    let quote = UInt8(ascii: "\"")
    guard start < bytes.count else { return Field(kind: .cut) }
    if bytes[start] == quote { return quoted(bytes, at: start) }
    var index = start
    while index + 8 <= bytes.count {
      let word = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + index)
        .loadUnaligned(as: UInt64.self).littleEndian
      // The lowest marked byte is right; what is marked above it may not be.
      let hits =
        Self.zeros(word ^ delimiters) | Self.zeros(word ^ (0x0A &* Self.ones))
        | Self.zeros(word ^ (0x0D &* Self.ones)) | Self.zeros(word ^ (0x22 &* Self.ones))
      if hits != 0 {
        index += hits.trailingZeroBitCount >> 3
        return Field(kind: bytes[index] == quote ? .odd : .plain, end: index)
      }
      index += 8
    }
    while index < bytes.count {
      if isTerminator(bytes[index]) { return Field(kind: .plain, end: index) }
      if bytes[index] == quote { return Field(kind: .odd) }
      index += 1
    }
    return Field(kind: .cut)
  }

  @inline(__always)
  private static func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }

  private func quoted(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Field {
    let quote = UInt8(ascii: "\"")
    var field = Field(kind: .quoted)
    var index = start + 1
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x0D { return Field(kind: .odd) }
      if byte == 0x5C { field.hasBackslash = true }
      if byte == 0x0A { field.lines += 1 }
      if byte == quote {
        guard index + 1 < bytes.count else { return Field(kind: .cut) }
        guard bytes[index + 1] == quote else {
          field.end = index
          // A backslash matters only where it may begin a line.
          field.hasBackslash = field.hasBackslash && field.lines > 0
          return isTerminator(bytes[index + 1]) ? field : Field(kind: .odd)
        }
        index += 1
      }
      index += 1
    }
    return Field(kind: .cut)
  }
}
