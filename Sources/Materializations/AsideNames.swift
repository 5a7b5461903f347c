public import Diagnostics
public import ProjectModel
public import Warehouse

/// Names of the relations that stand beside a node's own while it is built: dbt's suffixes, so that what a
/// killed run left behind is found whichever tool was killed.
struct AsideNames {
  /// Built here, then renamed.
  static let temporary = "__dbt_tmp"
  /// The old relation between its renaming and its drop.
  static let backup = "__dbt_backup"

  /// `relation` with `suffix`; a name that would pass the server's limit is shortened and carries a hash of
  /// the whole, so that two long names never meet.
  static func name(of relation: RelationName, _ suffix: String, dialect: Dialect) -> RelationName {
    let whole = relation.identifier + suffix
    guard whole.utf8.count > dialect.maximumIdentifierLength else { return relation.renamed(whole) }
    let mark = "_" + MD5.hexadecimal(relation.identifier).prefix(8)
    let room = dialect.maximumIdentifierLength - mark.utf8.count - suffix.utf8.count
    return relation.renamed(prefix(of: relation.identifier, bytes: room) + mark + suffix)
  }

  /// The longest beginning of `text` that fits, never ending inside a character.
  private static func prefix(of text: String, bytes: Int) -> String {
    var used = 0
    var end = text.unicodeScalars.startIndex
    for scalar in text.unicodeScalars {
      used += UTF8.width(scalar)
      if used > bytes { break }
      end = text.unicodeScalars.index(after: end)
    }
    return String(text[..<end])
  }
}

extension Dialect {
  /// An error for a name that the server would cut.
  public func checkLength(of identifier: String, node: Node) -> Diagnostic? {
    let length = identifier.utf8.count
    guard length > maximumIdentifierLength else { return nil }
    return Diagnostic(
      "name-too-long",
      "the name '\(identifier)' has \(length) bytes; the server keeps \(maximumIdentifierLength)",
      at: node.config.origins["alias"] ?? node.startSpan,
      help: "give \(node.resourceType.rawValue) '\(node.name)' a shorter 'alias' in its config")
  }
}
