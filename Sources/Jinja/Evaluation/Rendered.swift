/// The text a template gave, and where each part of it came from.
public struct Rendered: Sendable {
  public var output: [UInt8]
  public var sourceMap: RenderMap

  public var text: String { String(decoding: output, as: UTF8.self) }
}

/// From a byte of the output back to the template, through the macros that wrote it.
public struct RenderMap: Sendable {
  public struct Segment: Sendable, Hashable {
    /// 0-based byte offset in the output; the segment reaches up to the next one's.
    public var output: Int
    /// Index in ``RenderMap/templates`` of the template whose text or expression gave the segment.
    public var template: Int
    /// 0-based byte offset in that template.
    public var offset: Int
    /// Whether the bytes were copied from the template, so that offsets inside can be followed.
    public var isVerbatim: Bool
    /// The outermost place: the template that was rendered and the byte offset of the expression
    /// whose value this is. The same as `template` and `offset` outside macros.
    public var callTemplate: Int
    public var callOffset: Int
  }

  public internal(set) var templates: [Template] = []
  public internal(set) var segments: [Segment] = []

  public init() {}

  /// The segment that holds the byte at this offset of the output.
  public func segment(at offset: Int) -> Segment? {
    var low = 0
    var high = segments.count
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].output <= offset { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? segments[low - 1] : nil
  }

  /// Where the byte was written: the innermost template text or expression.
  public func origin(of offset: Int) -> TemplateError.Location? {
    guard let segment = segment(at: offset) else { return nil }
    let inner = segment.offset + (segment.isVerbatim ? offset - segment.output : 0)
    return templates[segment.template].location(of: inner)
  }

  /// Where the rendered template made the byte: its own text, or the expression that called the macro.
  public func call(of offset: Int) -> TemplateError.Location? {
    guard let segment = segment(at: offset) else { return nil }
    let isOwn = segment.callTemplate == segment.template && segment.callOffset == segment.offset
    let inner = segment.callOffset + (isOwn && segment.isVerbatim ? offset - segment.output : 0)
    return templates[segment.callTemplate].location(of: inner)
  }
}
