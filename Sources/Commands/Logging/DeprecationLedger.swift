import Diagnostics
import OrderedCollections
import ProjectModel
import Synchronization

/// How often each deprecation was met: the first of its kind is told, all of them with `--show-all-deprecations`, and
/// the end of the command says how many there were.
final class DeprecationLedger: Sendable {
  private let met = Mutex<OrderedDictionary<String, Int>>([:])

  /// Notes the deprecations among what is about to be told.
  ///
  /// - Returns: what is to be told of it.
  func filter(_ diagnostics: [Diagnostic], flags: Flags) -> [Diagnostic] {
    diagnostics.compactMap { diagnostic in
      guard diagnostic.severity == .warning else { return diagnostic }
      guard let event = WarningEvent.deprecation(diagnostic.code) else { return diagnostic }
      let isFirst = met.withLock { met in
        met[event.name, default: 0] += 1
        return met[event.name] == 1
      }
      var told = diagnostic
      // The one that stands for many says how to see all, to those who do not see them yet.
      if diagnostic.code == "resource-names-with-spaces", flags.debug { told.help = nil }
      let showsAll =
        switch diagnostic.code {
        case "space-in-name": flags.debug
        // Each of these is a kind of its own.
        case "environment-variable-renamed": true
        default: flags.showsAllDeprecations
        }
      return isFirst || showsAll ? told : nil
    }
  }

  /// What the command met in all; nil when that was nothing.
  func summary(hint: Bool) -> LogEvent? {
    let met = met.withLock { $0 }.filter { WarningEvent.isSummarised($0.key) }
    guard !met.isEmpty else { return nil }
    let lines = met.map { "- \($0.key): \($0.value) \($0.value == 1 ? "occurrence" : "occurrences")" }
    var text = "Deprecated functionality, in all:\n" + lines.joined(separator: "\n")
    if hint { text += "\nTo see each of them, run with --show-all-deprecations" }
    return LogEvent(
      "DeprecationsSummary", "D028", .warn, text,
      data: [
        "summaries": .list(
          met.map {
            [
              "event_name": .string($0.key), "event_code": .string(WarningEvent.code(named: $0.key)),
              "occurrences": .int($0.value),
            ]
          }),
        "show_all_hint": .bool(hint),
      ])
  }
}
