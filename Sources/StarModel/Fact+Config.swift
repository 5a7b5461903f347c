import Diagnostics
import OrderedCollections
public import ProjectModel

extension Fact {
  /// The keys under `config` that the declaration has of its own.
  public static let keys =
    [
      "fact_type", "grain", "dimensions", "degenerate", "measures", "event_time", "lookback", "loaded_at",
      "rekey", "date_dimension", "start", "end", "allocate", "views", "audit", "schema_changes",
    ] + AccumulatingSnapshot.keys + PeriodicSnapshot.keys
  static let edgeKeys = ["to", "role", "key", "as_of", "missing", "max_unknown"]
  static let measureKeys = ["name", "additivity", "over", "unit"]

  /// The declaration of a model with `materialized: fact`.
  public static func decode(_ node: Node) -> Decoded<Fact> {
    var reader = ConfigReader(node)
    reader.refuseUnknown(known: keys)
    let kind: Kind = reader.word("fact_type", default: .transaction)
    reader.refuseOthers(kind)
    let accumulating = kind == .accumulatingSnapshot ? AccumulatingSnapshot.read(&reader) : nil
    let periodic = kind == .periodicSnapshot ? PeriodicSnapshot.read(&reader) : nil
    let grain = reader.columns("grain")
    if reader.value("grain") == nil {
      reader.report(
        "fact-without-grain", "\(node.name) has no grain: nothing says what one of its rows stands for",
        at: "materialized", help: "add 'grain: [column, …]' with the columns that tell rows apart")
    }
    var fact = Fact(
      node: node.id, name: node.name, kind: kind,
      grain: (grain ?? []) + (periodic == nil ? [] : [PeriodicSnapshot.startColumn]),
      edges: [periodic?.edge].compactMap(\.self) + edges(&reader) + (accumulating?.edges ?? []),
      degenerate: reader.columns("degenerate") ?? [],
      measures: readMeasures(
        &reader, over: kind == .periodicSnapshot ? periodic.map { [$0.role ?? $0.dates.name] } ?? [] : nil),
      eventTime: reader.text("event_time"), lookback: readLookback(&reader),
      loadedAt: reader.text("loaded_at"), rekey: reader.word("rekey", default: .auto),
      accumulating: accumulating, periodic: periodic,
      span: node.config.origins["materialized"] ?? node.patchSpan)
    fact.audit = AuditDimension.read(&reader)
    fact.schemaChanges = SchemaChanges.read(&reader)
    fact.views = reader.words("views", of: View.self)
    if periodic != nil, reader.value("allocate") != nil {
      reader.report(
        "bad-config-value", "allocate of \(node.name) is not read with fact_type: periodic_snapshot",
        at: "allocate", help: "share the amount out in the fact that the snapshot is taken of")
    } else {
      fact.allocations = Allocation.read(
        &reader, measures: fact.measures.map(\.name), grain: fact.grain)
    }
    return Decoded(fact, reader.diagnostics)
  }

  /// The dimensions that a fact's declaration names, in order and each once: edges of the graph that need no
  /// `ref()` in the SQL. Mistakes elsewhere in the declaration do not matter here.
  static func dimensionReferences(_ node: Node) -> [RefCall] {
    guard node.resourceType == .model else { return [] }
    if node.config.materialized == "bridge" {
      return Bridge.decode(node).value.map {
        [RefCall(package: $0.to.package, name: $0.to.name, span: node.config.origins["to"])]
      } ?? []
    }
    guard node.config.materialized == "fact" else { return [] }
    var reader = ConfigReader(node)
    var calls: [RefCall] = []
    let kind: Kind = reader.word("fact_type", default: .transaction)
    let dates: [Edge] =
      switch kind {
      case .accumulatingSnapshot: AccumulatingSnapshot.read(&reader).edges
      case .periodicSnapshot: [PeriodicSnapshot.read(&reader)?.edge].compactMap(\.self)
      case .transaction, .factless: []
      }
    for edge in edges(&reader) + dates {
      let call = RefCall(package: edge.to.package, name: edge.to.name, span: reader.span(edge.declaredBy))
      if !calls.contains(call) { calls.append(call) }
    }
    return calls
  }

  private static func edges(_ reader: inout ConfigReader) -> [Edge] {
    guard let value = reader.value("dimensions") else { return [] }
    guard let items = value.list else {
      reader.bad("dimensions", value, at: "dimensions", expected: "a list of {to:, key:, …}")
      return []
    }
    return items.compactMap { edge($0, &reader) }
  }

  private static func edge(_ item: PlainValue, _ reader: inout ConfigReader) -> Edge? {
    if let name = item.string { return target(name).map { Edge(to: $0) } }
    let place = "dimensions of \(reader.node.name)"
    guard let mapping = item.mapping, let to = mapping["to"]?.string, let target = target(to) else {
      reader.bad("an entry of \(place)", item, at: "dimensions", expected: "a mapping with 'to: dim_x'")
      return nil
    }
    reader.refuseUnknown(mapping, known: edgeKeys, in: "\(place), to \(target.name)", at: "dimensions")
    func name(_ key: String) -> String? {
      guard let value = mapping[key], !value.isNull else { return nil }
      if value.string == nil {
        reader.bad("\(key) of \(place), to \(target.name)", value, at: "dimensions", expected: "a name")
      }
      return value.string
    }
    let missing = mapping["missing"].flatMap {
      reader.word($0, key: "missing of \(place), to \(target.name)", at: "dimensions", of: Missing.self)
    }
    return Edge(
      to: target, role: name("role"),
      key: mapping["key"].flatMap { reader.columns($0, key: "key", at: "dimensions") },
      asOf: name("as_of"), missing: missing ?? .unknown,
      maxUnknown: mapping["max_unknown"].flatMap {
        share($0, "max_unknown (dimensions, to \(target.name))", &reader)
      })
  }

  /// `5%` or `0.05`.
  private static func share(_ value: PlainValue, _ key: String, _ reader: inout ConfigReader) -> Double? {
    let number: Double? =
      switch value {
      case .int(let number): Double(number)
      case .double(let number): number
      case .string(let text) where text.hasSuffix("%"):
        Double(trimmed(String(text.dropLast()))).map { $0 / 100 }
      default: nil
      }
    if let number, (0...1).contains(number) { return number }
    reader.bad(key, value, at: "dimensions", expected: "a share of the rows, such as 5% or 0.05")
    return nil
  }

  /// `dim_x`, `ref('dim_x')`, `ref("package", "dim_x")`.
  static func target(_ text: String) -> Target? {
    let text = trimmed(text)
    guard text.hasPrefix("ref(") || text.hasPrefix("ref (") else {
      return text.isEmpty ? nil : Target(name: text)
    }
    guard text.hasSuffix(")"), let open = text.firstIndex(of: "(") else { return nil }
    let inside = text[text.index(after: open)...].dropLast()
    let names = inside.split(separator: ",").map { part in
      String(trimmed(String(part)).drop { $0 == "'" || $0 == "\"" }.prefix { $0 != "'" && $0 != "\"" })
    }
    switch names.count {
    case 1 where !names[0].isEmpty: return Target(name: names[0])
    case 2 where !names[1].isEmpty: return Target(package: names[0], name: names[1])
    default: return nil
    }
  }

  /// - Parameter dates: what semi-additive measures are not summed over unless they say so themselves.
  private static func readMeasures(_ reader: inout ConfigReader, over dates: [String]?) -> [Measure] {
    guard let value = reader.value("measures") else { return [] }
    guard let items = value.list else {
      reader.bad("measures", value, at: "measures", expected: "a list of names or {name:, additivity:, …}")
      return []
    }
    var measures: [Measure] = []
    for item in items {
      if let name = item.string {
        measures.append(Measure(name: name))
        continue
      }
      guard let mapping = item.mapping, let name = mapping["name"]?.string else {
        reader.bad("an entry of measures", item, at: "measures", expected: "a name or {name:, …}")
        continue
      }
      reader.refuseUnknown(
        mapping, known: measureKeys, in: "measure \(name) of \(reader.node.name)", at: "measures")
      let additivity = mapping["additivity"].flatMap {
        reader.word($0, key: "additivity of \(name)", at: "measures", of: Measure.Additivity.self)
      }
      let own = mapping["over"].flatMap { reader.columns($0, key: "over of \(name)", at: "measures") }
      let over = own ?? (additivity == .semi ? dates : nil)
      if additivity == .semi && over == nil {
        reader.report(
          "missing-config-key", "measure \(name) of \(reader.node.name) is semi-additive and has no 'over'",
          at: "measures", help: "name the dimension that it must not be summed over")
      }
      measures.append(
        Measure(
          name: name, additivity: additivity ?? .additive, over: over ?? [], unit: mapping["unit"]?.string))
    }
    return measures
  }

  static let defaultLookback = "3 days"

  /// dbt has a `lookback` of its own (batches of a microbatch model, 1 by default), which comes without an origin.
  private static func readLookback(_ reader: inout ConfigReader) -> String {
    guard let value = reader.value("lookback") else { return defaultLookback }
    if let days = value.int {
      let isDefault = reader.node.config.origins["lookback"] == nil && days == 1
      return isDefault ? defaultLookback : "\(days) days"
    }
    if let text = value.string, let span = TimeDistance(text) { return span.description }
    reader.bad("lookback", value, at: "lookback", expected: "a number and a unit, such as '3 days'")
    return defaultLookback
  }
}

extension ConfigReader {
  /// Complains of keys that only another type of fact reads.
  fileprivate mutating func refuseOthers(_ kind: Fact.Kind) {
    let owners: [(Fact.Kind, [String])] = [
      (.accumulatingSnapshot, AccumulatingSnapshot.keys), (.periodicSnapshot, PeriodicSnapshot.keys),
    ]
    for (owner, keys) in owners where owner != kind {
      for key in keys where value(key) != nil {
        report(
          "bad-config-value", "\(key) of \(node.name) is read only with fact_type: \(owner.rawValue)",
          at: key, help: "its fact_type is \(kind.rawValue)")
      }
    }
  }
}

/// Text without the blanks around it.
func trimmed(_ text: String) -> String {
  let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" }
  return String(String(text.drop(while: blank).reversed()).drop(while: blank).reversed())
}
