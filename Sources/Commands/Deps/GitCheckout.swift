import Diagnostics
import Foundation

/// A git repository at one revision, fetched without its history.
struct GitCheckout {
  var url: String
  /// A tag, a branch or a commit; nil for the branch that the repository names.
  var revision: String?

  struct Fetched {
    /// Where its files lie.
    var folder: String
    /// 40 hexadecimal digits.
    var commit: String
  }

  /// Fetches the revision into a folder that must not be there yet.
  ///
  /// - Throws: `cannot-fetch` with git's reason, `unknown-revision`.
  func fetch(into folder: String, in scratch: String) throws(DiagnosticsError) -> Fetched {
    try git(["init", "--quiet", "--", folder], in: scratch)
    try git(["remote", "add", "--", "origin", url], in: folder)
    var last = ""
    for name in names {
      let outcome = try ExternalProgram.git.run(
        ["-c", "protocol.version=2", "fetch", "--quiet", "--depth", "1", "origin", name], in: folder)
      if outcome.isSuccess { return try checkedOut(folder) }
      last = outcome.errors
      // Anything but a missing name would fail again.
      guard last.contains("couldn't find remote ref") || last.contains("not our ref") else { break }
    }
    guard let revision, last.contains("couldn't find remote ref") || last.contains("not our ref") else {
      throw failure(last)
    }
    throw DiagnosticsError(
      Diagnostic(
        "unknown-revision", "\(url) has no tag, branch or commit '\(revision)'",
        notes: Self.reason(last).map { ["git: \($0)"] } ?? []))
  }

  /// Names to try: a tag wins over a branch, as in dbt.
  private var names: [String] {
    guard let revision, revision != "HEAD" else { return ["HEAD"] }
    let isCommit = revision.utf8.count == 40 && revision.allSatisfy { $0.isHexDigit }
    return isCommit ? [revision] : ["refs/tags/\(revision)", "refs/heads/\(revision)", revision]
  }

  private func checkedOut(_ folder: String) throws(DiagnosticsError) -> Fetched {
    try git(["checkout", "--quiet", "--detach", "FETCH_HEAD"], in: folder)
    let commit = try git(["rev-parse", "HEAD"], in: folder)
    return Fetched(folder: folder, commit: commit.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  @discardableResult
  private func git(_ arguments: [String], in folder: String) throws(DiagnosticsError) -> String {
    let outcome = try ExternalProgram.git.run(arguments, in: folder)
    guard outcome.isSuccess else { throw failure(outcome.errors) }
    return outcome.output
  }

  private func failure(_ errors: String) -> DiagnosticsError {
    DiagnosticsError(
      Diagnostic(
        "cannot-fetch", "the repository \(url) cannot be fetched: \(Self.reason(errors) ?? "git failed")",
        notes: errors.split(separator: "\n").map { "git: \($0)" }))
  }

  private static func reason(_ errors: String) -> String? {
    errors.split(separator: "\n").first { $0.hasPrefix("fatal:") }.map { String($0.dropFirst(7)) }
  }
}
