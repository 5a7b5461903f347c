public import Diagnostics
public import ProjectModel

/// A model with `materialized: mini_dimension`: the combinations that some quickly changing columns of a dimension
/// take, each with a key. Kimball's types 4 and 5.
///
/// The dimension names it, and says which columns it takes: those leave the dimension. Beside its table stands a history,
/// which says what combination each member had from when to when.
public struct MiniDimension: Sendable, Hashable {
  /// What the dimension says of it.
  public struct Split: Sendable, Hashable {
    public var to: Fact.Target
    public var columns: [String]
    /// The column of the dimension with the key of the present combination: type 5. nil for type 4.
    public var currentKey: CurrentKey?
  }

  public enum CurrentKey: Sendable, Hashable {
    /// `current_<surrogate key>`
    case standard
    case named(String)

    public func name(_ surrogateKey: String) -> String {
      switch self {
      case .standard: "current_" + surrogateKey
      case .named(let name): name
      }
    }
  }

  public var node: NodeID
  public var name: String
  public var surrogateKey: SurrogateKey
  public var members: [DimensionMember]
  public var span: SourceSpan?

  /// The keys under `config` that the declaration has of its own.
  public static let keys = ["surrogate_key", "members"]

  /// The declaration of a model with `materialized: mini_dimension`.
  public static func decode(_ node: Node) -> Decoded<MiniDimension> {
    var reader = ConfigReader(node)
    reader.refuseUnknown(known: keys)
    for key in ["natural_key", "effective_at", "scd_type", "input", "columns"] where reader.value(key) != nil
    {
      reader.report(
        "bad-config-value", "\(key) of \(node.name) is its dimension's to say", at: key,
        help: "a mini-dimension has a surrogate_key and members of its own, and nothing else")
    }
    let mini = MiniDimension(
      node: node.id, name: node.name, surrogateKey: SurrogateKey.read(&reader),
      members: reader.members(withValues: true),
      span: node.config.origins["materialized"] ?? node.patchSpan)
    return Decoded(mini, reader.diagnostics)
  }

  /// What is said of a mini-dimension that no dimension names.
  public func withoutBase(at span: SourceSpan?) -> Diagnostic {
    Diagnostic(
      "mini-dimension-without-base", "no dimension says that \(name) is split from it", at: span,
      help: "add 'mini_dimensions: [{to: \(name), columns: […]}]' to the config of its dimension")
  }
}

extension MiniDimension.Split {
  static let keys = ["to", "columns", "current_key"]

  /// `mini_dimensions: [{to: dim_customer_profile, columns: [age_band, income_band], current_key: true}, …]`
  static func read(_ reader: inout ConfigReader) -> [Self] {
    guard let value = reader.value("mini_dimensions") else { return [] }
    guard let items = value.list else {
      reader.bad("mini_dimensions", value, at: "mini_dimensions", expected: "a list of {to:, columns:}")
      return []
    }
    return items.compactMap { one($0, &reader) }
  }

  private static func one(_ item: PlainValue, _ reader: inout ConfigReader) -> Self? {
    guard let mapping = item.mapping, let to = mapping["to"]?.string.flatMap(Fact.target) else {
      reader.bad(
        "an entry of mini_dimensions", item, at: "mini_dimensions",
        expected: "a mapping with 'to: dim_x' and 'columns: [a, b]'")
      return nil
    }
    let edge = "the mini-dimension \(to.name)"
    let place = "\(edge) of \(reader.node.name)"
    reader.refuseUnknown(mapping, known: keys, in: place, at: "mini_dimensions")
    guard let value = mapping["columns"] else {
      reader.report(
        "missing-config-key", "\(place) has no columns: nothing says what it is split from",
        at: "mini_dimensions", help: "add 'columns: [column, …]'")
      return nil
    }
    guard let columns = reader.columns(value, key: "columns of \(edge)", at: "mini_dimensions") else {
      return nil
    }
    var current: MiniDimension.CurrentKey?
    switch mapping["current_key"] {
    case nil, .null?, .bool(false)?: break
    case .bool(true)?: current = .standard
    case .string(let name)? where !name.isEmpty: current = .named(name)
    case let other?:
      reader.bad("current_key of \(edge)", other, at: "mini_dimensions", expected: "true or a name")
    }
    return Self(to: to, columns: columns, currentKey: current)
  }
}
