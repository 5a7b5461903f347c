import Foundation

/// Files of cases and goldens beside the tests.
enum CaseFile {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  static func lines(_ name: String) throws -> [String] {
    let text = try String(contentsOf: folder.appendingPathComponent("Cases/\(name)"), encoding: .utf8)
    return text.split(separator: "\n").map(String.init)
  }

  static func golden(_ name: String) -> URL { folder.appendingPathComponent("Goldens/\(name)") }
}
