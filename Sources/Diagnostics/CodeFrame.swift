/// The lines of one file that a diagnostic speaks of, with what is marked in them.
struct CodeFrame {
  struct Mark {
    var span: SourceSpan
    var text: String?
    var isPrimary: Bool
  }

  /// What is the same for all frames of a diagnostic.
  struct Drawing {
    var paint: Paint
    /// Columns of the widest line number.
    var gutter: Int
    var width: Int
    var severity: Severity
  }

  var file: String
  /// In order of their lines.
  var marks: [Mark]

  /// One frame a file, the primary span's file first, the others in order of their first label.
  static func frames(of diagnostic: Diagnostic) -> [CodeFrame] {
    var marks: [Mark] = []
    if let span = diagnostic.span { marks.append(Mark(span: span, text: diagnostic.label, isPrimary: true)) }
    for label in diagnostic.secondary {
      marks.append(Mark(span: label.span, text: label.text, isPrimary: diagnostic.span == nil))
    }
    var frames: [CodeFrame] = []
    for mark in marks {
      if let index = frames.firstIndex(where: { $0.file == mark.span.file }) {
        frames[index].marks.append(mark)
      } else {
        frames.append(CodeFrame(file: mark.span.file, marks: [mark]))
      }
    }
    return frames
  }

  func draw(with drawing: Drawing, source: SourceText?, isFirst: Bool) -> String {
    let paint = drawing.paint
    let margin = String(repeating: " ", count: drawing.gutter)
    let bar = paint.gutter("\(margin)  |")
    let head = marks[0].span.place
    var output = paint.gutter(margin + (isFirst ? " -->" : " :::")) + " \(head)\n"
    guard let source else { return output + unreadable(margin: margin, paint: paint) }

    output += bar + "\n"
    var shown = 0
    for mark in marks.sorted(by: { $0.span.start < $1.span.start }) {
      let last = lastLine(of: mark.span)
      if mark.span.start.line > shown {
        let context = max(1, mark.span.start.line - 1)
        if shown > 0, context > shown + 1 { output += paint.gutter("\(margin)...") + "\n" }
        let from = context > shown && isWorthShowing(context, source) ? context : mark.span.start.line
        for line in from...mark.span.start.line where line > shown {
          output += draw(line: line, source: source, focus: mark.span, with: drawing)
        }
      }
      // The first line's text stands above its marker, a longer span shows its last line, too.
      if last > mark.span.start.line {
        output += marker(mark, line: mark.span.start.line, source: source, bar: bar, with: drawing, text: nil)
        if last > mark.span.start.line + 1 { output += paint.gutter("\(margin)...") + "\n" }
        output += draw(line: last, source: source, focus: mark.span, with: drawing)
        output += marker(mark, line: last, source: source, bar: bar, with: drawing, text: mark.text)
      } else {
        output += marker(
          mark, line: mark.span.start.line, source: source, bar: bar, with: drawing, text: mark.text)
      }
      shown = max(shown, last)
    }
    return output + bar + "\n"
  }

  /// A span that ends at a line's first column ends on the line before.
  private func lastLine(of span: SourceSpan) -> Int {
    span.end.column <= 1 && span.end.line > span.start.line ? span.end.line - 1 : span.end.line
  }

  private func isWorthShowing(_ line: Int, _ source: SourceText) -> Bool {
    source.line(line).contains { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
  }

  private func unreadable(margin: String, paint: Paint) -> String {
    marks.compactMap { mark in mark.text.map { "\(margin)  " + paint.gutter("= ") + $0 + "\n" } }.joined()
  }

  private func draw(line: Int, source: SourceText, focus: SourceSpan, with drawing: Drawing) -> String {
    let number = String(line)
    let padding = String(repeating: " ", count: max(0, drawing.gutter - number.utf8.count))
    let text = TerminalText(source.line(line))
    let window = Window(text, span: focus, line: line, width: drawing.width)
    let shown = window.text(of: text)
    let gutter = drawing.paint.gutter(" \(padding)\(number) |")
    return shown.isEmpty ? gutter + "\n" : gutter + " " + shown + "\n"
  }

  private func marker(
    _ mark: Mark, line: Int, source: SourceText, bar: String, with drawing: Drawing, text label: String?
  ) -> String {
    let text = TerminalText(source.line(line))
    let window = Window(text, span: mark.span, line: line, width: drawing.width)
    let start = line == mark.span.start.line ? text.column(ofByte: mark.span.start.column) : firstInk(text)
    let end = line == mark.span.end.line ? text.column(ofByte: mark.span.end.column) : text.width
    let from = window.shift(start)
    let to = min(max(window.shift(end), from + 1), window.prefix + drawing.width)
    let sign = String(repeating: mark.isPrimary ? "^" : "-", count: max(1, to - from))
    let line = label.map { sign + " " + $0 } ?? sign
    let painted =
      mark.isPrimary ? drawing.paint.severity(line, drawing.severity) : drawing.paint.secondary(line)
    return bar + " " + String(repeating: " ", count: from) + painted + "\n"
  }

  private func firstInk(_ text: TerminalText) -> Int {
    text.cells.first { $0.text.utf8.contains { $0 != UInt8(ascii: " ") } }?.column ?? 0
  }
}

/// The part of a long line that is shown: enough before the mark to know where one is.
private struct Window {
  var start = 0
  var limit: Int
  var isCutAtEnd = false

  /// Columns that the sign for cut text takes at the line's beginning.
  var prefix: Int { start > 0 ? 1 : 0 }

  init(_ text: TerminalText, span: SourceSpan, line: Int, width: Int) {
    limit = width
    guard text.width > width else { return }
    if line == span.start.line {
      let from = text.column(ofByte: span.start.column)
      let to = line == span.end.line ? text.column(ofByte: span.end.column) : text.width
      if to > width - 2 { start = max(0, min(from - width / 3, text.width - width + 2)) }
    }
    limit = width - 2
    isCutAtEnd = start + limit < text.width
  }

  func shift(_ column: Int) -> Int { max(0, column - start) + prefix }

  func text(of line: TerminalText) -> String {
    (start > 0 ? "…" : "") + line.text(from: start, limit: limit) + (isCutAtEnd ? "…" : "")
  }
}
