import ProjectModel

/// What becomes of the table of a dimension or a fact when the columns of its SQL change: `schema_changes:`.
public struct SchemaChanges: Sendable, Hashable {
  public enum NewColumns: String, Sendable, Hashable, CaseIterable {
    /// The past does not know them.
    case null
    /// The past gets what the SQL says of each member, or each row, now.
    case backfill
  }
  public enum DroppedColumns: String, Sendable, Hashable, CaseIterable { case keep, error, drop }
  public enum WiderTypes: String, Sendable, Hashable, CaseIterable { case follow, error }

  public var newColumns = NewColumns.null
  public var droppedColumns = DroppedColumns.keep
  public var widerTypes = WiderTypes.follow
  /// Columns that say by themselves what their past gets.
  public var columns: [String: NewColumns] = [:]

  public init() {}

  /// Whether a column that is new gets its present value in the past.
  public func backfills(_ column: String) -> Bool { (columns[column] ?? newColumns) == .backfill }

  static let keys = ["new_columns", "dropped_columns", "wider_types"]

  /// `schema_changes: {new_columns: backfill}`, and `backfill: true` of a column.
  static func read(_ reader: inout ConfigReader) -> SchemaChanges {
    var changes = SchemaChanges()
    for (name, column) in reader.node.columns {
      let meta = column.config["meta"]?.mapping?["whc"]?.mapping ?? column.meta["whc"]?.mapping
      guard let value = column.config["backfill"] ?? meta?["backfill"], !value.isNull else { continue }
      guard let flag = value.bool else {
        reader.bad(
          "backfill of \(name)", value, at: "schema_changes", expected: "true or false")
        continue
      }
      changes.columns[name] = flag ? .backfill : .null
    }
    guard let value = reader.value("schema_changes") else { return changes }
    guard let mapping = value.mapping else {
      reader.bad(
        "schema_changes", value, at: "schema_changes",
        expected: "a mapping with new_columns, dropped_columns or wider_types")
      return changes
    }
    reader.refuseUnknown(
      mapping, known: keys, in: "schema_changes of \(reader.node.name)", at: "schema_changes")
    func word<Word: RawRepresentable & CaseIterable>(
      _ key: String, _ reader: inout ConfigReader, _ fallback: Word
    ) -> Word where Word.RawValue == String {
      // YAML reads a bare `null` as nothing, which is what it means here.
      guard let value = mapping[key], !value.isNull else { return fallback }
      return reader.word(value, key: "schema_changes.\(key)", at: "schema_changes", of: Word.self) ?? fallback
    }
    changes.newColumns = word("new_columns", &reader, .null)
    changes.droppedColumns = word("dropped_columns", &reader, .keep)
    changes.widerTypes = word("wider_types", &reader, .follow)
    return changes
  }
}
