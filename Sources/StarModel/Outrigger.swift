import OrderedCollections
import ProjectModel

/// A key to another dimension in a dimension's own rows: Kimball's outrigger.
public struct Outrigger: Sendable, Hashable {
  /// Which version of the other dimension a row leads to.
  public enum At: String, Sendable, Hashable, CaseIterable {
    /// The one that held when the row's version began.
    case validFrom = "valid_from"
    /// The newest one.
    case current
  }

  /// What a key that finds no row gets.
  public enum Missing: String, Sendable, Hashable, CaseIterable {
    case unknown
    case notApplicable = "not_applicable"
    case error
  }

  public var to: Fact.Target
  public var role: String?
  /// The columns of the SQL with the other dimension's natural key; nil: that dimension's own names.
  public var key: [String]?
  /// nil: ``At/validFrom`` where the dimension has versions.
  public var at: At?
  public var missing: Missing

  /// `<role>_<surrogate key>`, without a role the surrogate key's own name.
  public func foreignKey(_ surrogateKey: String) -> String {
    role.map { "\($0)_\(surrogateKey)" } ?? surrogateKey
  }

  static let keys = ["to", "key", "role", "at", "missing"]

  /// `outriggers: [{to: dim_date, key: first_order_at, role: first_order}, …]`
  static func read(_ reader: inout ConfigReader) -> [Outrigger] {
    guard let value = reader.value("outriggers") else { return [] }
    guard let items = value.list else {
      reader.bad("outriggers", value, at: "outriggers", expected: "a list of {to:, key:, …}")
      return []
    }
    return items.compactMap { one($0, &reader) }
  }

  private static func one(_ item: PlainValue, _ reader: inout ConfigReader) -> Outrigger? {
    guard let mapping = item.mapping, let to = mapping["to"]?.string.flatMap(Fact.target) else {
      reader.bad("an entry of outriggers", item, at: "outriggers", expected: "a mapping with 'to: dim_x'")
      return nil
    }
    let edge = "the outrigger to \(to.name)"
    reader.refuseUnknown(mapping, known: keys, in: "\(edge) of \(reader.node.name)", at: "outriggers")
    let role = mapping["role"]
    if let role, role.string == nil {
      reader.bad("role of \(edge)", role, at: "outriggers", expected: "a name")
    }
    return Outrigger(
      to: to, role: role?.string,
      key: mapping["key"].flatMap { reader.columns($0, key: "key of \(edge)", at: "outriggers") },
      at: mapping["at"].flatMap { reader.word($0, key: "at of \(edge)", at: "outriggers", of: At.self) },
      missing: mapping["missing"].flatMap {
        reader.word($0, key: "missing of \(edge)", at: "outriggers", of: Missing.self)
      } ?? .unknown)
  }
}
