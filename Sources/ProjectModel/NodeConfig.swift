public import Diagnostics
public import OrderedCollections

/// The merged `config` of one node: every key that `dbt_project.yml`, properties and the template's
/// own `config()` set, by dbt's rules of precedence, defaults filled in.
///
/// Keys that only packages or users know stay in it. `origins` says where a key's winning value
/// was written, for messages.
public struct NodeConfig: Sendable {
  public var values: OrderedDictionary<String, PlainValue>
  public var origins: [String: SourceSpan]

  public init(values: OrderedDictionary<String, PlainValue> = [:], origins: [String: SourceSpan] = [:]) {
    self.values = values
    self.origins = origins
  }

  public subscript(key: String) -> PlainValue? {
    get { values[key] }
    set { values[key] = newValue }
  }

  public var enabled: Bool { values["enabled"]?.bool ?? true }
  public var materialized: String { values["materialized"]?.string ?? "view" }
  public var tags: [String] { values["tags"]?.strings ?? [] }
  public var fullRefresh: Bool? { values["full_refresh"]?.bool }
  /// Empty for an empty text, too, as in dbt.
  public var uniqueKey: [String] { (values["unique_key"]?.strings ?? []).filter { !$0.isEmpty } }
}
