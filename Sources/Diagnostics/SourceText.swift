/// The bytes of one file with the starts of its lines, so that an offset becomes a line and a column.
///
/// Lines end at LF; a CR before it belongs to the line's end and is not shown. Lines and columns are
/// 1-based, columns count bytes of UTF-8.
public struct SourceText: Sendable {
  public let bytes: [UInt8]
  /// The 0-based offset of each line's first byte.
  public let lineStarts: [Int]

  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    lineStarts = bytes.withUnsafeBufferPointer { buffer in
      var starts = [0]
      for index in 0..<buffer.count where buffer[index] == UInt8(ascii: "\n") { starts.append(index + 1) }
      return starts
    }
  }

  public init(_ text: String) { self.init(Array(text.utf8)) }

  /// The place of the byte at `offset`; an offset behind the end gives the place just behind the last byte.
  public func position(of offset: Int) -> SourcePosition {
    let offset = min(max(0, offset), bytes.count)
    var low = 0
    var high = lineStarts.count
    while low < high {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    return SourcePosition(line: low, column: offset - lineStarts[low - 1] + 1)
  }

  /// The offset of a place; a column behind the line's end gives the line's end.
  public func offset(of position: SourcePosition) -> Int {
    guard position.line >= 1 else { return 0 }
    guard position.line <= lineStarts.count else { return bytes.count }
    let range = lineRange(position.line)
    return min(range.lowerBound + max(0, position.column - 1), range.upperBound)
  }

  public func span(of range: Range<Int>, in file: String) -> SourceSpan {
    SourceSpan(file: file, start: position(of: range.lowerBound), end: position(of: range.upperBound))
  }

  /// The bytes of a 1-based line without its line end; empty for a line that is not there.
  public func line(_ number: Int) -> ArraySlice<UInt8> { bytes[lineRange(number)] }

  private func lineRange(_ number: Int) -> Range<Int> {
    guard number >= 1, number <= lineStarts.count else { return bytes.count..<bytes.count }
    let start = lineStarts[number - 1]
    var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<end
  }
}
