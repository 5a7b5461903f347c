public import OrderedCollections

/// The key that facts carry for a row of a dimension.
public struct SurrogateKey: Sendable, Hashable {
  public enum Method: String, Sendable, Hashable, CaseIterable {
    /// `bigint`, counted up, never given twice.
    case integer
    /// md5 of the natural key and `valid_from`, as dbt_utils' `generate_surrogate_key` writes it.
    case hash
  }

  public var name: String
  public var method: Method

  public init(name: String, method: Method = .integer) {
    self.name = name
    self.method = method
  }

  /// `customer_key` goes with `customer_durable_key`.
  var durableName: String {
    name.hasSuffix("_key") && name.count > 4 ? name.dropLast(4) + "_durable_key" : name + "_durable"
  }

  /// `dim_customer` has `customer_key`.
  public static func defaultName(model: String) -> String {
    let stem = model.hasPrefix("dim_") && model.count > 4 ? String(model.dropFirst(4)) : model
    return stem + "_key"
  }
}

extension SurrogateKey {
  /// `surrogate_key: name`, or `{name:, method:}`.
  static func read(_ reader: inout ConfigReader) -> SurrogateKey {
    let fallback = SurrogateKey(name: SurrogateKey.defaultName(model: reader.node.name))
    guard let value = reader.value("surrogate_key") else { return fallback }
    if let name = value.string, !name.isEmpty { return SurrogateKey(name: name) }
    guard let mapping = value.mapping else {
      reader.bad("surrogate_key", value, at: "surrogate_key", expected: "a name or {name:, method:}")
      return fallback
    }
    reader.refuseUnknown(
      mapping, known: ["name", "method"], in: "surrogate_key of \(reader.node.name)", at: "surrogate_key")
    let method = mapping["method"].flatMap {
      reader.word($0, key: "surrogate_key.method", at: "surrogate_key", of: SurrogateKey.Method.self)
    }
    return SurrogateKey(name: mapping["name"]?.string ?? fallback.name, method: method ?? .integer)
  }
}

/// A row that stands for "no such row": what a fact's key points to when there is nothing to point to.
public struct DimensionMember: Sendable, Hashable {
  /// `unknown`, `not_applicable` or a name of the user's.
  public var name: String
  /// The surrogate key; also the natural key, in the natural key's type.
  public var key: Int
  /// What text attributes say.
  public var label: String
  /// What other columns say, as text that their types read; nil for NULL.
  public var values: OrderedDictionary<String, String?>

  public init(
    name: String, key: Int, label: String? = nil, values: OrderedDictionary<String, String?> = [:]
  ) {
    self.values = values
    self.name = name
    self.key = key
    self.label = label ?? Self.label(of: name)
  }

  public static let unknown = "unknown"
  public static let notApplicable = "not_applicable"
  public static let defaults = [
    DimensionMember(name: unknown, key: -1), DimensionMember(name: notApplicable, key: -2),
  ]

  /// `not_applicable` reads `Not applicable`.
  static func label(of name: String) -> String {
    let words = name.replacing("_", with: " ")
    return words.prefix(1).uppercased() + words.dropFirst()
  }
}
