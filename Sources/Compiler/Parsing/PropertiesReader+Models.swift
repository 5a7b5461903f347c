import OrderedCollections
import ProjectLoading
import ProjectModel

/// Keys that only models have.
extension PropertiesReader {
  /// `deprecation_date` as the manifest has it.
  mutating func deprecationDate(_ node: YAMLNode) -> String? {
    guard let written = text(node, "deprecation_date"), let value = node["deprecation_date"] else {
      return nil
    }
    guard let date = DeprecationDate(written) else {
      report("bad-value", "'\(written)' is no date", at: value, label: "write 2030-01-31")
      return nil
    }
    return date.description
  }

  /// `time_spine` with the manifest's keys; its columns must be among the model's.
  mutating func timeSpine(_ node: YAMLNode, _ columns: [ColumnEntry]) -> PlainValue? {
    guard let value = node["time_spine"], !value.isNull else { return nil }
    guard let standard = value["standard_granularity_column"]?.string else {
      report("bad-value", "'time_spine' has no 'standard_granularity_column'", at: value)
      return nil
    }
    let known = columns.map(\.properties)
    let named = known.first { $0.name == standard }
    if named?.granularity == nil {
      report(
        "bad-value",
        named == nil
          ? "the model has no column '\(standard)' for its time spine"
          : "column '\(standard)' of the time spine has no 'granularity'",
        at: value["standard_granularity_column"] ?? value,
        label: named == nil
          ? known.map(\.name).joined(separator: ", ") : "give the column 'granularity: day', say")
    }
    let custom: [PlainValue] = (value["custom_granularities"]?.sequence ?? []).compactMap { item in
      guard let name = item["name"]?.string else {
        report("bad-value", "a custom granularity has no name", at: item)
        return nil
      }
      let column = item["column_name"]?.string
      if !known.contains(where: { $0.name == column ?? name }) {
        report("bad-value", "the model has no column '\(column ?? name)' for its time spine", at: item)
      }
      return ["name": .string(name), "column_name": column.map { .string($0) } ?? .null]
    }
    return ["standard_granularity_column": .string(standard), "custom_granularities": .list(custom)]
  }
}
