import OrderedCollections
public import ProjectModel

/// A star as text for the terminal: the bus matrix, the star of one fact, one dimension and who uses it.
public struct StarListing: Sendable {
  let star: Star
  let manifest: Manifest

  public init(_ star: Star, _ manifest: Manifest) {
    self.star = star
    self.manifest = manifest
  }

  // MARK: The bus matrix

  /// Facts against dimensions, with the roles in the cells. `*` marks conformed dimensions.
  public var matrix: String {
    let matrix = star.busMatrix(manifest)
    guard !matrix.rows.isEmpty || !matrix.columns.isEmpty else {
      return "No dimensions and no facts are declared in \(manifest.projectName)\n"
    }
    var rows = [["", "one row for each"] + matrix.columns.map { $0.name + ($0.isConformed ? "*" : "") }]
    for (row, fact) in zip(matrix.rows, star.facts.values) {
      let lookups = star.lookups(of: fact, manifest)
      let cells = matrix.columns.map { column in
        var roles = lookups.filter { $0.target.node == column.dimension }.map { $0.edge.role ?? "x" }
        if star.audit(of: row.fact, in: manifest)?.node == column.dimension { roles.append("x") }
        return roles.isEmpty ? "-" : roles.joined(separator: ", ")
      }
      rows.append([row.name, row.grain.joined(separator: ", ")] + cells)
    }
    var text = Self.table(rows)
    if matrix.columns.contains(where: \.isConformed) {
      text += "\n* conformed: facts that share it can be compared along it\n"
    }
    for bridge in star.bridges.values {
      text +=
        "\n\(bridge.name) leads "
        + (bridge.kind == .group
          ? "from \(bridge.group.joined(separator: ", ")) to \(bridge.to.name)" : "down \(bridge.to.name)")
        + "\n"
    }
    let unused = matrix.columns.filter { column in
      column.uses == 0
        && !star.bridges.values.contains {
          star.lookups(of: $0.fact, manifest).contains { $0.target.node == column.dimension }
        }
    }.map(\.name)
    if !unused.isEmpty { text += "\nno fact uses \(unused.joined(separator: ", "))\n" }
    return text
  }

  /// What is declared of one model; empty for one that is no part of a star.
  public func text(of node: NodeID) -> String {
    if let fact = star.facts[node] { return text(of: fact) }
    if let dimension = star.dimensions[node] { return text(of: dimension) }
    if let dates = star.dateDimensions[node] { return text(of: dates) }
    if let audit = star.audits[node] { return text(of: audit) }
    if let times = star.timeDimensions[node] { return text(of: times) }
    if let junk = star.junkDimensions[node] { return text(of: junk) }
    if let mini = star.miniDimensions[node] { return text(of: mini) }
    return star.bridges[node].map { text(of: $0) } ?? ""
  }

  // MARK: A fact

  public func text(of fact: Fact) -> String {
    var text = "\(fact.name): \(fact.kind.rawValue.replacing("_", with: " "))"
    text += fact.kind == .transaction || fact.kind == .factless ? " fact\n" : "\n"
    var properties = [("one row for each", fact.grain.joined(separator: ", "))]
    if let time = fact.eventTime { properties.append(("event time", time)) }
    if let column = fact.readsFrom {
      properties.append(
        (
          "reads",
          "by \(column)" + (fact.loadedAt == nil ? ", \(fact.lookback) back" : ", what arrived since")
        ))
    }
    if !fact.degenerate.isEmpty { properties.append(("degenerate", fact.degenerate.joined(separator: ", "))) }
    if let audit = star.audit(of: fact.node, in: manifest) {
      properties.append(("loads", "in \(audit.name), by \(audit.surrogateKey)"))
    }
    properties += process(fact) + periods(fact)
    text += Self.table(properties.map { ["  " + $0.0, $0.1] })
    let lookups = star.lookups(of: fact, manifest)
    if !lookups.isEmpty {
      let rows = lookups.map { edge, target in
        [
          "  " + edge.foreignKey(target.surrogateKey.name), target.name, edge.role ?? "",
          (edge.key ?? target.naturalKey).joined(separator: ", "),
          target.isVersioned ? fact.asOf(edge) ?? "" : "",
          missing(edge),
        ]
      }
      text += "\n" + Self.table([["  key", "dimension", "role", "looked up by", "as of", "missing"]] + rows)
    }
    if !fact.measures.isEmpty {
      let rows = fact.measures.map { measure in
        let over = measure.over.isEmpty ? "" : ", not over \(measure.over.joined(separator: ", "))"
        return ["  " + measure.name, additivity(measure) + over + shared(measure, fact), measure.unit ?? ""]
      }
      text += "\n" + Self.table([["  measure", "additivity", "unit"]] + rows)
    }
    return text
  }

  private func additivity(_ measure: Fact.Measure) -> String {
    switch measure.additivity {
    case .additive: "additive"
    case .semi: "semi-additive"
    case .non: "non-additive"
    }
  }

  private func percent(_ share: Double) -> String {
    let percent = (share * 10_000).rounded() / 100
    return percent == percent.rounded() ? "\(Int(percent))%" : "\(percent)%"
  }

  private func shared(_ measure: Fact.Measure, _ fact: Fact) -> String {
    guard let allocation = fact.allocations.first(where: { $0.measure == measure.name }) else { return "" }
    return ", share of its \(allocation.header.joined(separator: ", "))"
      + (allocation.over.map { " by \($0)" } ?? "")
  }

  private func missing(_ edge: Fact.Edge) -> String {
    let most = edge.maxUnknown.map { ", at most " + percent($0) } ?? ""
    guard let member = edge.memberOfNull, edge.missing == .unknown else {
      return edge.missing.rawValue + most
    }
    return "\(member) while NULL" + most
  }

  private func process(_ fact: Fact) -> [(String, String)] {
    guard let snapshot = fact.accumulating else { return [] }
    var properties = [("milestones", snapshot.milestones.map(\.name).joined(separator: " → "))]
    if !snapshot.lags.isEmpty {
      properties.append(("lags", snapshot.lags.map(\.name).joined(separator: ", ")))
    }
    return properties
  }

  private func periods(_ fact: Fact) -> [(String, String)] {
    guard let snapshot = fact.periodic else { return [] }
    let fill =
      switch snapshot.gaps {
      case .none: "stay open"
      case .carry: "carry the last row"
      case .zero: "are zero"
      }
    return [
      ("period", snapshot.period.rawValue),
      ("gaps", fill + (snapshot.fillFor.map { " for \($0)" } ?? "")),
    ]
  }

  // MARK: A dimension

  public func text(of dimension: Dimension) -> String {
    var properties = [
      ("natural key", dimension.naturalKey.joined(separator: ", ")),
      ("surrogate key", "\(dimension.surrogateKey.name) (\(dimension.surrogateKey.method.rawValue))"),
      ("input", dimension.input.rawValue), ("deletes", dimension.deletes.rawValue),
    ]
    if let key = dimension.durableKey { properties.insert(("durable key", key), at: 2) }
    if let time = dimension.effectiveAt { properties.insert(("effective at", time), at: 2) }
    if let audit = star.audit(of: dimension.node, in: manifest) {
      properties.append(("loads", "in \(audit.name), by \(audit.surrogateKey)"))
    }
    var text =
      "\(dimension.name): dimension of type \(dimension.scdType.rawValue)\n"
      + Self.table(properties.map { ["  " + $0.0, $0.1] })
    if !dimension.columnTypes.isEmpty {
      text +=
        "\n"
        + Self.table(
          [["  column", "type"]] + dimension.columnTypes.map { ["  " + $0.key, "\($0.value.rawValue)"] })
    }
    return text + keys(of: dimension) + members(dimension.members) + users(of: dimension.node)
  }

  /// Keys to other dimensions, and what was split off.
  private func keys(of dimension: Dimension) -> String {
    var rows = star.outriggers(of: dimension, manifest).map { edge, target in
      let at = edge.at ?? (target.isVersioned && dimension.isVersioned ? .validFrom : .current)
      return [
        "  " + edge.foreignKey(target.surrogateKey.name), target.name,
        (edge.key ?? target.naturalKey).joined(separator: ", "), target.isGenerated ? "" : at.rawValue,
      ]
    }
    let minis = star.minis(of: dimension.node, manifest)
    rows += minis.compactMap { split, mini, target in
      split.currentKey.map {
        [
          "  " + $0.name(mini.surrogateKey.name), mini.name, target.naturalKey.joined(separator: ", "),
          "current",
        ]
      }
    }
    var text = ""
    if !rows.isEmpty { text += "\n" + Self.table([["  key", "dimension", "looked up by", "at"]] + rows) }
    if !minis.isEmpty {
      text +=
        "\n"
        + Self.table(
          [["  mini-dimension", "columns"]]
            + minis.map { ["  " + $0.mini.name, $0.split.columns.joined(separator: ", ")] })
    }
    return text
  }

  public func text(of mini: MiniDimension) -> String {
    let base = star.base(of: mini.node, manifest)
    let properties = [
      ("of", base?.dimension.name ?? ""),
      ("one row for each", base?.split.columns.joined(separator: ", ") ?? ""),
      ("surrogate key", "\(mini.surrogateKey.name) (\(mini.surrogateKey.method.rawValue))"),
    ]
    return "\(mini.name): mini-dimension\n" + Self.table(properties.map { ["  " + $0.0, $0.1] })
      + members(mini.members) + users(of: mini.node)
  }

  public func text(of dates: DateDimension) -> String {
    let properties = [("one row for each", "day"), ("surrogate key", "\(dates.surrogateKey) (yyyymmdd)")]
    return "\(dates.name): date dimension\n" + Self.table(properties.map { ["  " + $0.0, $0.1] })
      + members(dates.members) + users(of: dates.node)
  }

  public func text(of times: TimeDimension) -> String {
    var properties = [
      ("one row for each", times.grain),
      ("surrogate key", "\(times.surrogateKey) (\(times.keyFormat.rawValue))"),
    ]
    let parts = times.parts.map { part in
      let (hour, minute) = (part.from / 60, part.from % 60)
      return "\(part.label) from \(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }
    if !parts.isEmpty { properties.append(("parts of the day", parts.joined(separator: ", "))) }
    return "\(times.name): time dimension\n" + Self.table(properties.map { ["  " + $0.0, $0.1] })
      + members(times.members) + users(of: times.node)
  }

  public func text(of audit: AuditDimension) -> String {
    let properties = [("one row for each", "load"), ("surrogate key", audit.surrogateKey)]
    let users = (Array(star.facts.keys) + star.dimensions.keys)
      .filter { star.audit(of: $0, in: manifest)?.node == audit.node }
      .compactMap { manifest.nodes[$0]?.name }
    return "\(audit.name): audit dimension\n" + Self.table(properties.map { ["  " + $0.0, $0.1] })
      + members(audit.members)
      + (users.isEmpty ? "\nnothing is audited by it\n" : "\n  audits \(users.joined(separator: ", "))\n")
  }

  public func text(of bridge: Bridge) -> String {
    var properties = [("one row for each", bridge.fact.grain.joined(separator: ", "))]
    if let weight = bridge.weight { properties.append(("weight", "\(weight), which adds up to one")) }
    if let from = bridge.validFrom, let to = bridge.validTo {
      properties.append(("holds", "from \(from) to \(to)"))
    }
    if let parent = bridge.parent { properties.append(("closure of", "\(bridge.key.joined()), \(parent)")) }
    let rows = star.lookups(of: bridge.fact, manifest).map { edge, target in
      [
        "  " + edge.foreignKey(target.surrogateKey.name), target.name,
        (edge.key ?? []).joined(separator: ", "),
      ]
    }
    return "\(bridge.name): bridge of a \(bridge.kind.rawValue)\n"
      + Self.table(properties.map { ["  " + $0.0, $0.1] }) + "\n"
      + Self.table([["  key", "dimension", "looked up by"]] + rows)
  }

  public func text(of junk: JunkDimension) -> String {
    let properties = [
      ("one row for each", junk.flags.joined(separator: ", ")), ("surrogate key", junk.surrogateKey),
    ]
    return "\(junk.name): junk dimension\n" + Self.table(properties.map { ["  " + $0.0, $0.1] })
      + members(junk.members) + users(of: junk.node)
  }

  private func members(_ members: [DimensionMember]) -> String {
    guard !members.isEmpty else { return "" }
    return "\n"
      + Self.table([["  member", "key", "label"]] + members.map { ["  " + $0.name, "\($0.key)", $0.label] })
  }

  private func users(of dimension: NodeID) -> String {
    let rows = star.facts.values.flatMap { fact in
      star.lookups(of: fact, manifest).filter { $0.target.node == dimension }.map { edge, target in
        [
          "  " + fact.name, edge.foreignKey(target.surrogateKey.name),
          target.isVersioned ? fact.asOf(edge) ?? "" : "",
        ]
      }
    }
    return rows.isEmpty ? "\nno fact uses it\n" : "\n" + Self.table([["  used by", "key", "as of"]] + rows)
  }

  // MARK: Text

  /// Columns two blanks apart, nothing behind the last one.
  private static func table(_ rows: [[String]]) -> String {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (cell, width) in zip(row, widths) {
        line += cell + String(repeating: " ", count: width - cell.count + 2)
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
