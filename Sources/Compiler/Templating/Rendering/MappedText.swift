import Diagnostics
import Jinja
import ProjectModel

/// Text that grows together with its source map.
struct MappedText {
  private(set) var bytes: [UInt8] = []
  private(set) var map = SourceMap()

  var text: String { String(decoding: bytes, as: UTF8.self) }

  init() {}

  /// A render's text, each part at the user's own line: what a built-in macro wrote stands at its call.
  init(_ rendered: Rendered, in context: RenderContext) {
    bytes = rendered.output
    let places = PlaceFinder(rendered.sourceMap.templates, context)
    map.segments.reserveCapacity(rendered.sourceMap.segments.count)
    for segment in rendered.sourceMap.segments {
      let place: (file: String, position: SourcePosition)
      var isVerbatim = segment.isVerbatim
      if let own = places.place(segment.template, segment.offset) {
        place = own
      } else if let call = places.place(segment.callTemplate, segment.callOffset) {
        place = call
        isVerbatim = false
      } else {
        continue
      }
      map.segments.append(
        SourceMap.Segment(
          output: segment.output, file: fileIndex(place.file), position: place.position,
          isVerbatim: isVerbatim))
    }
  }

  /// Text without templates: a copy of the file.
  init(plain text: String, in context: RenderContext) {
    bytes = Array(text.utf8)
    map = SourceMap(
      files: [context.subject.file],
      segments: [
        SourceMap.Segment(
          output: 0, file: 0, position: SourcePosition(line: context.subject.firstLine, column: 1),
          isVerbatim: true)
      ])
  }

  private mutating func fileIndex(_ file: String) -> Int {
    if let index = map.files.firstIndex(of: file) { return index }
    map.files.append(file)
    return map.files.count - 1
  }

  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func append(_ other: MappedText, from start: Int = 0, to end: Int? = nil) {
    let end = end ?? other.bytes.count
    let shift = bytes.count - start
    bytes.append(contentsOf: other.bytes[start..<end])
    let files = other.map.files.map { fileIndex($0) }
    for (index, segment) in other.map.segments.enumerated() {
      let next =
        index + 1 < other.map.segments.count ? other.map.segments[index + 1].output : other.bytes.count
      guard segment.output < end, next > start else { continue }
      var moved = segment
      moved.file = files[segment.file]
      if segment.output < start {
        // The segment was cut: what is left of it begins later in the source.
        if segment.isVerbatim {
          for byte in other.bytes[segment.output..<start] {
            if byte == UInt8(ascii: "\n") {
              moved.position.line += 1
              moved.position.column = 1
            } else {
              moved.position.column += 1
            }
          }
        }
        moved.output = start
      }
      moved.output += shift
      map.segments.append(moved)
    }
  }

  var sourceMap: SourceMap { map }
}

/// Lines and columns of many offsets in a few templates.
private struct PlaceFinder {
  private enum Source {
    case unknown
    case known(file: String, line: Int, column: Int, lineStarts: [Int])
  }

  private let sources: [Source]

  init(_ templates: [Template], _ context: RenderContext) {
    sources = templates.map { template in
      let start: SourceSpan
      let text: String
      if template.name == context.subject.file {
        start = SourceSpan(file: context.subject.file, line: context.subject.firstLine, column: 1)
        text = context.subject.text
      } else if let macro = context.library.macro(NodeID(template.name)), !macro.isBuiltIn,
        let span = macro.definition.span
      {
        start = span
        text = macro.definition.text
      } else {
        return .unknown
      }
      var starts = [0]
      for (offset, byte) in text.utf8.enumerated() where byte == UInt8(ascii: "\n") {
        starts.append(offset + 1)
      }
      return .known(file: start.file, line: start.start.line, column: start.start.column, lineStarts: starts)
    }
  }

  func place(_ template: Int, _ offset: Int) -> (file: String, position: SourcePosition)? {
    guard case .known(let file, let line, let column, let starts) = sources[template] else { return nil }
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    let index = low - 1
    let inLine = offset - starts[index]
    return (
      file, SourcePosition(line: line + index, column: index == 0 ? column + inLine : inLine + 1)
    )
  }
}
