public import Diagnostics
public import ProjectModel

/// What a test's query answered: dbt's three columns.
public struct TestAnswer: Sendable, Hashable {
  public var failures: Int
  public var shouldWarn: Bool
  public var shouldError: Bool

  public init(failures: Int, shouldWarn: Bool, shouldError: Bool) {
    self.failures = failures
    self.shouldWarn = shouldWarn
    self.shouldError = shouldError
  }

  /// Reads the one row of ``TestPlan/query``.
  ///
  /// - Throws: `bad-test-result` when `fail_calc` gives no whole number, or a condition no truth value.
  public init(row: [String?], node: Node) throws(DiagnosticsError) {
    guard row.count == 3, let failures = row[0].flatMap(Self.wholeNumber) else {
      let given = row.first.flatMap(\.self) ?? "NULL"
      throw DiagnosticsError(
        Diagnostic(
          "bad-test-result",
          "'fail_calc' of test '\(node.name)' gave \(given), which is not a whole number of failures",
          at: node.span(ofConfig: "fail_calc"),
          help: "write an aggregate such as 'count(*)' or 'sum(n_records)'"))
    }
    guard let warn = row[1].flatMap(Self.truth), let error = row[2].flatMap(Self.truth) else {
      throw DiagnosticsError(
        Diagnostic(
          "bad-test-result", "'warn_if' or 'error_if' of test '\(node.name)' gave no truth value",
          at: node.span(ofConfig: "error_if"), help: "write a comparison such as '> 10'"))
    }
    self.init(failures: failures, shouldWarn: warn, shouldError: error)
  }

  /// `12`, `12.00` and `1.2e1` are whole; `1.5` is not.
  private static func wholeNumber(_ text: String) -> Int? {
    if let number = Int(text) { return number }
    guard let number = Double(text), number.rounded() == number, abs(number) < 9e15 else { return nil }
    return Int(number)
  }

  private static func truth(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "t", "true", "y", "yes", "on", "1": true
    case "f", "false", "n", "no", "off", "0": false
    default: nil
    }
  }
}

/// A test's status with dbt's message.
public struct TestVerdict: Sendable, Hashable {
  public enum Status: String, Sendable { case pass, fail, warn }

  public var status: Status
  /// 0 when the test passed, whatever it counted.
  public var failures: Int
  /// nil when it passed.
  public var message: String?

  /// - Parameter warningsAreErrors: `--warn-error`.
  public init(_ answer: TestAnswer, of node: Node, warningsAreErrors: Bool = false) {
    let config = TestConfig(node)
    let count = "Got \(answer.failures) \(answer.failures == 1 ? "result" : "results")"
    if config.isError && answer.shouldError {
      status = .fail
      message = "\(count), configured to fail if \(config.errorIf)"
      failures = answer.failures
    } else if answer.shouldWarn {
      status = warningsAreErrors ? .fail : .warn
      message = "\(count), configured to \(warningsAreErrors ? "fail" : "warn") if \(config.warnIf)"
      failures = answer.failures
    } else {
      status = .pass
      message = nil
      failures = 0
    }
  }
}

/// A test's config with dbt's defaults.
struct TestConfig {
  let isError: Bool
  let warnIf: String
  let errorIf: String
  let failCalc: String
  let limit: Int?
  /// nil: what the run's flag says.
  let storeFailures: Bool?
  let storeFailuresAs: String?

  init(_ node: Node) {
    let config = node.config
    isError = (config["severity"]?.string ?? "ERROR").uppercased() == "ERROR"
    warnIf = Self.text(config["warn_if"]) ?? "!= 0"
    errorIf = Self.text(config["error_if"]) ?? "!= 0"
    failCalc = Self.text(config["fail_calc"]) ?? "count(*)"
    limit = config["limit"]?.int
    storeFailuresAs = config["store_failures_as"]?.string
    // `store_failures_as` decides when it is set.
    storeFailures =
      storeFailuresAs.map { $0.lowercased() != "ephemeral" } ?? config["store_failures"]?.bool
  }

  private static func text(_ value: PlainValue?) -> String? {
    guard let text = value?.string, text.contains(where: { !$0.isWhitespace }) else { return nil }
    return text
  }
}
