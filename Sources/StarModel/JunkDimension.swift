public import Diagnostics
import OrderedCollections
public import ProjectModel

/// A model with `materialized: junk_dimension`: one row for each combination of flags that was ever seen.
public struct JunkDimension: Sendable, Hashable {
  public var node: NodeID
  public var name: String
  /// The columns, which together tell rows apart; NULL is a value like others.
  public var flags: [String]
  public var surrogateKey: String
  public var members: [DimensionMember]
  public var span: SourceSpan?

  /// The keys under `config` that the declaration has of its own.
  public static let keys = ["flags", "surrogate_key", "members"]

  /// The declaration of a model with `materialized: junk_dimension`.
  public static func decode(_ node: Node) -> Decoded<JunkDimension> {
    var reader = ConfigReader(node)
    reader.refuseUnknown(known: keys)
    let flags = reader.columns("flags")
    if reader.value("flags") == nil {
      reader.missing("flags", "a junk dimension is made of the columns that it lists")
    }
    let dimension = JunkDimension(
      node: node.id, name: node.name, flags: flags ?? [],
      surrogateKey: reader.text("surrogate_key") ?? SurrogateKey.defaultName(model: node.name),
      members: reader.members(), span: node.config.origins["materialized"] ?? node.patchSpan)
    if dimension.flags.contains(dimension.surrogateKey) {
      reader.report(
        "clashing-column", "'\(dimension.surrogateKey)' of \(node.name) is a flag and its surrogate key",
        at: "flags", help: "name the key with 'surrogate_key:'")
    }
    for member in dimension.members where member.key > 0 {
      reader.report(
        "bad-config-value",
        "member \(member.name) of \(node.name) has key \(member.key), which a combination could get",
        at: "members", help: "members of a junk dimension have keys below zero")
    }
    return Decoded(dimension, reader.diagnostics)
  }
}
