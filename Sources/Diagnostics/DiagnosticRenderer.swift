/// Draws diagnostics for a terminal: the message, a frame of the code with the marked text, further
/// places, the calls that led there, notes, one way out, and the SQL that the server refused.
///
/// ```swift
/// let renderer = DiagnosticRenderer(colors: false) { path in files[path].map(SourceText.init) }
/// print(renderer.render(diagnostic))
/// ```
public struct DiagnosticRenderer {
  /// Whether to colour with ANSI escapes.
  public var colors: Bool
  /// Columns for the code itself; longer lines are cut around what is marked.
  public var codeWidth: Int
  /// Columns at which sentences are broken between words; nil leaves that to whoever shows them.
  public var textWidth: Int?
  /// The text of a file by the path that spans name; nil where it cannot be read.
  public var source: (String) -> SourceText?

  public init(colors: Bool, codeWidth: Int = 120, source: @escaping (String) -> SourceText?) {
    self.colors = colors
    self.codeWidth = max(20, codeWidth)
    self.source = source
  }

  /// All of them, an empty line between two.
  public func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map(render).joined(separator: "\n")
  }

  /// One diagnostic as lines, the last one ended.
  public func render(_ diagnostic: Diagnostic) -> String {
    let paint = Paint(colors: colors)
    let head = "\(diagnostic.severity.rawValue)[\(diagnostic.code)]"
    var output = paint.severity(head, diagnostic.severity)
    let summary = wrapped(diagnostic.summary, after: head.utf8.count + 2)
    output += paint.bold(": " + summary.joined(separator: "\n  ")) + "\n"

    let frames = CodeFrame.frames(of: diagnostic)
    let gutter = String(frames.flatMap(\.marks).map(\.span.end.line).max() ?? 1).utf8.count
    let drawing = CodeFrame.Drawing(
      paint: paint, gutter: gutter, width: codeWidth, severity: diagnostic.severity)
    for (index, frame) in frames.enumerated() {
      output += frame.draw(with: drawing, source: source(frame.file), isFirst: index == 0)
    }

    let indent = String(repeating: " ", count: gutter + 1)
    for call in diagnostic.stack {
      output += indent + paint.note("in") + " \(call.name)"
      if let span = call.span { output += " at " + span.place }
      output += "\n"
    }
    for note in diagnostic.notes { output += block("note", note, indent: indent, paint: paint) }
    if let help = diagnostic.help { output += block("help", help, indent: indent, paint: paint) }
    if let statement = diagnostic.statement {
      output += indent + paint.note("sql sent") + ":\n"
      for line in SourceText(statement).lineTexts { output += indent + "  " + line + "\n" }
    }
    return output
  }

  /// A text of one line, broken between words into lines of at most `width` columns.
  public static func lines(of text: String, width: Int) -> [String] {
    TerminalText.wrapped(text, first: width, rest: width)
  }

  /// A text of one line in lines that fit; one of several lines is laid out already.
  ///
  /// - Parameter start: the columns that stand before the first line; the others are indented by two.
  private func wrapped(_ text: String, after start: Int) -> [String] {
    guard let textWidth, !text.utf8.contains(0x0A) else { return [text] }
    return TerminalText.wrapped(text, first: textWidth - start, rest: textWidth - 2)
  }

  private func block(_ word: String, _ text: String, indent: String, paint: Paint) -> String {
    let hang = String(repeating: " ", count: word.utf8.count + 2)
    let room = textWidth.map { $0 - indent.utf8.count - hang.utf8.count }
    let isLaidOut = text.utf8.contains(0x0A)
    let lines =
      if let room, !isLaidOut {
        TerminalText.wrapped(text, first: room, rest: room)
      } else {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      }
    return lines.enumerated().map { index, line in
      (index == 0 ? indent + paint.note(word) + ": " : indent + hang) + line + "\n"
    }.joined()
  }
}

extension SourceSpan {
  /// `models/a.sql:7:13`
  public var place: String { "\(file):\(start.line):\(start.column)" }
}

extension SourceText {
  /// Each line without tabs and control characters; a last empty line is left out.
  var lineTexts: [String] {
    var lines = (1...lineStarts.count).map { number in
      TerminalText(line(number)).text(from: 0, limit: Int.max / 2)
    }
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}

/// ANSI colours, or none.
struct Paint {
  var colors: Bool

  func severity(_ text: String, _ severity: Severity) -> String {
    switch severity {
    case .error: wrap(text, "1;31")
    case .warning: wrap(text, "1;33")
    case .note: wrap(text, "1;36")
    }
  }
  func bold(_ text: String) -> String { wrap(text, "1") }
  func gutter(_ text: String) -> String { wrap(text, "34") }
  func note(_ text: String) -> String { wrap(text, "1;36") }
  func secondary(_ text: String) -> String { wrap(text, "1;34") }

  private func wrap(_ text: String, _ code: String) -> String {
    colors ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
