/// One line of a file as cells of a terminal: tabs become spaces, wide characters take two columns,
/// control characters one, so that what stands under the line is aligned with it.
struct TerminalText {
  static let tabWidth = 4

  /// What is written, cell after cell.
  private(set) var cells: [(text: String, column: Int, width: Int)] = []
  /// The 0-based terminal column at which each byte's character begins, and one more for the end.
  private(set) var columns: [Int] = []
  private(set) var width = 0

  init(_ bytes: ArraySlice<UInt8>) {
    columns.reserveCapacity(bytes.count + 1)
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      let (text, cellWidth) = Self.cell(of: scalar, at: width)
      cells.append((text, width, cellWidth))
      for _ in 0..<Self.byteCount(of: scalar) { columns.append(width) }
      width += cellWidth
    }
    columns.append(width)
  }

  /// The terminal column of a 1-based byte column; behind the end when the line is shorter.
  func column(ofByte byteColumn: Int) -> Int {
    let index = byteColumn - 1
    if index < 0 { return 0 }
    if index < columns.count { return columns[index] }
    return width + min(index - columns.count + 1, 1)
  }

  /// The cells from `start` on, as many as fit into `limit` columns.
  func text(from start: Int, limit: Int) -> String {
    var result = ""
    for cell in cells where cell.column >= start && cell.column + cell.width <= start + limit {
      result += cell.text
    }
    return result
  }

  /// A line broken between words into lines of at most so many columns; a word that is longer stands alone.
  static func wrapped(_ text: String, first: Int, rest: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    var used = 0
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      let width = TerminalText(ArraySlice(word.utf8)).width
      let limit = max(20, lines.isEmpty ? first : rest)
      if used > 0, used + 1 + width > limit {
        lines.append(line)
        (line, used) = (String(word), width)
      } else {
        line += (used > 0 ? " " : "") + word
        used += (used > 0 ? 1 : 0) + width
      }
    }
    return lines + [line]
  }

  private static func cell(of scalar: Unicode.Scalar, at column: Int) -> (String, Int) {
    switch scalar.value {
    case 0x09:
      let width = tabWidth - column % tabWidth
      return (String(repeating: " ", count: width), width)
    case 0..<0x20, 0x7F..<0xA0: return ("\u{FFFD}", 1)
    case 0x300..<0x370, 0x200B...0x200F, 0xFE00...0xFE0F, 0x20D0..<0x2100: return (String(scalar), 0)
    case 0x202A...0x202E, 0x2066...0x2069: return ("\u{FFFD}", 1)
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xA000...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD:
      return (String(scalar), 2)
    default: return (String(scalar), 1)
    }
  }

  private static func byteCount(of scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0..<0x80: 1
    case 0x80..<0x800: 2
    case 0x800..<0x10000: 3
    default: 4
    }
  }
}
