import Diagnostics
import Foundation

/// Options for curl in a file that its owner alone can read: addresses, headers and bodies may hold secrets, which the list
/// of processes would show as arguments.
struct CurlFile {
  struct Answer {
    var status: Int
    var body: Data
  }

  private var lines: [String] = []

  mutating func set(_ option: String, _ value: String? = nil) {
    guard let value else { return lines.append(option) }
    let quoted = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "")
    lines.append("\(option) = \"\(quoted)\"")
  }

  /// What follows belongs to another request over the same connection.
  mutating func next() { lines.append("next") }

  /// Bytes to send, which stand in a file of the folder until it goes.
  mutating func setBody(_ bytes: some DataProtocol, in folder: String) throws(DiagnosticsError) {
    let path = folder + "/body-\(lines.count)"
    try Self.write(Data(bytes), to: path)
    set("data-binary", "@" + path)
  }

  /// Whatever the environment says of proxies, none leads to this machine or its metadata.
  mutating func avoidProxies(for host: String?) {
    let near = ["localhost", "127.0.0.1", "::1", "169.254.169.254", "169.254.170.2", "169.254.170.23"]
    if let host, near.contains(host) || host.hasPrefix("fd00:ec2:") { set("noproxy", "*") }
  }

  /// Runs curl with these options.
  ///
  /// - Throws: `missing-program` without curl, `io-error` when the file cannot be written.
  func run(
    by program: ExternalProgram = .curl, _ arguments: [String] = [], in folder: String
  ) throws(DiagnosticsError) -> ExternalProgram.Outcome {
    let path = folder + "/curl-\(UUID().uuidString)"
    defer { unlink(path) }
    try Self.write(Data((lines.joined(separator: "\n") + "\n").utf8), to: path)
    return try program.run(arguments + ["--silent", "--config", path], in: folder)
  }

  /// Sends one request and reads its answer.
  ///
  /// - Throws: `cannot-fetch` when none comes.
  func fetch(by program: ExternalProgram, in folder: String) throws(DiagnosticsError) -> Answer {
    let path = folder + "/answer-\(UUID().uuidString)"
    defer { unlink(path) }
    let outcome = try run(by: program, ["--output", path, "--write-out", "%{http_code}"], in: folder)
    guard outcome.isSuccess, let status = Int(outcome.output.suffix(3)) else {
      let reason = outcome.errors.split(separator: "\n").last.map(String.init)
      throw DiagnosticsError(
        Diagnostic("cannot-fetch", reason ?? "curl ends with \(outcome.code)"))
    }
    return Answer(status: status, body: FileManager.default.contents(atPath: path) ?? Data())
  }

  /// Does something with options and a folder of one's own, which is gone afterwards.
  static func inScratch<Result>(
    _ body: (inout CurlFile, _ folder: String) throws(DiagnosticsError) -> Result
  ) throws(DiagnosticsError) -> Result {
    let folder = NSTemporaryDirectory() + "/whc-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw DiagnosticsError(Diagnostic("io-error", error.localizedDescription))
    }
    var file = CurlFile()
    return try body(&file, folder)
  }

  private static func write(_ data: Data, to path: String) throws(DiagnosticsError) {
    guard
      FileManager.default.createFile(
        atPath: path, contents: data, attributes: [.posixPermissions: 0o600])
    else { throw DiagnosticsError(Diagnostic("io-error", "\(path) cannot be written")) }
  }
}
