/// A place in a file: 1-based line and 1-based column, the column counted in bytes of UTF-8.
public struct SourcePosition: Sendable, Hashable, Comparable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// A stretch of one file, from `start` up to and not including `end`.
///
/// `file` is the path as a person would type it: relative to the project's folder when the file
/// lies inside it, absolute otherwise.
public struct SourceSpan: Sendable, Hashable {
  public var file: String
  public var start: SourcePosition
  public var end: SourcePosition

  public init(file: String, start: SourcePosition, end: SourcePosition? = nil) {
    self.file = file
    self.start = start
    self.end = end ?? SourcePosition(line: start.line, column: start.column + 1)
  }

  public init(file: String, line: Int, column: Int, length: Int = 1) {
    let start = SourcePosition(line: line, column: column)
    self.init(
      file: file, start: start, end: SourcePosition(line: line, column: column + max(1, length)))
  }
}
