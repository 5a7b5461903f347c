import Jinja

/// `Dimension('order__status')` and its like, as filters and groupings name elements.
struct SemanticCall: Equatable {
  /// Dimension, TimeDimension, Entity or Metric.
  var kind: String
  var name: String
  /// The second word: a time dimension's granularity.
  var grain: String?

  /// The element without the entities before it.
  var element: String { name.split(separator: "__").last.map(String.init) ?? name }

  /// Every call that stands in a text, templates or not.
  static func all(in text: String) -> [SemanticCall] {
    let pattern =
      /(?:^|[^A-Za-z_])(Dimension|TimeDimension|Entity|Metric)\s*\(\s*['"]([^'"]*)['"](?:\s*,\s*['"]([^'"]*)['"])?/
    return text.matches(of: pattern).map { match in
      SemanticCall(
        kind: String(match.output.1), name: String(match.output.2), grain: match.output.3.map(String.init))
    }
  }

  static func isTemplate(_ text: String) -> Bool {
    (try? Template(parsing: text, name: "filter", syntax: DbtJinja.syntax)) != nil
  }

  static func withoutSpaces(_ text: String) -> String {
    text.filter { !$0.isWhitespace }.replacing("\"", with: "'")
  }
}
