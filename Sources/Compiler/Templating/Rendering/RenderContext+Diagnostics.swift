import Diagnostics
import Jinja
import ProjectModel

extension RenderContext {
  /// An error of a render as the user sees it: at the user's own line, with the macros that led there.
  func diagnostic(for error: TemplateError) -> Diagnostic {
    var places: [SourceSpan] = []
    if let location = error.location, let span = marked(location) { places.append(span) }
    let frames = error.stack.map { Diagnostic.Frame(name: $0.macro, span: marked($0.call)) }
    places += frames.compactMap(\.span)
    var diagnostic = TemplateDiagnostics.diagnostic(for: error, at: places.first)
    diagnostic.stack = frames
    if let name = TemplateDiagnostics.undefinedName(error) {
      diagnostic.ask(NearMiss(name, among: library.visibleNames(from: package) + Self.names))
    }
    return diagnostic
  }

  /// The place with the word that stands there marked: a call's name, or its literal argument.
  ///
  /// - Parameter argument: which of a call's literal arguments to mark, from 0.
  func marked(_ location: TemplateError.Location, argument: Int = 0) -> SourceSpan? {
    guard let span = span(of: location) else { return nil }
    let text =
      location.template == subject.file
      ? subject.text : library.macro(NodeID(location.template))?.definition.text
    guard let text else { return span }
    return SourceMarking.marked(span, offset: location.offset, argument: argument, in: text)
  }

  func failure(_ error: TemplateError) -> DiagnosticsError { DiagnosticsError(diagnostic(for: error)) }

  /// The context's own names, for near misses.
  static let names = [
    "ref", "source", "config", "var", "env_var", "this", "execute", "model", "graph", "target", "schema",
    "database",
    "adapter", "api", "builtins", "context", "flags", "exceptions", "project_name", "log", "print", "return",
    "fromjson", "tojson", "fromyaml", "toyaml", "set", "set_strict", "zip", "zip_strict", "local_md5",
    "modules",
    "load_result", "store_result", "store_raw_result", "dbt_version", "invocation_id", "run_started_at",
    "thread_id", "selected_resources", "invocation_args_dict", "dbt_metadata_envs", "diff_of_two_dicts",
  ]
}

/// Errors of templates in the words of diagnostics.
enum TemplateDiagnostics {
  static func diagnostic(for error: TemplateError, at span: SourceSpan?) -> Diagnostic {
    if let failure = error.underlying as? HostFailure {
      return Diagnostic(
        failure.code, failure.summary, at: failure.span ?? span, label: failure.label, notes: failure.notes,
        help: failure.help,
        statement: failure.statement)
    }
    if let error = error.underlying as? DiagnosticsError, var first = error.diagnostics.first {
      first.span = first.span ?? span
      return first
    }
    return Diagnostic(code(of: error.kind), summary(of: error), at: span)
  }

  private static func code(of kind: TemplateError.Kind) -> DiagnosticCode {
    switch kind {
    case .syntax, .assertion: "bad-jinja"
    case .undefined: "undefined-name"
    case .type, .value, .key, .index, .attribute, .zeroDivision, .overflow: "template-error"
    case .recursion: "template-recursion"
    case .templateNotFound: "template-not-found"
    default: "template-error"
    }
  }

  private static func summary(of error: TemplateError) -> String {
    var text = error.message.trimmed
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// The name that an error says is undefined.
  static func undefinedName(_ error: TemplateError) -> String? {
    guard error.kind == .undefined, error.message.hasPrefix("'"), error.message.hasSuffix("' is undefined")
    else {
      return nil
    }
    return String(error.message.dropFirst().prefix { $0 != "'" })
  }
}

/// Finds what to underline at a place of a template.
enum SourceMarking {
  /// From the parenthesis of a call to the text of its first argument, or the call's name before it; else the word at
  /// the place.
  static func marked(_ span: SourceSpan, offset: Int, argument: Int, in text: String) -> SourceSpan {
    let bytes = Array(text.utf8)
    guard bytes.indices.contains(offset) else { return span }
    var start = offset
    var length = wordLength(bytes, from: offset)
    if bytes[offset] == UInt8(ascii: "(") {
      if let literal = literals(bytes, from: offset + 1).dropFirst(argument).first {
        start = literal.lowerBound
        length = literal.count
      } else {
        while start > 0, isWord(bytes[start - 1]) { start -= 1 }
        length = offset - start
      }
    }
    guard start >= offset || !bytes[start..<offset].contains(UInt8(ascii: "\n")) else { return span }
    return SourceSpan(
      file: span.file, line: span.start.line, column: max(1, span.start.column + start - offset),
      length: max(1, length))
  }

  /// The string literals that stand between commas right behind a parenthesis.
  private static func literals(_ bytes: [UInt8], from start: Int) -> [Range<Int>] {
    var literals: [Range<Int>] = []
    var position = start
    while true {
      while position < bytes.count, bytes[position] == UInt8(ascii: " ") { position += 1 }
      guard position < bytes.count,
        bytes[position] == UInt8(ascii: "'") || bytes[position] == UInt8(ascii: "\""),
        let end = bytes[(position + 1)...].firstIndex(of: bytes[position])
      else { return literals }
      literals.append(position..<end + 1)
      position = end + 1
      while position < bytes.count, bytes[position] == UInt8(ascii: " ") { position += 1 }
      guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else { return literals }
      position += 1
    }
  }

  private static func wordLength(_ bytes: [UInt8], from start: Int) -> Int {
    var end = start
    while end < bytes.count, isWord(bytes[end]) { end += 1 }
    return end - start
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
