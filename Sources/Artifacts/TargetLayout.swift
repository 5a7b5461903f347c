public import ProjectModel

/// Where files lie below the target folder, as dbt lays them out.
public struct TargetLayout: Sendable {
  /// The target folder as it is written into artifacts: `target`.
  public var folder: String

  public init(folder: String = "target") { self.folder = folder }

  /// `target/compiled/shop/models/staging/stg_orders.sql`
  public func compiledPath(of node: Node) -> String { path(of: node, in: "compiled") }

  /// `target/run/shop/models/staging/stg_orders.sql`
  public func runPath(of node: Node) -> String { path(of: node, in: "run") }

  /// A node that shares its file with others, as a test in a YAML file does, lies in a folder of that
  /// file's name.
  private func path(of node: Node, in kind: String) -> String {
    let isAlone = node.path.lastComponent == node.originalFilePath.lastComponent
    // A test that a model's own file declares cannot lie in a folder of the file's name.
    let owner =
      node.isGenericTest && node.originalFilePath.hasSuffix(".sql")
      ? String(node.originalFilePath.dropLast(4)) : node.originalFilePath
    let file = isAlone ? node.originalFilePath : "\(owner)/\(node.path)"
    return "\(folder)/\(kind)/\(node.packageName)/\(file)"
  }
}

extension String {
  fileprivate var lastComponent: Substring {
    self[(utf8.lastIndex(of: UInt8(ascii: "/")).map { utf8.index(after: $0) } ?? startIndex)...]
  }
}
