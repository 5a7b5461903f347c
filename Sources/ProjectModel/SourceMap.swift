public import Diagnostics

/// From a byte of generated text back to the file, line and column that produced it.
///
/// Segments are in order of `output`; each reaches up to the next one's start.
public struct SourceMap: Sendable, Hashable {
  public struct Segment: Sendable, Hashable {
    /// 0-based byte offset in the generated text.
    public var output: Int
    /// Index into `files`.
    public var file: Int
    /// Where the segment's first byte comes from.
    public var position: SourcePosition
    /// True when the text was copied byte for byte, so that an offset inside it can be followed.
    public var isVerbatim: Bool

    public init(output: Int, file: Int, position: SourcePosition, isVerbatim: Bool) {
      self.output = output
      self.file = file
      self.position = position
      self.isVerbatim = isVerbatim
    }
  }

  public var files: [String]
  public var segments: [Segment]

  public init(files: [String] = [], segments: [Segment] = []) {
    self.files = files
    self.segments = segments
  }

  /// The place that the byte at `offset` of `text` came from; nil where nothing is known.
  public func position(of offset: Int, in text: String) -> SourceSpan? {
    var low = 0
    var high = segments.count
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].output <= offset { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let segment = segments[low - 1]
    guard segment.file < files.count else { return nil }
    var position = segment.position
    if segment.isVerbatim {
      for byte in text.utf8.dropFirst(segment.output).prefix(offset - segment.output) {
        if byte == UInt8(ascii: "\n") {
          position.line += 1
          position.column = 1
        } else {
          position.column += 1
        }
      }
    }
    return SourceSpan(file: files[segment.file], start: position)
  }

  /// The same map for text that has `count` bytes of other text put in front of it.
  public func shifted(by count: Int) -> SourceMap {
    SourceMap(
      files: files,
      segments: segments.map {
        Segment(output: $0.output + count, file: $0.file, position: $0.position, isVerbatim: $0.isVerbatim)
      })
  }
}
