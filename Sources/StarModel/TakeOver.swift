public import OrderedCollections
import ProjectModel

/// `take_over:` of a dimension: an older table with a history, a snapshot of dbt's or one written by hand, that the
/// dimension begins with.
public struct TakeOver: Sendable, Hashable {
  public enum Origin: Sendable, Hashable {
    /// `ref('customers_snapshot')`
    case model(package: String?, name: String)
    /// `source('crm', 'customer_history')`
    case source(source: String, table: String)
    /// `legacy.dim_customer`, or a name in the dimension's own schema.
    case relation(schema: String?, name: String)
  }

  /// What becomes of a stretch of time that no version of a member covers.
  public enum Gaps: String, Sendable, Hashable, CaseIterable {
    case error
    /// The member was deleted then.
    case keep
    /// The version before it held on.
    case close
  }
  public enum Overlaps: String, Sendable, Hashable, CaseIterable {
    case error
    /// A version ends where the next one begins.
    case cut
  }
  public enum Strays: String, Sendable, Hashable, CaseIterable { case error, drop }

  public var from: Origin
  /// The older table's names: of the dimension's columns, and of ``roles``.
  public var columns: OrderedDictionary<String, String> = [:]
  /// What the older table has in place of the end of a version that still holds, as text; NULL, `infinity` and the
  /// year 9999 always mean that.
  public var openEnd: String?
  /// The zone of its times, where it keeps them without one and the dimension with one, or the other way round.
  public var timeZone: String?
  /// nil: an error, but for a snapshot, which leaves gaps where rows were deleted.
  public var gaps: Gaps?
  public var overlaps = Overlaps.error
  /// Rows that are repeated.
  public var duplicates = Strays.error
  /// Rows without a natural key or a beginning.
  public var nulls = Strays.error
  /// Rows that end before they begin, or then.
  public var emptyIntervals = Strays.error

  /// What a column of the older table can be besides a column of the dimension.
  public static let roles = ["valid_from", "valid_to", "is_deleted", "surrogate_key", "durable_key"]

  static let keys = [
    "from", "columns", "valid_to_current", "time_zone", "gaps", "overlaps", "duplicates", "nulls",
    "empty_intervals",
  ]

  /// `take_over: ref('customers_snapshot')`, or a mapping with `from:`.
  static func read(_ reader: inout ConfigReader) -> TakeOver? {
    guard let value = reader.value("take_over") else { return nil }
    let mapping = value.mapping ?? ["from": value]
    guard let from = mapping["from"]?.string.flatMap(origin) else {
      reader.bad(
        "take_over", mapping["from"] ?? value, at: "take_over",
        expected: "ref('…'), source('…', '…'), a table's name, or a mapping with one as 'from:'")
      return nil
    }
    reader.refuseUnknown(mapping, known: keys, in: "take_over of \(reader.node.name)", at: "take_over")
    var taken = TakeOver(from: from)
    if let columns = mapping["columns"] {
      if let names = columns.mapping, names.values.allSatisfy({ $0.string?.isEmpty == false }) {
        for (name, old) in names { taken.columns[name] = old.string }
      } else {
        reader.bad(
          "take_over.columns", columns, at: "take_over",
          expected: "a mapping of columns to the names that they have there")
      }
    }
    taken.openEnd = reader.name(in: mapping, "valid_to_current", of: "take_over")
    taken.timeZone = reader.name(in: mapping, "time_zone", of: "take_over")
    func word<Word: RawRepresentable & CaseIterable>(
      _ key: String, _ reader: inout ConfigReader, of type: Word.Type
    ) -> Word? where Word.RawValue == String {
      mapping[key].flatMap { reader.word($0, key: "take_over.\(key)", at: "take_over", of: type) }
    }
    taken.gaps = word("gaps", &reader, of: Gaps.self)
    taken.overlaps = word("overlaps", &reader, of: Overlaps.self) ?? .error
    taken.duplicates = word("duplicates", &reader, of: Strays.self) ?? .error
    taken.nulls = word("nulls", &reader, of: Strays.self) ?? .error
    taken.emptyIntervals = word("empty_intervals", &reader, of: Strays.self) ?? .error
    return taken
  }

  /// What can be taken over only by a dimension of a certain kind.
  func check(_ dimension: Dimension, _ reader: inout ConfigReader) {
    if !dimension.isVersioned {
      reader.report(
        "bad-config-value", "\(dimension.name) takes a history over and keeps no versions", at: "take_over",
        help: "give an attribute 'scd_type: 2'")
    }
  }

  private static func origin(_ text: String) -> Origin? {
    if text.hasPrefix("source") {
      let names = arguments(text, of: "source")
      return names?.count == 2 ? names.map { .source(source: $0[0], table: $0[1]) } : nil
    }
    if text.hasPrefix("ref(") || text.hasPrefix("ref (") {
      return Fact.target(text).map { .model(package: $0.package, name: $0.name) }
    }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, !parts.contains("") else { return nil }
    return .relation(schema: parts.count == 2 ? parts[0] : nil, name: parts[parts.count - 1])
  }

  /// `source('a', "b")` has the arguments a and b.
  private static func arguments(_ text: String, of function: String) -> [String]? {
    guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else { return nil }
    let names = text[text.index(after: open)...].dropLast().split(separator: ",").map { part in
      String(part.filter { !" '\"".contains($0) })
    }
    return names.contains("") ? nil : names
  }
}
