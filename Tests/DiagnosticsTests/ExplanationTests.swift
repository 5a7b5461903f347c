import Foundation
import Testing

@testable import Diagnostics

/// Every diagnostic that a user can meet is explained.
@Suite struct ExplanationTests {
  /// Codes as the sources write them, with a file that does.
  static let written: [String: String] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources")
    let first = #/(?:Diagnostic|HostFailure|report|Audit|problem|raising\(name,)\(?\s*"([a-z0-9-]+)"/#
    let choice =
      #/(?:Diagnostic|HostFailure|report)\(\s*[^"(){}]{1,60}\? "([a-z0-9-]+)" : "([a-z0-9-]+)"/#
    let named =
      #/(?:DiagnosticCode = |case [A-Za-z]+ = |[cC]ode = |\.recursion: |\.undefined: )"([a-z0-9]+-[a-z0-9-]+)"/#
    var codes: [String: String] = [:]
    let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
      let name = file.lastPathComponent
      guard !name.hasPrefix("Explanation"), let text = try? String(contentsOf: file, encoding: .utf8) else {
        continue
      }
      for match in text.matches(of: first) { codes[String(match.1)] = name }
      for match in text.matches(of: choice) {
        codes[String(match.1)] = name
        codes[String(match.2)] = name
      }
      // Words of config that are cases of an enumeration have no hyphen; codes of rules have.
      for match in text.matches(of: named) { codes[String(match.1)] = name }
    }
    return codes
  }()

  /// Words in a code's place that are none.
  static let others: Set<String> = [
    "no-op", "on-run-end", "on-run-start", "post-hook", "pre-hook", "redshift-serverless", "shim",
  ]

  @Test func everyCodeIsExplained() {
    #expect(Self.written.count > 180)
    let missing = Self.written.filter { Explanation.of($0.key) == nil && !Self.others.contains($0.key) }
    let list = missing.map { "\($0.key) (\($0.value))" }.sorted().joined(separator: ", ")
    #expect(missing.isEmpty, "add entries to Sources/Diagnostics/Explanations: \(list)")
  }

  @Test func everyEntryIsWhole() {
    let all = Explanation.all
    #expect(Set(all.map(\.code)).count == all.count, "a code stands twice")
    for entry in all {
      #expect(entry.code.wholeMatch(of: #/[a-z0-9]+(-[a-z0-9]+)*/#) != nil, "'\(entry.code)'")
      #expect(entry.meaning.hasSuffix(".") || entry.meaning.hasSuffix(")"), "\(entry.code): \(entry.meaning)")
      #expect(
        entry.fix.hasSuffix(".") || entry.fix.contains("{{") || entry.fix.contains("select"), "\(entry.code)")
      #expect(!entry.example.contains(""), "\(entry.code)")
    }
  }

  @Test func whatIsExplainedIsSaidSomewhere() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources")
    var text = ""
    let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
      if !file.lastPathComponent.hasPrefix("Explanation") {
        text += try String(contentsOf: file, encoding: .utf8)
      }
    }
    let literals = Set(text.matches(of: #/"([a-z0-9-]+)"/#).map { String($0.1) })
    let gone = Explanation.all.map(\.code).filter { !literals.contains($0) }
    #expect(gone.isEmpty, "nothing says \(gone) any more")
  }
}
