extension Interpreter {
  /// Writes text of the template.
  func write(_ bytes: [UInt8], at offset: Int) {
    if sink.nativeParts != nil {
      sink.nativeParts?.append(
        .init(value: .string(String(decoding: bytes, as: UTF8.self)), isConstant: true))
      return
    }
    if keepsMap {
      sink.segments.append(
        .init(
          output: sink.bytes.count, template: templateIndex, offset: offset, isVerbatim: true,
          callTemplate: templateIndex, callOffset: offset))
    }
    sink.bytes.append(contentsOf: bytes)
  }

  /// Prints the value of an expression.
  func output(_ expression: Expression, _ scope: Scope) throws {
    let value: Value
    do {
      value = try evaluate(expression, scope)
    } catch let error as TemplateError where error.kind == .type {
      guard let folded = fold(expression, scope) else { throw error }
      value = folded
    }
    if sink.nativeParts != nil {
      sink.nativeParts?.append(
        .init(value: value, isConstant: NativeRendering.isConstant(expression)))
      return
    }
    do {
      try writeText(value, scope, at: expression.start)
    } catch {
      throw located(error, at: expression.offset)
    }
  }

  /// Jinja computes constant output when it compiles; there a slice of something that has none is
  /// undefined instead of an error. Nil when that changes nothing.
  private func fold(_ expression: Expression, _ scope: Scope) -> Value? {
    guard NativeRendering.isConstant(expression) else { return nil }
    foldsConstants = true
    defer { foldsConstants = false }
    return try? evaluate(expression, scope)
  }

  func write(_ value: Value, _ scope: Scope, at offset: Int) throws {
    if sink.nativeParts != nil {
      sink.nativeParts?.append(.init(value: value, isConstant: false))
      return
    }
    try writeText(value, scope, at: offset)
  }

  private func writeText(_ value: Value, _ scope: Scope, at offset: Int) throws {
    let text: String
    switch value {
    case .string(let string): text = scope.autoescape ? Escaping.html(string) : string
    case .markup(let string): text = string
    default: text = scope.autoescape ? try Escaping.html(value) : try value.text()
    }
    if text.isEmpty { return }
    if keepsMap { map(text, at: offset) }
    sink.bytes.append(contentsOf: text.utf8)
  }

  /// Adds the segments of a printed text: those of the macro that gave it, or one for the expression.
  private func map(_ text: String, at offset: Int) {
    let start = sink.bytes.count
    if let capture = lastCapture, capture.text.utf8.count == text.utf8.count, capture.text == text,
      !capture.segments.isEmpty
    {
      for var segment in capture.segments {
        segment.output += start
        segment.callTemplate = templateIndex
        segment.callOffset = offset
        sink.segments.append(segment)
      }
      return
    }
    sink.segments.append(
      .init(
        output: start, template: templateIndex, offset: offset, isVerbatim: false,
        callTemplate: templateIndex, callOffset: offset))
  }
}
