import Diagnostics
import Foundation

/// What is fetched over HTTP, by curl: it knows proxies, certificates and retries, and is there on every system.
enum Download {
  /// The answer to a GET.
  struct Answer {
    var status: Int
    var body: Data
  }

  /// - Throws: `cannot-fetch` when nothing answers after five tries; `missing-program` without curl.
  static func get(_ url: String, in scratch: String) throws(DiagnosticsError) -> Answer {
    let file = scratch + "/answer-\(UUID().uuidString)"
    defer { unlink(file) }
    let outcome = try curl(url, to: file, more: ["--write-out", "%{http_code}"], in: scratch)
    guard outcome.isSuccess, let status = Int(outcome.output.suffix(3)) else {
      throw failure(url, outcome.errors)
    }
    return Answer(status: status, body: FileManager.default.contents(atPath: file) ?? Data())
  }

  /// Fetches a file.
  ///
  /// - Throws: `cannot-fetch` also when the server has no such file.
  static func file(_ url: String, to path: String, in scratch: String) throws(DiagnosticsError) {
    guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
      throw failure(url, "only http and https addresses can be fetched")
    }
    let outcome = try curl(url, to: path, more: ["--fail"], in: scratch)
    guard outcome.isSuccess else { throw failure(url, outcome.errors) }
  }

  private static func curl(
    _ url: String, to path: String, more: [String], in scratch: String
  ) throws(DiagnosticsError) -> ExternalProgram.Outcome {
    var file = CurlFile()
    file.set("url", url)
    return try file.run(
      [
        "--show-error", "--location", "--proto", "=http,https", "--proto-redir", "=http,https",
        "--connect-timeout", "30", "--retry", "4", "--retry-delay", "1", "--output", path,
      ] + more, in: scratch)
  }

  private static func failure(_ url: String, _ reason: String) -> DiagnosticsError {
    let reason = reason.split(separator: "\n").last.map(String.init) ?? "no answer"
    return DiagnosticsError(
      Diagnostic(
        "cannot-fetch", "\(url) cannot be fetched: \(reason)",
        help: "nothing was changed; packages that are in place already can be used without a network"))
  }
}
