import Diagnostics
public import ProjectModel

extension Bridge {
  /// The keys under `config` that the declaration has of its own.
  public static let keys = ["bridge_type", "to", "key", "missing"] + groupKeys + hierarchyKeys
  static let groupKeys = ["group_key", "weight", "valid_from", "valid_to", "role", "as_of"]
  static let hierarchyKeys = ["parent"]

  /// The declaration of a model with `materialized: bridge`.
  public static func decode(_ node: Node) -> Decoded<Bridge> {
    var reader = ConfigReader(node)
    reader.refuseUnknown(known: keys)
    let kind: Kind = reader.word("bridge_type", default: .group)
    for key in kind == .group ? hierarchyKeys : groupKeys where reader.value(key) != nil {
      let other: Kind = kind == .group ? .hierarchy : .group
      reader.report(
        "bad-config-value", "\(key) of \(node.name) is read only with bridge_type: \(other.rawValue)",
        at: key,
        help: "its bridge_type is \(kind.rawValue)")
    }
    let to = reader.text("to").flatMap(Fact.target)
    if to == nil { reader.missing("to", "a bridge leads to a dimension") }
    let key = reader.columns("key")
    if reader.value("key") == nil {
      reader.missing("key", "a bridge needs the column with the natural key of its members")
    }
    var bridge = Bridge(
      node: node.id, name: node.name, kind: kind, to: to ?? Fact.Target(name: ""), key: key ?? [],
      role: reader.text("role"), asOf: reader.text("as_of"),
      missing: reader.word("missing", default: .unknown), group: [], weight: reader.text("weight"),
      validFrom: reader.text("valid_from"), validTo: reader.text("valid_to"),
      span: node.config.origins["materialized"] ?? node.patchSpan)
    switch kind {
    case .group:
      bridge.group = reader.columns("group_key") ?? []
      if reader.value("group_key") == nil {
        reader.missing("group_key", "a bridge needs the column that tells its groups apart")
      }
      if (bridge.validFrom == nil) != (bridge.validTo == nil) {
        reader.report(
          "missing-config-key",
          "\(node.name) says \(bridge.validTo == nil ? "from when its rows hold and not up to when" : "up to when its rows hold and not from when")",
          at: bridge.validTo == nil ? "valid_from" : "valid_to", help: "give both valid_from and valid_to")
      }
      if let both = bridge.group.first(where: bridge.key.contains) {
        reader.report(
          "clashing-column", "'\(both)' of \(node.name) tells groups apart and is the key of a member",
          at: "group_key")
      }
    case .hierarchy:
      bridge.parent = reader.text("parent")
      if reader.value("parent") == nil {
        reader.missing("parent", "a hierarchy needs the column that says what a node stands below")
      }
      if bridge.key.count > 1 {
        reader.report(
          "bad-config-value", "key of \(node.name) names \(bridge.key.count) columns; a hierarchy has one",
          at: "key", help: "put them together in the SQL")
      }
      if let parent = bridge.parent, bridge.key == [parent] {
        reader.report(
          "clashing-column", "'\(parent)' of \(node.name) is the key of a node and of its parent",
          at: "parent")
      }
    }
    return Decoded(bridge, reader.diagnostics)
  }
}
