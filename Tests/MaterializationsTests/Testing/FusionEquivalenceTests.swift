import OrderedCollections
import ProjectModel
import TestSupport
import Testing
import Warehouse

@testable import Materializations

/// On random rows, tests asked together give what dbt's own queries give one by one.
struct FusionEquivalenceTests {
  @Test(arguments: 0..<12 as Range<UInt64>)
  func sameAnswers(_ seed: UInt64) async throws {
    var random = Generator(seed: seed)
    let columns: [(name: String, type: String)] = (0..<7).map { index in
      let types = [
        "int", "text", "numeric", "date", "boolean", "float8", "timestamptz", seed % 6 == 5 ? "json" : "int",
      ]
      return (index % 3 == 2 ? "\"C \(index)\"" : "c\(index)", random.pick(types))
    }
    let tests = (0..<18).map { index in Self.test(index, columns, &random) }
    let rows = random.pick([0, 1, 30, 200])
    let create = Self.table(columns, rows: rows, &random)
    let connection = try await PrivateCluster.shared.connection()
    let wrong = try await connection.perform { session in
      _ = try session.run(create)
      return try Self.differences(tests, session)
    }
    #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
  }

  /// What the fused queries say wrongly.
  private static func differences(_ tests: [TestFusion.Test], _ session: any Session) throws -> [String] {
    var wrong: [String] = []
    func alone(_ id: NodeID) throws -> TestAnswer? {
      guard let test = tests.first(where: { $0.node.id == id }) else { return nil }
      let plan = try TestPlan(
        test.node, compiled: CompiledNode(id: id, sql: test.sql, sourceMap: SourceMap()),
        dialect: session.dialect)
      return try TestAnswer(row: session.run(plan.query.sql).rows[0], node: test.node)
    }
    for query in TestFusion(dialect: session.dialect).fuse(tests).queries {
      let row: [String?]
      do throws(WarehouseError) {
        row = try session.run(query.sql).rows[0]
      } catch {
        // One of them must be refused alone too: a type that cannot be compared.
        if query.tests.allSatisfy({ (try? alone($0)) != nil }) {
          wrong.append("refused: \(error)\n\(query.sql)")
        }
        continue
      }
      for (id, outcome) in zip(query.tests, query.outcomes(row: row)) {
        let expected = try alone(id)
        switch outcome {
        case .answer(let answer) where answer != expected: wrong.append("\(id): \(answer)\n\(query.sql)")
        case .askExactly where expected?.failures == 0: wrong.append("\(id): asked for nothing\n\(query.sql)")
        default: continue
        }
      }
    }
    return wrong
  }

  private static func test(
    _ index: Int, _ columns: [(name: String, type: String)], _ random: inout Generator
  ) -> TestFusion.Test {
    let column = random.pick(columns)
    let conditions = [
      nil, nil, nil, "true", "\(columns[0].name) is not null", "\(columns[1].name)::text like '%1%'",
    ]
    let condition = random.pick(conditions)
    let sql: String
    switch random.below(4) {
    case 0: sql = BuiltInTests.unique(column.name, in: "t", where: condition)
    case 1: sql = BuiltInTests.notNull(column.name, in: "t", where: condition)
    case 2:
      let values = [
        "text": "'v1', 'v2'", "boolean": "'true'", "date": "'2020-01-02'", "timestamptz": "'2020-01-02'",
      ]
      sql = BuiltInTests.acceptedValues(
        column.name, values[column.type] ?? "1,\n  2, 3", in: "t", where: condition)
    default:
      let fields = ["text": "t", "date": "d", "timestamptz": "d", "numeric": "n", "boolean": "b"]
      sql = BuiltInTests.relationships(
        column.name, to: "p", fields[column.type] ?? "k", in: "t", where: condition)
    }
    let configs: [OrderedDictionary<String, PlainValue>] = [
      [:], [:], ["severity": "warn"], ["warn_if": "> 3", "error_if": ">10"], ["error_if": "<= 2"],
    ]
    return BuiltInTests.test("t\(index)", sql, random.pick(configs))
  }

  private static func table(
    _ columns: [(name: String, type: String)], rows: Int, _ random: inout Generator
  ) -> String {
    let values = columns.map { column in
      let number = "(hashint4(i * \(random.below(1000) + 1)) & 1048575) % \(random.pick([2, 10, 100_000]))"
      let value: String =
        switch column.type {
        case "text": "'v' || \(number)"
        case "date": "date '2020-01-01' + \(number)"
        case "boolean": "(\(number)) % 2 = 0"
        case "json": "to_json(\(number))"
        case "timestamptz": "timestamptz '2020-01-01' + (\(number)) * interval '1 day'"
        default: "(\(number))::\(column.type)"
        }
      return random.below(3) == 0 ? value : "case when i % 7 <> \(random.below(7)) then \(value) end"
    }
    return """
      create table t (\(columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")));
      insert into t select \(values.joined(separator: ", ")) from generate_series(1, \(rows)) i;
      create table p (k int, t text, n numeric, d date, b boolean);
      insert into p select i, 'v' || i, i, date '2020-01-01' + i, i = 1 from generate_series(0, \(random.below(12))) i;
      insert into p select null, null, null, null, null from generate_series(1, \(random.below(2)));
      """
  }
}

/// SplitMix64: the same numbers from the same seed everywhere.
private struct Generator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
  mutating func pick<Item>(_ items: [Item]) -> Item { items[below(items.count)] }
}
