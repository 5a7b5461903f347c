import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads the records of a CSV file one by one in constant memory, by the rules of Python's `csv` module: fields may be
/// quoted and hold doubled quotes, delimiters and line ends; a record ends at LF, CR or CRLF; a byte order mark is
/// passed over; an empty line is a record without fields.
struct CSVReader: ~Copyable {
  /// A field of the current record, as it stands in the file.
  struct Field {
    /// Offsets in the reader's buffer; quotes that enclose the whole field are left out.
    var start: Int
    var end: Int
    /// True when quotes are doubled inside, or line ends must be made LF.
    var isEscaped: Bool
    var isQuoted: Bool
  }

  private let file: OpenFile
  private let delimiter: UInt8
  private var buffer: [UInt8]
  private var filled = 0
  private var position = 0
  private var isAtEnd = false
  private var nextLine = 1
  /// Whether the file's last line has the line end that ``extend()`` gave it.
  private(set) var hasAddedLineEnd = false

  /// The current record's fields.
  private(set) var fields: [Field] = []
  /// The 1-based line on which the current record begins.
  private(set) var line = 0
  private var scratch: [UInt8] = []

  init(path: String, delimiter: UInt8, bufferSize: Int = 1 << 18) throws(FileSystem.Failure) {
    file = try OpenFile(path: path)
    self.delimiter = delimiter
    buffer = [UInt8](repeating: 0, count: bufferSize)
    refill()
    if filled >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { position = 3 }
  }

  /// Reads text that is at hand.
  init(text: String, delimiter: UInt8) {
    file = OpenFile()
    self.delimiter = delimiter
    buffer = Array(text.utf8)
    filled = buffer.count
    isAtEnd = true
  }

  /// Reads the next record into ``fields``; false at the end of the file.
  mutating func next() -> Bool {
    while true {
      if let end = scan() {
        position = end
        return true
      }
      if isAtEnd { return finish() }
      refill()
    }
  }

  /// Calls with a field's value.
  mutating func withValue<Result>(_ field: Field, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result)
    rethrows
    -> Result
  {
    guard field.isEscaped else {
      return try buffer.withUnsafeBufferPointer {
        try body(UnsafeBufferPointer(rebasing: $0[field.start..<field.end]))
      }
    }
    scratch.removeAll(keepingCapacity: true)
    unescape(field)
    return try scratch.withUnsafeBufferPointer { try body($0) }
  }

  mutating func text(_ field: Field) -> String { withValue(field) { String(decoding: $0, as: UTF8.self) } }

  /// The 1-based byte column of a field in its record's line; 1 when the record goes over lines.
  func column(ofField index: Int) -> Int {
    guard index < fields.count else { return 1 }
    let start = fields[0].start - (fields[0].isQuoted ? 1 : 0)
    let end = fields[index].start - (fields[index].isQuoted ? 1 : 0)
    return buffer[start..<end].contains(0x0A) ? 1 : end - start + 1
  }

  /// The bytes after the current record, chunk by chunk; nil at the end. No record is read from then on.
  mutating func nextBytes() -> [UInt8]? {
    guard position < filled else { return file.chunk() }
    let bytes = Array(buffer[position..<filled])
    position = filled
    return bytes
  }

  /// Gives all that was read and not yet passed; `body` says how many bytes and lines of it it has passed.
  mutating func pass(_ body: (UnsafeBufferPointer<UInt8>) -> (bytes: Int, lines: Int)) {
    let unread = position..<filled
    let passed = buffer.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[unread])) }
    position += passed.bytes
    nextLine += passed.lines
  }

  /// Reads on, so that ``pass(_:)`` has more to give. At the file's end its last line gets the line end that it
  /// lacks; false when it has one, or ends inside quotes.
  mutating func extend() -> Bool {
    if !isAtEnd {
      refill()
      return true
    }
    guard filled > position, buffer[filled - 1] != 0x0A, buffer[filled - 1] != 0x0D, !endsInQuotes else {
      return false
    }
    append(0x0A)
    hasAddedLineEnd = true
    return true
  }

  // MARK: Scanning

  /// Finds the current record's fields; nil when the buffer ends before it does.
  private mutating func scan() -> Int? {
    let delimiter = delimiter
    let quote = UInt8(ascii: "\"")
    var found = fields
    found.removeAll(keepingCapacity: true)
    fields = []
    var lines = 0
    let start = position
    let filled = filled
    let end: Int? = buffer.withUnsafeBufferPointer { bytes in
      var index = start
      while true {
        guard index < filled else { return nil }
        var field = Field(start: index, end: index, isEscaped: false, isQuoted: false)
        if bytes[index] == quote {
          field.isQuoted = true
          field.start = index + 1
          index += 1
          var isClosed = false
          while index < filled {
            let byte = bytes[index]
            if byte == quote {
              // A quote at the buffer's end may be the first of two.
              guard index + 1 < filled else { return nil }
              if bytes[index + 1] == quote {
                field.isEscaped = true
                index += 2
                continue
              }
              isClosed = true
              break
            }
            if byte == 0x0A { lines += 1 }
            if byte == 0x0D {
              field.isEscaped = true
              if index + 1 >= filled { return nil }
              if bytes[index + 1] != 0x0A { lines += 1 }
            }
            index += 1
          }
          guard isClosed else { return nil }
          field.end = index
          index += 1
          guard index < filled else { return nil }
          // What follows the closing quote belongs to the value, as Python reads it.
          if bytes[index] != delimiter, bytes[index] != 0x0A, bytes[index] != 0x0D {
            field.isEscaped = true
            while index < filled, bytes[index] != delimiter, bytes[index] != 0x0A, bytes[index] != 0x0D {
              index += 1
            }
            guard index < filled else { return nil }
            field.end = index
          }
        } else {
          while index < filled {
            let byte = bytes[index]
            if byte == delimiter || byte == 0x0A || byte == 0x0D { break }
            index += 1
          }
          guard index < filled else { return nil }
          field.end = index
        }
        let byte = bytes[index]
        if byte == delimiter {
          found.append(field)
          index += 1
          continue
        }
        if byte == 0x0D {
          guard index + 1 < filled else { return nil }
          if bytes[index + 1] == 0x0A { index += 1 }
        }
        // Only a line with something on it has fields.
        if !found.isEmpty || field.end > field.start || field.isQuoted { found.append(field) }
        return index + 1
      }
    }
    fields = found
    if end != nil {
      line = nextLine
      nextLine += lines + 1
    }
    return end
  }

  /// The last record has no line end: one is put behind it.
  private mutating func finish() -> Bool {
    guard position < filled else { return false }
    if buffer[filled - 1] == 0x0A, endsInQuotes == false { return false }
    if endsInQuotes { append(UInt8(ascii: "\"")) }
    append(0x0A)
    guard let end = scan() else { return false }
    position = end
    return true
  }

  /// Whether the rest of the file opens a quoted field and never closes it.
  private var endsInQuotes: Bool {
    var isInside = false
    var isFieldStart = true
    var index = position
    while index < filled {
      let byte = buffer[index]
      if isInside {
        if byte == UInt8(ascii: "\"") {
          if index + 1 < filled, buffer[index + 1] == byte { index += 1 } else { isInside = false }
        }
      } else if byte == UInt8(ascii: "\""), isFieldStart {
        isInside = true
      }
      isFieldStart = !isInside && (byte == delimiter || byte == 0x0A || byte == 0x0D)
      index += 1
    }
    return isInside
  }

  private mutating func append(_ byte: UInt8) {
    if filled == buffer.count { buffer.append(0) }
    buffer[filled] = byte
    filled += 1
  }

  private mutating func refill() {
    if position > 0 {
      let (from, count) = (position, filled - position)
      buffer.withUnsafeMutableBytes { bytes in
        if count > 0, let base = bytes.baseAddress { memmove(base, base + from, count) }
      }
      filled = count
      position = 0
    }
    if filled == buffer.count { buffer += [UInt8](repeating: 0, count: buffer.count) }
    let got = file.read(into: &buffer, from: filled)
    if got > 0 { filled += got } else { isAtEnd = true }
  }

  private mutating func unescape(_ field: Field) {
    let quote = UInt8(ascii: "\"")
    var index = field.start
    var isInside = field.isQuoted
    while index < field.end {
      let byte = buffer[index]
      if byte == quote, isInside {
        if index + 1 < field.end, buffer[index + 1] == quote {
          scratch.append(quote)
          index += 2
          continue
        }
        isInside = false
      } else if byte == 0x0D {
        scratch.append(0x0A)
        if index + 1 < field.end, buffer[index + 1] == 0x0A { index += 1 }
      } else {
        scratch.append(byte)
      }
      index += 1
    }
  }
}
