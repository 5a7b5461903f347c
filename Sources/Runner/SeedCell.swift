/// A value of a seed that the server refused, as COPY's message names it.
public struct SeedCell: Sendable, Hashable {
  /// COPY's count of the lines or rows that it was sent, from 1; the header is not among them.
  public var line: Int
  public var column: String?
  /// The value's beginning.
  public var value: String?

  public init(line: Int, column: String? = nil, value: String? = nil) {
    self.line = line
    self.column = column
    self.value = value
  }

  /// Reads `COPY raw_orders, line 2, column amount: "abc"`; nil when it is something else.
  init?(_ context: String) {
    guard context.hasPrefix("COPY"), let mark = context.firstRange(of: ", line ") else { return nil }
    let rest = context[mark.upperBound...]
    let digits = rest.prefix { $0.isNumber }
    guard let line = Int(digits) else { return nil }
    self.line = line
    guard let column = rest.firstRange(of: ", column ") else { return }
    let named = rest[column.upperBound...]
    // A name may hold a colon; the value's quote follows the last one before it.
    guard let quote = named.firstRange(of: ": \"") else {
      self.column = String(named.prefix { $0 != ":" && $0 != "\n" })
      return
    }
    self.column = String(named[..<quote.lowerBound])
    let line1 = named[quote.upperBound...].prefix { $0 != "\n" }
    value = String(line1.hasSuffix("\"") ? line1.dropLast() : line1)
    if let shown = value, shown.hasSuffix("...") { value = String(shown.dropLast(3)) }
  }
}
