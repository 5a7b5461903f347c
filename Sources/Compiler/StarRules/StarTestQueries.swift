import OrderedCollections
import ProjectModel
import StarModel

/// A test that a declaration brings: what it asks, as a template of SQL that gives the offending rows.
struct StarTest {
  var check: StarCheck
  var sql: String
  /// The nodes that the template names, the tested one first.
  var reads: [NodeID]
  /// What tells it from other tests of its kind, as in a test's `arguments`.
  var arguments: OrderedDictionary<String, PlainValue>
  /// Configs that the declaration itself asks for.
  var config: OrderedDictionary<String, PlainValue> = [:]
}

/// The tests of what a project's star declares.
///
/// They ask it of whole relations, in the terms of the declarations alone: columns that only the SQL tells of are not
/// looked at.
struct StarTestQueries {
  let star: Star
  let manifest: Manifest

  func tests(of node: Node) -> [StarTest] {
    let asked = Asked(node: node, manifest: manifest)
    if let fact = star.facts[node.id] {
      return tests(of: fact, asked) + [order(fact, asked), trail(fact, asked)].compactMap(\.self)
    }
    if let bridge = star.bridges[node.id] {
      return tests(of: bridge.fact, asked)
        + [weights(bridge, asked), intervals(bridge, asked)].compactMap(\.self)
    }
    if let dimension = star.dimensions[node.id] {
      let members = keys(dimension.members, isText: dimension.surrogateKey.method == .hash)
      return [
        surrogate(dimension.surrogateKey.name, asked), natural(dimension, members, asked),
        history(dimension, members, asked),
      ]
    }
    if let dates = star.dateDimensions[node.id] {
      return calendar(dates.surrogateKey, DateDimension.dateColumn, dates.members, asked)
    }
    if let audit = star.audits[node.id] { return [surrogate(audit.surrogateKey, asked)] }
    if let times = star.timeDimensions[node.id] {
      return calendar(times.surrogateKey, TimeDimension.timeColumn, times.members, asked)
    }
    if let junk = star.junkDimensions[node.id] {
      return combinations(junk.flags, junk.surrogateKey, keys(junk.members, isText: false), asked)
    }
    if let mini = star.miniDimensions[node.id], let base = star.base(of: node.id, manifest) {
      let members = keys(mini.members, isText: mini.surrogateKey.method == .hash)
      return combinations(base.split.columns, mini.surrogateKey.name, members, asked)
    }
    return []
  }

  /// The tested relation as its tests name it.
  private struct Asked {
    let node: Node
    let manifest: Manifest

    var table: String { reference(node.id) }

    func reference(_ id: NodeID) -> String {
      guard let other = manifest.nodes[id] else { return "" }
      var arguments = "'\(other.name)'"
      if other.packageName != node.packageName { arguments = "'\(other.packageName)', \(arguments)" }
      if let version = other.version?.versionText { arguments += ", v='\(version)'" }
      return "{{ ref(\(arguments)) }}"
    }

    func test(
      _ check: StarCheck, _ sql: String, reads others: [NodeID] = [],
      _ arguments: OrderedDictionary<String, PlainValue> = [:]
    ) -> StarTest {
      StarTest(check: check, sql: sql, reads: [node.id] + others, arguments: arguments)
    }
  }

  // MARK: Facts and bridges

  private func tests(of fact: Fact, _ asked: Asked) -> [StarTest] {
    let grain = columns(fact.grain, "f")
    let isNull = fact.grain.map { "f.\(q($0)) is null" }.joined(separator: " or ")
    var tests = [
      asked.test(
        StarCheck(.grain),
        """
        select \(grain), count(*) as rows
        from \(asked.table) f
        group by \(grain)
        having count(*) > 1 or \(isNull)
        """, ["columns": .list(fact.grain.map { .string($0) })])
    ]
    for (edge, target) in star.lookups(of: fact, manifest) {
      let name = edge.foreignKey(target.surrogateKey.name)
      tests.append(foreignKey(name, to: target.node, named: target.name, target.surrogateKey.name, asked))
      guard let share = edge.maxUnknown,
        let member = target.members.first(where: { $0.name == DimensionMember.unknown })
      else { continue }
      let key = keys([member], isText: target.keyType == "text")[0]
      tests.append(
        asked.test(
          StarCheck(.unknownShare, of: name),
          """
          select count(*) filter (where f.\(q(name)) = \(key)) as unknown, count(*) as rows
          from \(asked.table) f
          having count(*) filter (where f.\(q(name)) = \(key)) > \(share) * count(*)
          """, ["column": .string(name), "at_most": .double(share)]))
    }
    return tests
  }

  private func trail(_ fact: Fact, _ asked: Asked) -> StarTest? {
    star.audit(of: fact.node, in: manifest).map {
      foreignKey($0.surrogateKey, to: $0.node, named: $0.name, $0.surrogateKey, asked)
    }
  }

  private func foreignKey(
    _ name: String, to dimension: NodeID, named: String, _ surrogate: String, _ asked: Asked
  ) -> StarTest {
    asked.test(
      StarCheck(.foreignKey, of: name),
      """
      select f.\(q(name)), count(*) as rows
      from \(asked.table) f
      left join \(asked.reference(dimension)) d on d.\(q(surrogate)) = f.\(q(name))
      where d.\(q(surrogate)) is null
      group by f.\(q(name))
      """, reads: [dimension], ["column": .string(name), "to": .string(named)])
  }

  private func order(_ fact: Fact, _ asked: Asked) -> StarTest? {
    guard let snapshot = fact.accumulating, snapshot.order != .ignore, snapshot.milestones.count > 1 else {
      return nil
    }
    let times = snapshot.milestones.map { "f.\(q($0.at))" }
    // As in a load: where some are days and others times, days are compared.
    let hasDays = "'date'::regtype in (\(times.map { "pg_typeof(\($0))" }.joined(separator: ", ")))"
    var broken: [String] = []
    for (index, time) in times.enumerated().dropFirst() {
      for earlier in times[..<index] {
        broken.append(
          "case when \(hasDays) then \(time)::date < \(earlier)::date else \(time) < \(earlier) end")
      }
    }
    var test = asked.test(
      StarCheck(.milestoneOrder),
      """
      select \(columns(fact.grain, "f")), \(times.joined(separator: ", "))
      from \(asked.table) f
      where \(broken.joined(separator: "\n  or "))
      """, ["milestones": .list(snapshot.milestones.map { .string($0.name) })])
    if snapshot.order == .warn { test.config["severity"] = "WARN" }
    return test
  }

  private func weights(_ bridge: Bridge, _ asked: Asked) -> StarTest? {
    guard let weight = bridge.weight else { return nil }
    let group = columns(bridge.group, "b")
    let broken = """
      having coalesce(abs(sum(b.\(q(weight)))::numeric - 1) > \(Bridge.tolerance), true)
        or bool_or(b.\(q(weight)) is null or b.\(q(weight)) < 0)
      """
    let arguments: OrderedDictionary<String, PlainValue> = ["weight": .string(weight)]
    guard let from = bridge.validFrom, let to = bridge.validTo else {
      return asked.test(
        StarCheck(.weights),
        """
        select \(group), sum(b.\(q(weight))) as weight, count(*) as members
        from \(asked.table) b
        group by \(group)
        \(broken)
        """, arguments)
    }
    let same = bridge.group.map { "b.\(q($0)) = p.\(q($0))" }.joined(separator: " and ")
    return asked.test(
      StarCheck(.weights),
      """
      select \(group), p.at, sum(b.\(q(weight))) as weight, count(*) as members
      from (
        select \(columns(bridge.group, "x")), x.\(q(from)) as at from \(asked.table) x
        union
        select \(columns(bridge.group, "x")), x.\(q(to)) from \(asked.table) x
      ) p
      join \(asked.table) b on \(same)
        and p.at >= b.\(q(from)) and p.at < coalesce(b.\(q(to)), 'infinity')
      group by \(group), p.at
      \(broken)
      """, arguments)
  }

  private func intervals(_ bridge: Bridge, _ asked: Asked) -> StarTest? {
    guard let from = bridge.validFrom, let to = bridge.validTo else { return nil }
    let member = columns(bridge.group + bridge.key, "b")
    return asked.test(
      StarCheck(.intervals),
      """
      select *
      from (
        select \(member), b.\(q(from)), b.\(q(to)),
          lead(b.\(q(from))) over (partition by \(member) order by b.\(q(from))) as next
        from \(asked.table) b
      ) b
      where b.\(q(from)) >= coalesce(b.\(q(to)), 'infinity') or coalesce(b.\(q(to)), 'infinity') > b.next
      """, ["from": .string(from), "to": .string(to)])
  }

  // MARK: Dimensions

  private func surrogate(_ key: String, _ asked: Asked) -> StarTest {
    asked.test(
      StarCheck(.surrogateKey),
      """
      select d.\(q(key)), count(*) as rows
      from \(asked.table) d
      group by d.\(q(key))
      having count(*) > 1 or d.\(q(key)) is null
      """, ["columns": .string(key)])
  }

  private func natural(_ dimension: Dimension, _ members: [String], _ asked: Asked) -> StarTest {
    let keys = columns(dimension.naturalKey + [dimension.columns.validFrom], "d")
    let isNull = dimension.naturalKey.map { "d.\(q($0)) is null" }.joined(separator: " or ")
    return asked.test(
      StarCheck(.naturalKey),
      """
      select \(keys), count(*) as rows
      from \(asked.table) d\(without(members, dimension.surrogateKey.name))
      group by \(keys)
      having count(*) > 1 or \(isNull)
      """, ["columns": .list(dimension.naturalKey.map { .string($0) })])
  }

  private func history(_ dimension: Dimension, _ members: [String], _ asked: Asked) -> StarTest {
    let names = dimension.columns
    let (from, to) = (q(names.validFrom), q(names.validTo))
    let current = q(names.isCurrent)
    return asked.test(
      StarCheck(.history),
      """
      select *
      from (
        select \(columns(dimension.naturalKey, "d")), d.\(from), d.\(to), d.\(current),
          lead(d.\(from)) over (
            partition by \(columns(dimension.naturalKey, "d")) order by d.\(from)) as next_version_from
        from \(asked.table) d\(without(members, dimension.surrogateKey.name))
      ) v
      where v.\(from) is null or v.\(current) is null
        or v.\(current) and v.next_version_from is not null
        or not v.\(current) and (v.\(to) is null or v.\(from) >= v.\(to) or v.\(to) > v.next_version_from)
      """, ["columns": .list([names.validFrom, names.validTo].map { .string($0) })])
  }

  private func calendar(
    _ key: String, _ natural: String, _ members: [DimensionMember], _ asked: Asked
  ) -> [StarTest] {
    let once = asked.test(
      StarCheck(.calendar),
      """
      select d.\(q(natural)), count(*) as rows
      from \(asked.table) d\(without(keys(members, isText: false), key))
      group by d.\(q(natural))
      having count(*) > 1 or d.\(q(natural)) is null
      """, ["columns": .string(natural)])
    return [surrogate(key, asked), once]
  }

  private func combinations(
    _ names: [String], _ key: String, _ members: [String], _ asked: Asked
  ) -> [StarTest] {
    let once = asked.test(
      StarCheck(.combinations),
      """
      select \(columns(names, "d")), count(*) as rows
      from \(asked.table) d\(without(members, key))
      group by \(columns(names, "d"))
      having count(*) > 1
      """, ["columns": .list(names.map { .string($0) })])
    return [surrogate(key, asked), once]
  }

  // MARK: SQL

  private func q(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }

  private func columns(_ names: [String], _ alias: String) -> String {
    names.map { "\(alias).\(q($0))" }.joined(separator: ", ")
  }

  private func keys(_ members: [DimensionMember], isText: Bool) -> [String] {
    members.map { isText ? "'\($0.key)'" : "\($0.key)" }
  }

  private func without(_ members: [String], _ key: String) -> String {
    members.isEmpty ? "" : "\nwhere d.\(q(key)) not in (\(members.joined(separator: ", ")))"
  }
}
