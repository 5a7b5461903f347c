import Diagnostics
import OrderedCollections
public import ProjectModel

extension Dimension {
  /// The keys under `config` that the declaration has of its own.
  public static let keys = [
    "natural_key", "scd_type", "effective_at", "input", "deletes", "late_arriving", "first_version_from",
    "surrogate_key", "members", "collapse", "operation", "system_columns", "valid_to_current",
    "discard_history", "views", "durable_key", "outriggers", "mini_dimensions", "audit", "bitemporal",
    "take_over", "schema_changes",
  ]
  static let systemColumnKeys = [
    "valid_from", "valid_to", "is_current", "is_inferred", "is_deleted", "stated_at",
  ]

  /// The declaration of a model with `materialized: dimension`.
  ///
  /// - Returns: what could be read, with what is wrong; `value` is nil when it cannot be built from.
  public static func decode(_ node: Node) -> Decoded<Dimension> {
    var reader = ConfigReader(node)
    reader.refuseUnknown(known: keys)
    let naturalKey = reader.columns("natural_key")
    if reader.value("natural_key") == nil {
      reader.missing("natural_key", "a dimension needs the column that tells its members apart")
    }
    let scdType =
      reader.value("scd_type").map { reader.scdType($0, key: "scd_type", at: reader.span("scd_type")) }
      ?? .addVersion
    let effectiveAt = reader.text("effective_at")
    let input: Input = reader.word("input", default: .snapshot)
    let operation = Operation.read(&reader, input: input)
    var dimension = Dimension(
      node: node.id, name: node.name, naturalKey: naturalKey ?? [], scdType: scdType ?? .addVersion,
      columnTypes: readColumnTypes(&reader, naturalKey: naturalKey ?? []), effectiveAt: effectiveAt,
      input: input, deletes: reader.word("deletes", default: .invalidate),
      lateArriving: reader.word("late_arriving", default: .splice),
      firstVersionFrom: reader.word("first_version_from", default: effectiveAt == nil ? .always : .source),
      collapse: reader.flag("collapse"), operation: operation,
      surrogateKey: SurrogateKey.read(&reader), durableName: reader.text("durable_key"),
      members: reader.members(withValues: true), outriggers: Outrigger.read(&reader),
      miniDimensions: MiniDimension.Split.read(&reader),
      columns: readSystemColumns(&reader), openEnd: reader.text("valid_to_current"),
      discardsHistory: reader.flag("discard_history"),
      span: node.config.origins["materialized"] ?? node.patchSpan)
    dimension.hasCurrentView = !reader.words("views", of: CurrentView.self).isEmpty
    dimension.schemaChanges = SchemaChanges.read(&reader)
    dimension.recordedTime = RecordedTime.read(&reader)
    dimension.takeOver = TakeOver.read(&reader)
    dimension.takeOver?.check(dimension, &reader)
    dimension.audit = AuditDimension.read(&reader)
    if input == .snapshot, dimension.collapse {
      reader.report(
        "bad-config-value", "collapse of \(node.name) is read only with input: changes", at: "collapse",
        help: "an extract that says what was said before makes no version")
    }
    if let end = dimension.openEnd, !(end == "infinity" || end.first?.isNumber == true) {
      reader.report(
        "bad-config-value", "valid_to_current of \(node.name) is '\(end)', and must be a date or a time",
        at: "valid_to_current", help: "such as 9999-12-31, or infinity")
    }
    // Without operation codes a set of changes says nothing of deletions.
    if input == .changes && operation == nil { dimension.deletes = .ignore }
    if input == .changes && effectiveAt == nil {
      reader.missing("effective_at", "input: changes needs the time from which each row holds")
    }
    if dimension.durableName != nil && dimension.durableKey == nil {
      reader.report(
        "bad-config-value", "durable_key of \(node.name) is given only with scd_type: 7", at: "durable_key",
        help: "set 'scd_type: 7' for the model or a column")
    }
    if let at = operation?.at, at == effectiveAt || dimension.naturalKey.contains(at) {
      reader.report(
        "bad-config-value", "operation.at of \(node.name) is its effective_at or its natural key",
        at: "operation", help: "leave it out: a deletion holds from effective_at then")
    }
    dimension.checkNames(&reader)
    dimension.checkSplits(&reader)
    return Decoded(dimension, reader.diagnostics)
  }

  /// The dimensions that a dimension's declaration names: edges of the graph that need no `ref()` in the SQL.
  static func dimensionReferences(_ node: Node) -> [RefCall] {
    guard node.config.materialized == "dimension" else { return [] }
    var reader = ConfigReader(node)
    let outriggers = Outrigger.read(&reader).map { ($0.to, "outriggers") }
    let minis = MiniDimension.Split.read(&reader).map { ($0.to, "mini_dimensions") }
    var older: [(Fact.Target, String)] = []
    if case .model(let package, let name)? = TakeOver.read(&reader)?.from {
      older = [(Fact.Target(package: package, name: name), "take_over")]
    }
    return (outriggers + minis + older).filter { $0.0.name != node.name }.map {
      RefCall(package: $0.0.package, name: $0.0.name, span: reader.span($0.1))
    }
  }

  /// The words of `views`.
  private enum CurrentView: String, CaseIterable { case current }

  private static func readColumnTypes(
    _ reader: inout ConfigReader, naturalKey: [String]
  ) -> OrderedDictionary<String, SCDType> {
    var types: OrderedDictionary<String, SCDType> = [:]
    for (name, column) in reader.node.columns {
      let meta = column.config["meta"]?.mapping?["whc"]?.mapping ?? column.meta["whc"]?.mapping
      guard let value = column.config["scd_type"] ?? meta?["scd_type"] else { continue }
      let span = column.span ?? reader.span("scd_type")
      guard !naturalKey.contains(name) else {
        reader.diagnostics.append(
          Diagnostic(
            "bad-config-value", "\(name) of \(reader.node.name) is its natural key and has no scd_type",
            at: span))
        continue
      }
      types[name] = reader.scdType(value, key: "scd_type of \(name)", at: span)
    }
    return types
  }

  private static func readSystemColumns(_ reader: inout ConfigReader) -> SystemColumns {
    var columns = SystemColumns()
    guard let value = reader.value("system_columns") else { return columns }
    guard let mapping = value.mapping else {
      reader.bad("system_columns", value, at: "system_columns", expected: "a mapping of names")
      return columns
    }
    reader.refuseUnknown(
      mapping, known: systemColumnKeys, in: "system_columns of \(reader.node.name)", at: "system_columns")
    let fields: [(String, WritableKeyPath<SystemColumns, String>)] = [
      ("valid_from", \.validFrom), ("valid_to", \.validTo), ("is_current", \.isCurrent),
      ("is_inferred", \.isInferred), ("is_deleted", \.isDeleted), ("stated_at", \.statedAt),
    ]
    for (key, field) in fields {
      guard let name = mapping[key] else { continue }
      if let text = name.string, !text.isEmpty {
        columns[keyPath: field] = text
      } else {
        reader.bad("system_columns.\(key)", name, at: "system_columns", expected: "a name")
      }
    }
    return columns
  }

  /// A column goes into one mini-dimension, and is then none of the dimension's own.
  private func checkSplits(_ reader: inout ConfigReader) {
    var owners: [String: String] = [:]
    for name in naturalKey { owners[name] = "its natural key" }
    if let effectiveAt { owners[effectiveAt] = "its effective_at" }
    if let operation { owners[operation.column] = "its operation" }
    if let at = operation?.at { owners[at] = "the time of its deletions" }
    for name in columnTypes.keys { owners[name] = "an attribute with an scd_type" }
    for split in miniDimensions {
      for column in split.columns {
        if let owner = owners.updateValue("a column of the mini-dimension \(split.to.name)", forKey: column) {
          reader.report(
            "clashing-column",
            "'\(column)' of \(name) is a column of the mini-dimension \(split.to.name) and \(owner)",
            at: "mini_dimensions")
        }
      }
    }
    let names = miniDimensions.map(\.to.name)
    if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
      reader.report(
        "bad-config-value", "\(name) has the mini-dimension \(twice) twice", at: "mini_dimensions",
        help: "name all of its columns in one entry")
    }
  }

  /// Names that the compiler gives must not meet each other or the user's.
  private func checkNames(_ reader: inout ConfigReader) {
    var owners: [String: String] = [:]
    let given =
      [(surrogateKey.name, "its surrogate key")] + (durableKey.map { [($0, "its durable key")] } ?? [])
      + naturalKey.map { ($0, "its natural key") }
      + [
        (columns.validFrom, "valid_from"), (columns.validTo, "valid_to"), (columns.isCurrent, "is_current"),
        (columns.isInferred, "is_inferred"), (columns.isDeleted, "is_deleted"),
        (columns.statedAt, "stated_at"),
      ] + (recordedTime.map { [($0.from, "recorded_from"), ($0.to, "recorded_to")] } ?? [])
    for (name, owner) in given {
      if let other = owners[name] {
        reader.report(
          "clashing-column", "'\(name)' of \(self.name) is \(other) and \(owner)",
          at: name == durableName
            ? "durable_key" : owner.hasPrefix("recorded_") ? "bitemporal" : "surrogate_key")
      }
      owners[name] = owner
    }
    if let effectiveAt, naturalKey.contains(effectiveAt) {
      reader.report(
        "clashing-column", "'\(effectiveAt)' of \(name) is its natural key and its effective_at",
        at: "effective_at")
    }
  }
}

extension ConfigReader {
  /// `members: {unknown: -1, holiday: {key: -3, label: Holiday}}`; none of them with `members: {}` or `false`.
  ///
  /// - Parameter withValues: whether a member can say what stands in its columns.
  mutating func members(withValues: Bool = false) -> [DimensionMember] {
    guard let value = value("members") else { return DimensionMember.defaults }
    if value.bool == false { return [] }
    guard let mapping = value.mapping else {
      bad("members", value, at: "members", expected: "a mapping of names to keys")
      return DimensionMember.defaults
    }
    var members: [DimensionMember] = []
    for (name, value) in mapping {
      var key = value.int
      var label: String?
      var values: OrderedDictionary<String, String?> = [:]
      if let detail = value.mapping {
        refuseUnknown(
          detail, known: withValues ? ["key", "label", "values"] : ["key", "label"],
          in: "member \(name) of \(node.name)", at: "members")
        if withValues, let given = detail["values"] { values = memberValues(given, of: name) }
        key = detail["key"]?.int
        label = detail["label"]?.string
      }
      guard let key else {
        bad("members.\(name)", value, at: "members", expected: "a whole number or {key:, label:}")
        continue
      }
      if let other = members.first(where: { $0.key == key }) {
        report(
          "bad-config-value", "members \(other.name) and \(name) of \(node.name) have one key, \(key)",
          at: "members")
      }
      members.append(DimensionMember(name: name, key: key, label: label, values: values))
    }
    return members
  }

  /// `values: {segment: n/a, credit: 0, born: null}`
  private mutating func memberValues(
    _ value: PlainValue, of member: String
  ) -> OrderedDictionary<String, String?> {
    guard let mapping = value.mapping else {
      bad("members.\(member).values", value, at: "members", expected: "a mapping of columns to values")
      return [:]
    }
    var values: OrderedDictionary<String, String?> = [:]
    for (column, value) in mapping {
      switch value {
      case .null: values.updateValue(nil, forKey: column)
      case .string(let text): values[column] = text
      case .bool(let flag): values[column] = "\(flag)"
      case .int(let number): values[column] = "\(number)"
      case .double(let number): values[column] = "\(number)"
      case .list, .mapping:
        bad("members.\(member).values.\(column)", value, at: "members", expected: "a single value")
      }
    }
    return values
  }
}
