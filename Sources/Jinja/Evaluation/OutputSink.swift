/// Text that is being written, with its source map; for native rendering also the values.
struct OutputSink {
  var bytes: [UInt8] = []
  var segments: [RenderMap.Segment] = []
  /// The values printed so far, when native values are wanted.
  var nativeParts: [NativePart]?

  struct NativePart {
    var value: Value
    /// Text, or an expression that Jinja computes when it compiles: it becomes text.
    var isConstant: Bool
  }
}

/// A text that macros, blocks or filters captured, with the map of its parts.
struct Capture {
  var text: String
  var segments: [RenderMap.Segment]
}

/// A macro that is running, and where it was called.
struct ActiveMacro {
  var name: String
  var template: Template
  var offset: Int
}

/// Variables given to a render; includes and imports may have others.
final class ContextVariables {
  let values: [String: Value]
  init(_ values: [String: Value]) { self.values = values }
}

/// Blocks and inheritance of the template that is being rendered.
final class RenderState {
  /// For each block its definitions, the outermost child's first.
  var blocks: [String: [(block: BlockDefinition, template: Template)]] = [:]
  /// The template that `extends` named.
  var parent: Template?
  /// How much of the output was there when `extends` was met.
  var keptBytes: Int?
  var keptSegments: Int?
  let root: Scope

  init(_ template: Template, root: Scope) {
    self.root = root
    add(template)
  }

  func add(_ template: Template) {
    for (name, block) in template.blocks { blocks[name, default: []].append((block, template)) }
  }
}
