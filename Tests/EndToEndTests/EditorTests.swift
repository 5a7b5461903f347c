import Foundation
import TestSupport
import Testing

/// Conversations of an editor with `whc lsp`: each folder below `Editor` has a project, the `script` of what is asked,
/// and in `expected.txt` the answers.
///
/// A `|` in a line of the script is the cursor in the text around it.
@Suite struct EditorTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Editor")

  static var cases: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }

  @Test(arguments: cases) func answers(name: String) async throws {
    let source = Self.folder.appending(path: name)
    let script = try String(contentsOf: source.appending(path: "script"), encoding: .utf8)
    let project = try CaseProject(copying: source)
    let path = project.path
    let answers: Result<String, any Error> = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(returning: Result { try EditorScript(script, in: path).run() })
      }
    }
    let mismatch = Golden.mismatch(
      project.withoutAccidents(try answers.get(), hosts: []), file: source.appending(path: "expected.txt"))
    #expect(mismatch == nil, "\(name): \(mismatch ?? "")")
  }

  /// What no editor sends ends in an error that says so, or in the end of the server, and never in silence.
  @Test func whatIsNoConversation() async throws {
    func framed(_ text: String) -> String { "Content-Length: \(text.utf8.count)\r\n\r\n\(text)" }
    let folder = PrivateCluster.temporaryFolder()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let run = WhcRun(in: folder)

    let early = try await run.run(
      ["lsp"], input: framed(#"{"jsonrpc":"2.0","id":1,"method":"textDocument/hover","params":{}}"#))
    #expect(early.output.contains("-32002"), "\(early)")
    #expect(early.exitCode == 1)

    let noise = try await run.run(["lsp"], input: "hello\r\n\r\n")
    #expect(noise.errors.contains("error[broken-message]"), "\(noise)")
    #expect(noise.exitCode == 2)

    let start = framed(#"{"jsonrpc":"2.0","id":"a","method":"initialize","params":{"capabilities":{}}}"#)
    let rest = [
      "{", #"{"jsonrpc":"2.0","id":2,"method":"textDocument/nothing"}"#,
      #"{"jsonrpc":"2.0","id":3,"method":"textDocument/hover","params":{}}"#,
      #"{"jsonrpc":"2.0","id":4,"method":"shutdown"}"#,
      #"{"jsonrpc":"2.0","id":5,"method":"workspace/symbol","params":{"query":""}}"#,
      #"{"jsonrpc":"2.0","method":"exit"}"#,
    ]
    let outcome = try await run.run(["lsp"], input: start + rest.map(framed).joined())
    for part in [
      #""id":"a""#, "-32700", "there is no method 'textDocument/nothing'", "'textDocument' is missing",
      #""id":4,"jsonrpc":"2.0","result":null"#, "-32600",
    ] {
      #expect(outcome.output.contains(part), "\(part) in \(outcome)")
    }
    #expect(outcome.exitCode == 0)
  }
}

/// The lines of a `script`, asked one by one.
private final class EditorScript {
  private let lines: [String]
  private let client: EditorClient
  private let folder: String
  private var lastSaid: [[String: Any]] = []

  init(_ script: String, in folder: String) throws {
    lines = script.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    client = try EditorClient(in: folder)
    self.folder = folder
  }

  func run() throws -> String {
    var result: [String] = []
    for line in lines {
      guard !line.isEmpty, !line.hasPrefix("#") else {
        result.append(line)
        continue
      }
      result.append("> " + line)
      result += try answer(line).split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
    }
    let code = try client.end()
    return result.joined(separator: "\n") + "exit \(code)\n"
  }

  private func answer(_ line: String) throws -> String {
    let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    let (verb, file, rest) = (words[0], words.count > 1 ? words[1] : "", words.count > 2 ? words[2] : "")
    if verb != "symbols" { try client.open(file) }
    switch verb {
    case "at":
      let place = try place(file, rest)
      let hover = try client.request("textDocument/hover", place) as? [String: Any]
      let text = (hover?["contents"] as? [String: Any])?["value"] as? String
      let range = (hover?["range"] as? [String: Any]).map { " " + shown($0) } ?? ""
      let targets = locations(try client.request("textDocument/definition", place))
      return ([(text.map { $0 + range } ?? "nothing")] + targets.map { "-> " + $0 }).joined(separator: "\n")
    case "references":
      var parameters = try place(file, rest)
      parameters["context"] = ["includeDeclaration": true]
      return locations(try client.request("textDocument/references", parameters)).joined(separator: "\n")
    case "complete":
      let list = try client.request("textDocument/completion", try place(file, rest)) as? [String: Any]
      let items = (list?["items"] as? [[String: Any]] ?? []).sorted {
        ($0["sortText"] as? String ?? "") < ($1["sortText"] as? String ?? "")
      }
      let edit = items.first?["textEdit"] as? [String: Any]
      return
        ([(edit?["range"] as? [String: Any]).map(shown) ?? "nothing"]
        + items.map { "\($0["label"] ?? "") \($0["detail"] ?? "")" }).joined(separator: "\n")
    case "signature":
      let help = try client.request("textDocument/signatureHelp", try place(file, rest)) as? [String: Any]
      let first = (help?["signatures"] as? [[String: Any]])?.first
      return "\(first?["label"] ?? "nothing"), argument \(help?["activeParameter"] ?? "")"
    case "outline":
      let symbols = try client.request(
        "textDocument/documentSymbol", ["textDocument": ["uri": client.uri(file)]])
      return (symbols as? [[String: Any]] ?? []).map {
        "\($0["name"] ?? "") \($0["detail"] ?? "") \(shown($0["range"] as? [String: Any] ?? [:]))"
      }.joined(separator: "\n")
    case "symbols":
      let symbols = try client.request("workspace/symbol", ["query": file]) as? [[String: Any]] ?? []
      return symbols.map { "\($0["name"] ?? "") " + locations([$0["location"] ?? 0]).joined() }
        .joined(separator: "\n")
    case "compiled":
      let sql = try client.request(
        "workspace/executeCommand", ["command": "whc.compiledSQL", "arguments": [client.uri(file)]])
      return sql as? String ?? "nothing"
    case "type":
      let parts = rest.components(separatedBy: " => ")
      try client.replace(parts[0], with: parts[1], in: file)
      lastSaid = try client.diagnostics(of: file)
      return lastSaid.isEmpty
        ? "nothing wrong"
        : lastSaid.map {
          "\(shown($0["range"] as? [String: Any] ?? [:])) \($0["code"] ?? ""): \($0["message"] ?? "")"
        }.joined(separator: "\n")
    case "fix":
      let actions = try client.request(
        "textDocument/codeAction",
        [
          "textDocument": ["uri": client.uri(file)], "range": lastSaid[0]["range"] ?? 0,
          "context": ["diagnostics": lastSaid],
        ])
      return (actions as? [[String: Any]] ?? []).map { action in
        let changes = (action["edit"] as? [String: Any])?["changes"] as? [String: [[String: Any]]] ?? [:]
        let edits = changes.values.flatMap(\.self).map {
          "\(shown($0["range"] as? [String: Any] ?? [:])) \($0["newText"] ?? "")"
        }
        return "\(action["title"] ?? "") " + edits.joined(separator: ", ")
      }.joined(separator: "\n")
    default: return "there is no verb '\(verb)'"
    }
  }

  private func place(_ file: String, _ mark: String) throws -> [String: Any] {
    let text = client.texts[file]?.text ?? ""
    let parts = mark.components(separatedBy: "|")
    guard parts.count == 2, let range = text.range(of: parts.joined()) else {
      Issue.record("\(file) does not have '\(mark)'")
      throw EditorClient.Gone()
    }
    let cursor = text.index(range.lowerBound, offsetBy: parts[0].count)
    return ["textDocument": ["uri": client.uri(file)], "position": client.position(cursor, in: text)]
  }

  private func locations(_ answer: Any) -> [String] {
    (answer as? [[String: Any]] ?? []).map { location in
      let file = (location["uri"] as? String ?? "").replacing(client.uri(""), with: "")
      return file + " " + shown(location["range"] as? [String: Any] ?? [:])
    }
  }

  /// 1-based, as people count: `3:5-3:9`.
  private func shown(_ range: [String: Any]) -> String {
    ["start", "end"].map { key in
      let place = range[key] as? [String: Int] ?? [:]
      return "\((place["line"] ?? 0) + 1):\((place["character"] ?? 0) + 1)"
    }.joined(separator: "-")
  }
}
