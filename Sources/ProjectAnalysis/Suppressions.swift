import Diagnostics
import ProjectModel

/// Comments in a model's file that let a finding be, on their own line or the next one:
///
///     -- whc: allow no-such-function: an overload of ours takes it
///
/// They may stand in comments of SQL and of Jinja.
struct Suppressions {
  private struct Entry {
    var code: String
    var hasReason: Bool
    /// 1-based, as that of the span.
    var line: Int
    var column: Int
  }

  private let file: String
  private var entries: [Entry] = []

  init(_ node: Node) {
    file = node.originalFilePath
    let mark = "whc: allow "
    guard node.rawCode.hasBytes(of: Array(mark.utf8)) else { return }
    for (index, line) in node.rawCode.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard let start = line.firstRange(of: mark) else { continue }
      let code = line[start.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "-" }
      let rest = line[code.endIndex...].drop { $0 == ":" || $0 == " " }
      entries.append(
        Entry(
          code: String(code), hasReason: rest.contains { $0.isLetter }, line: index + node.firstLine,
          column: line.utf8.distance(from: line.startIndex, to: start.lowerBound) + 1))
    }
  }

  func allow(_ diagnostic: Diagnostic) -> Bool {
    guard let span = diagnostic.span, span.file == file else { return false }
    let line = span.start.line
    return entries.contains {
      $0.code == diagnostic.code.rawValue && $0.hasReason && ($0.line == line || $0.line + 1 == line)
    }
  }

  /// Comments that say no reason, which let nothing be.
  var mistakes: [Diagnostic] {
    entries.filter { !$0.hasReason }.map { entry in
      Diagnostic(
        "suppression-without-reason", severity: .warning, "'\(entry.code)' is allowed here without a reason",
        at: SourceSpan(file: file, line: entry.line, column: entry.column),
        help: "say why behind a colon: whc: allow \(entry.code): …")
    }
  }
}

extension String {
  /// Whether these bytes stand in it; every model's template is asked.
  fileprivate func hasBytes(of wanted: [UInt8]) -> Bool {
    var copy = self
    return copy.withUTF8 { bytes in
      guard let first = wanted.first, bytes.count >= wanted.count else { return false }
      for start in 0...bytes.count - wanted.count where bytes[start] == first {
        if bytes[start..<start + wanted.count].elementsEqual(wanted) { return true }
      }
      return false
    }
  }
}
