/// `warn_if` or `error_if` when it is a plain comparison with a whole number, which needs no server.
struct TestThreshold: Sendable, Hashable {
  private var comparison: String
  private var number: Int

  /// nil for anything else: `between 1 and 5`.
  init?(_ text: String) {
    let bare = text.filter { !$0.isWhitespace }
    let symbols = bare.prefix { "=<>!".contains($0) }
    guard ["=", "!=", "<>", "<", "<=", ">", ">="].contains(symbols),
      let number = Int(bare.dropFirst(symbols.count))
    else { return nil }
    comparison = String(symbols)
    self.number = number
  }

  func holds(_ failures: Int) -> Bool {
    switch comparison {
    case "=": failures == number
    case "<": failures < number
    case "<=": failures <= number
    case ">": failures > number
    case ">=": failures >= number
    default: failures != number
    }
  }
}
