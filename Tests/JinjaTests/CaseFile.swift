import Foundation

/// One template with what it must give; `scripts/check-jinja-cases` describes the format.
struct TemplateCase: Sendable, CustomStringConvertible {
  let file: String
  let name: String
  let template: String
  let context: String
  let output: String?
  let error: String?

  var description: String { "\(file): \(name)" }

  static let all: [TemplateCase] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Cases")
    let files =
      (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == "txt" }
      .sorted { $0.path < $1.path }
      .flatMap { file in
        (try? String(contentsOf: file, encoding: .utf8)).map { read($0, file.lastPathComponent) } ?? []
      }
  }()

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
