import Foundation

/// One template with what it must give; `scripts/check-jinja-cases` describes the format.
public struct TemplateCase: Sendable, CustomStringConvertible {
  public let file: String
  public let name: String
  public let template: String
  public let context: String
  public let output: String?
  public let error: String?

  public var description: String { "\(file): \(name)" }

  public static let all: [TemplateCase] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "JinjaTests/Cases")
    let files =
      (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == "txt" }
      .sorted { $0.path < $1.path }
      .flatMap { file in
        (try? String(contentsOf: file, encoding: .utf8)).map { read($0, file.lastPathComponent) } ?? []
      }
  }()

  /// The text without the newlines at its end, which do not count.
  public static func trimmed(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  private static func read(_ text: String, _ file: String) -> [TemplateCase] {
    var cases: [TemplateCase] = []
    var name: String?
    var title = ""
    var parts: [String: [Substring]] = [:]
    func flush() {
      guard let name else { return }
      func part(_ title: String) -> String? {
        guard var lines = parts[title] else { return nil }
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n")
      }
      cases.append(
        TemplateCase(
          file: file, name: name, template: part("") ?? "", context: part("context") ?? "{}",
          output: part("output"), error: part("error")))
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("=== ") {
        flush()
        name = String(line.dropFirst(4))
        title = ""
        parts = ["": []]
      } else if line == "--- context" || line == "--- output" || line == "--- error" {
        title = String(line.dropFirst(4))
        parts[title] = []
      } else {
        parts[title, default: []].append(line)
      }
    }
    flush()
    return cases
  }
}
