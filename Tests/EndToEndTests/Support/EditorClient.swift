import Foundation

/// An editor without a screen: speaks the Language Server Protocol with a `whc lsp` that it starts.
///
/// It waits where it asks, so it belongs on a thread of its own.
final class EditorClient {
  struct Gone: Error {}

  private let process = Process()
  private let input: FileHandle
  private let output: FileHandle
  private var unread = Data()
  private var lastID = 0
  /// What was said of each file last, and of which version of it.
  private var published: [String: (version: Int?, diagnostics: [[String: Any]])] = [:]
  private let folder: String
  /// The texts of open files, and their versions.
  private(set) var texts: [String: (text: String, version: Int)] = [:]

  init(in folder: String) throws {
    self.folder = folder
    let (toServer, fromServer) = (Pipe(), Pipe())
    process.executableURL = try WhcRun.executable()
    process.arguments = ["lsp"]
    process.currentDirectoryURL = URL(filePath: folder)
    process.environment = ["PATH": "/usr/bin:/bin", "HOME": folder]
    process.standardInput = toServer
    process.standardOutput = fromServer
    process.standardError = FileHandle.nullDevice
    input = toServer.fileHandleForWriting
    output = fromServer.fileHandleForReading
    try process.run()
    _ = try request("initialize", ["rootUri": URL(filePath: folder).absoluteString, "capabilities": [:]])
    try notify("initialized", [:])
  }

  /// - Returns: the exit code.
  func end() throws -> Int32 {
    _ = try request("shutdown", [:])
    try notify("exit", [:])
    process.waitUntilExit()
    return process.terminationStatus
  }

  func uri(_ file: String) -> String { URL(filePath: folder + "/" + file).absoluteString }

  /// An answer's `result`, or its `error`.
  func request(_ method: String, _ parameters: [String: Any]) throws -> Any {
    lastID += 1
    try send(["id": lastID, "method": method, "params": parameters])
    while true {
      let message = try receive()
      if message["id"] as? Int == lastID, message["method"] == nil {
        return message["result"] ?? message["error"] ?? NSNull()
      }
    }
  }

  func notify(_ method: String, _ parameters: [String: Any]) throws {
    try send(["method": method, "params": parameters])
  }

  func open(_ file: String) throws {
    guard texts[file] == nil else { return }
    let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
    texts[file] = (text, 1)
    try notify(
      "textDocument/didOpen",
      ["textDocument": ["uri": uri(file), "languageId": "sql", "version": 1, "text": text]])
  }

  /// Puts other text in the place of the first `old`.
  func replace(_ old: String, with new: String, in file: String) throws {
    try open(file)
    guard let (text, version) = texts[file], let range = text.range(of: old) else { throw Gone() }
    texts[file] = (text.replacingCharacters(in: range, with: new), version + 1)
    try notify(
      "textDocument/didChange",
      [
        "textDocument": ["uri": uri(file), "version": version + 1],
        "contentChanges": [
          [
            "range": [
              "start": position(range.lowerBound, in: text), "end": position(range.upperBound, in: text),
            ], "text": new,
          ]
        ],
      ])
  }

  /// Waits for what is said of a file as it is now.
  func diagnostics(of file: String) throws -> [[String: Any]] {
    let version = texts[file]?.version
    while published[uri(file)]?.version != version { _ = try receive() }
    return published[uri(file)]?.diagnostics ?? []
  }

  /// Lines and UTF-16 units, both from 0.
  func position(_ index: String.Index, in text: String) -> [String: Any] {
    let lines = text[..<index].split(separator: "\n", omittingEmptySubsequences: false)
    return ["line": lines.count - 1, "character": lines.last?.utf16.count ?? 0]
  }

  private func send(_ message: [String: Any]) throws {
    let body = try JSONSerialization.data(withJSONObject: message.merging(["jsonrpc": "2.0"]) { $1 })
    try input.write(contentsOf: Data("Content-Length: \(body.count)\r\n\r\n".utf8) + body)
  }

  private func receive() throws -> [String: Any] {
    while true {
      if let header = unread.range(of: Data("\r\n\r\n".utf8)) {
        let text = String(decoding: unread[..<header.lowerBound], as: UTF8.self)
        guard let length = Int(text.dropFirst("Content-Length: ".count)) else { throw Gone() }
        if unread.count - (header.upperBound - unread.startIndex) >= length {
          let body = unread[header.upperBound..<header.upperBound + length]
          unread = Data(unread[(header.upperBound + length)...])
          let message = try JSONSerialization.jsonObject(with: body) as? [String: Any] ?? [:]
          note(message)
          return message
        }
      }
      let more = output.availableData
      guard !more.isEmpty else { throw Gone() }
      unread += more
    }
  }

  private func note(_ message: [String: Any]) {
    guard message["method"] as? String == "textDocument/publishDiagnostics",
      let said = message["params"] as? [String: Any], let uri = said["uri"] as? String
    else { return }
    published[uri] = (said["version"] as? Int, said["diagnostics"] as? [[String: Any]] ?? [])
  }
}
