public import Foundation

/// A folder of files that a test writes and that goes away with it.
///
/// ```swift
/// let folder = try ProjectFolder("""
///   == dbt_project.yml
///   name: shop
///   == models/a.sql
///   select 1
///   """)
/// ```
public final class ProjectFolder: Sendable {
  public let url: URL
  public var path: String { url.path }

  /// - Parameter text: Files one after the other, each below a line `== <path>`.
  public init(_ text: String) throws {
    url = URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath()
      .appendingPathComponent("whc-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    var current: (path: String, lines: [Substring])?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("== ") {
        if let current { try write(current.lines.joined(separator: "\n"), to: current.path) }
        current = (String(line.dropFirst(3)), [])
      } else {
        current?.lines.append(line)
      }
    }
    if let current { try write(current.lines.joined(separator: "\n"), to: current.path) }
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  public func write(_ text: String, to path: String) throws {
    let file = url.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
}
