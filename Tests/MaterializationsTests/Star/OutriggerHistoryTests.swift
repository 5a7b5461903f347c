import Testing
import Warehouse

@testable import Materializations

/// Random histories of a dimension with outriggers and a mini-dimension, and of a fact that looks it up.
@Suite struct OutriggerHistoryTests {
  private static let steps = 7

  @Test(arguments: OutriggerCase.all)
  func leadsToWhatHeld(_ item: OutriggerCase) async throws {
    let problem: String? = try await StarWarehouse.with(item.fixture) { warehouse -> String? in
      _ = try warehouse.query(item.tables)
      var random = Deterministic(seed: 97)
      var given: [String: String] = [:]
      for step in 0..<Self.steps {
        let now = Double(4 + 2 * step) + 0.5
        try Self.arrive(item, step, &random, warehouse)
        for name in ["place", "date", "plain", "profile", "dim", "fct"] { try warehouse.run(name, now: now) }
        for (name, query) in item.offences {
          let lines = try warehouse.lines(query)
          if !lines.isEmpty { return "step \(step): \(name): \(lines)" }
        }
        for line in try warehouse.lines("select m || '', n || '', profile_key from star.profile") {
          let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
          let key = given.updateValue(parts[2], forKey: parts[0] + "|" + parts[1])
          if let key, key != parts[2], !parts[2].hasPrefix("-"), !key.hasPrefix("-") {
            return "step \(step): \(line) had the key \(key)"
          }
        }
        if let problem = try Self.again(warehouse, now) { return "step \(step): \(problem)" }
      }
      let sizes = try warehouse.lines(
        "select (select count(*) > 4 from star.profile), (select count(*) > 30 from star.profile__history), "
          + "(select count(distinct profile_key) > 3 from star.fct), (select count(*) > 20 from star.fct)")
      return sizes == ["t|t|t|t"] ? nil : "too little happened: \(sizes)"
    }
    #expect(problem == nil, "\(problem ?? "")")
  }

  /// New rows of everything that is read.
  private static func arrive(
    _ item: OutriggerCase, _ step: Int, _ random: inout Deterministic, _ warehouse: StarWarehouse
  ) throws {
    func pick(_ words: [String]) -> String { words[random.below(words.count)] }
    func time(_ halfDays: Int) -> String { "'\(StarWarehouse.time(Double(halfDays) / 2 + 0.125))'" }
    if item.isSnapshot {
      try warehouse.query("delete from star.source where k in (\(random.below(25)), \(random.below(25)))")
    } else {
      try warehouse.query("truncate star.source")
    }
    for key in 1...24 where random.below(3) == 0 {
      let at = time(2 + random.below(2 * step + 6))
      let values = [
        "\(key)", pick(["'x'", "'y'", "null"]), pick(["'s'", "'t'", "'u'", "null"]),
        pick(["date '2000-01-02'", "'2000-01-09'", "'2001-05-05'", "null"]),
        pick(["'g'", "'h'", "''", "null"]),
        pick(["1", "2", "null"]), at,
      ]
      let row = values.joined(separator: ", ")
      if item.isSnapshot { try warehouse.query("delete from star.source where k = \(key)") }
      let code = item.isSnapshot ? "" : pick([", 'U'", ", 'U'", ", 'U'", ", 'D'"])
      try warehouse.query("insert into star.source values (\(row)\(code))")
    }
    for _ in 0..<2 {
      let id = pick(["s", "t"])
      let since = time(2 + random.below(30))
      try warehouse.query("delete from star.places where id = '\(id)' and since = \(since)")
      try warehouse.query("insert into star.places values ('\(id)', 'v\(random.below(9))', \(since))")
    }
    for number in 0..<8 {
      let key = random.below(8) == 0 ? "null" : "\(1 + random.below(27))"
      try warehouse.query(
        "insert into star.facts values (\(step * 8 + number), \(key), \(time(2 + random.below(30))), \(step))"
      )
    }
  }

  /// The same once more: not a row's physical version moves.
  private static func again(_ warehouse: StarWarehouse, _ now: Double) throws -> String? {
    let tables = ["profile", "profile__history", "dim", "fct"]
    let places = tables.map { "select '\($0)', ctid, xmin from star.\($0)" }.joined(separator: " union all ")
    let before = try warehouse.lines(places).sorted()
    for name in ["profile", "dim", "fct"] {
      try warehouse.run(name, now: now + 0.25)
    }
    let after = try warehouse.lines(places).sorted()
    return before == after ? nil : "wrote again: \(Set(after).subtracting(before).sorted())"
  }
}
