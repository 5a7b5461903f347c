/// Names of column types as `format_type` writes them, by (type, modifier), for one connection.
///
/// The types that PostgreSQL has always had under fixed numbers are known without asking; what a database
/// or an extension adds is learned. A connection does not outlive a type's renaming by much, so nothing is
/// forgotten.
struct TypeNameCache {
  struct Key: Hashable {
    var oid: UInt32
    var modifier: Int32
  }

  private var learned: [Key: String] = [:]

  /// The name, or a mark that ``mark(_:)`` reads when it must be asked for.
  subscript(key: Key) -> String {
    BuiltinTypes.name(key.oid, key.modifier) ?? learned[key] ?? "\0\(key.oid),\(key.modifier)"
  }

  /// The key of a name that is not known yet; nil for a real name, which never begins with a NUL byte.
  static func mark(_ name: String) -> Key? {
    guard name.utf8.first == 0 else { return nil }
    let parts = name.dropFirst().split(separator: ",")
    guard parts.count == 2, let oid = UInt32(parts[0]), let modifier = Int32(parts[1]) else { return nil }
    return Key(oid: oid, modifier: modifier)
  }

  mutating func learn(_ key: Key, _ name: String) { learned[key] = name }

  /// Until the answer is there the name is `???`, so that a failing question is not asked for ever.
  mutating func beginAsking(_ key: Key) { learned[key] = "???" }
}
