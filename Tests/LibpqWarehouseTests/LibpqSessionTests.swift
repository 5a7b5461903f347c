import ProjectModel
import TestSupport
import Testing
import Warehouse

@testable import LibpqWarehouse

@Suite struct LibpqSessionTests {
  private func query(_ sql: String) async throws -> QueryResult {
    let connection = try await PrivateCluster.shared.connection()
    let result = try await connection.perform { try $0.run(sql) }
    await connection.close()
    return result
  }

  @Test func `Rows come as text, NULL as nil, types as format_type writes them`() async throws {
    let result = try await query(
      "select 1 as a, null::varchar(7) as b, 'x''y' as c, 1.50::numeric(10,2) as d, array[1,2] as e")
    #expect(result.rows == [["1", nil, "x'y", "1.50", "{1,2}"]])
    #expect(result.columns.map(\.name) == ["a", "b", "c", "d", "e"])
    #expect(
      result.columns.map(\.type) == [
        "integer", "character varying(7)", "text", "numeric(10,2)", "integer[]",
      ])
    #expect(result.tag == "SELECT 1")
    #expect(result.rowsAffected == 1)
  }

  @Test func `Of several statements the last rows are the answer, else the last tag`() async throws {
    let rows = try await query("create table t (a int); select 1; select 2; insert into t values (1)")
    #expect(rows.rows == [["2"]])
    let tag = try await query("create table t (a int); insert into t values (1), (2)")
    #expect(tag.tag == "INSERT 0 2")
    #expect(tag.rowsAffected == 2)
    #expect(try await query("-- nothing").rows.isEmpty)
  }

  @Test func `A server's error has all its fields`() async throws {
    let error = try await #require(throws: WarehouseError.self) {
      try await query("create table t (a int constraint positive check (a > 0)); insert into t values (-1)")
    }
    guard case .statement(let message) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(message.sqlState == "23514")
    #expect(message.severity == "ERROR")
    #expect(message.constraint == "positive")
    #expect(message.table == "t")
    #expect(message.schema == "public")
    #expect(message.detail == "Failing row contains (-1).")
    #expect(message.message.contains("violates check constraint"))
  }

  @Test func `An error's place is counted in characters and found in bytes`() async throws {
    let sql = "select 'äöü€𝄞' as x, missing from generate_series(1, 2)"
    let error = try await #require(throws: WarehouseError.self) { try await query(sql) }
    guard case .statement(let message) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(message.sqlState == "42703")
    #expect(message.position == 22)
    let offset = try #require(message.byteOffset)
    #expect(String(decoding: Array(sql.utf8)[offset...].prefix(7), as: UTF8.self) == "missing")
  }

  @Test func `A NUL byte is refused before anything is sent`() async throws {
    let error = try await #require(throws: WarehouseError.self) { try await query("select 'a\0b'") }
    guard case .statement(let message) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(message.sqlState == "22021")
    #expect(message.position == 10)
  }

  @Test func `The state of the transaction is the server's`() async throws {
    let connection = try await PrivateCluster.shared.connection()
    let states = try await connection.perform { session in
      var states = [session.isInTransaction]
      _ = try session.run("begin")
      states.append(session.isInTransaction)
      _ = try? session.run("select 1 / 0")
      states.append(session.isInTransaction)
      let aborted = #expect(throws: WarehouseError.self) { try session.run("select 1") }
      #expect(aborted?.sqlState == "25P02")
      _ = try session.run("rollback")
      states.append(session.isInTransaction)
      return states
    }
    #expect(states == [false, true, true, false])
    await connection.close()
  }

  @Test func `A script gives one result a statement`() async throws {
    let connection = try await PrivateCluster.shared.connection()
    let results = try await connection.perform { session in
      try session.runScript([
        "begin", "create table t (a int) -- a remark", "insert into t values (1)", "commit",
      ])
    }
    #expect(results.map(\.tag) == ["BEGIN", "CREATE TABLE", "INSERT 0 1", "COMMIT"])
    await connection.close()
  }

  @Test(arguments: [
    (["select 1", "select 'ü', nix", "select 3"], 1, "42703", 13),
    (["select 1", "select 2", "selec 3"], 2, "42601", 1),
    (["select 'ü'", "select 1 / 0"], 1, "22012", nil),
  ])
  func `A script's error is placed in its own statement`(
    _ script: [String], _ index: Int, _ state: String, _ position: Int?
  ) async throws {
    let connection = try await PrivateCluster.shared.connection()
    try await connection.perform { session in
      let error = try #require(throws: ScriptError.self) { try session.runScript(script) }
      #expect(error.index == index)
      guard case .statement(let message) = error.error else {
        Issue.record("\(error)")
        return
      }
      #expect(message.sqlState == state)
      #expect(message.position == position)
      #expect(message.statement == script[index])
    }
    await connection.close()
  }

  @Test func `Notices are collected until they are taken`() async throws {
    let connection = try await PrivateCluster.shared.connection()
    let notices = try await connection.perform { session in
      _ = try session.run("drop table if exists nothing; do $$ begin raise warning 'careful'; end $$")
      let notices = session.takeNotices()
      #expect(session.takeNotices().isEmpty)
      return notices
    }
    #expect(notices == ["NOTICE: table \"nothing\" does not exist, skipping", "WARNING: careful"])
    await connection.close()
  }

  @Test func `Describing gives names and types without running`() async throws {
    let connection = try await PrivateCluster.shared.connection()
    let columns = try await connection.perform { session in
      _ = try session.run(
        """
        create type mood as enum ('sad', 'ok');
        create domain short as varchar(5);
        create type point3 as (x int, y int, z int);
        create schema "Odd.Schema"; create type "Odd.Schema"."Odd ""Type" as enum ('a')
        """)
      return try session.describe(
        """
        select 'ok'::mood as m, '{ok}'::mood[] as ms, 'x'::short as s, null::point3 as p,
          null::"Odd.Schema"."Odd ""Type" as o, null::interval day to second(3) as i, null::char(3)[] as c,
          null::numeric(5,-2) as n, null::timestamptz(3) as t, null::bit(4) as b, 1 / 0 as "never runs",
          null::int4range as r, null::varchar as v
        """)
    }
    #expect(
      columns.map(\.type) == [
        "mood", "mood[]", "character varying(5)", "point3", "\"Odd.Schema\".\"Odd \"\"Type\"",
        "interval day to second(3)",
        "character(3)[]", "numeric(5,-2)", "timestamp(3) with time zone", "bit(4)", "integer", "int4range",
        "character varying",
      ])
    #expect(columns[10].name == "never runs")
    await connection.close()
  }

  @Test func `Types known without asking are those of the server`() async throws {
    let result = try await query(
      """
      select t.oid, m, format_type(t.oid, m)
      from pg_type t cross join unnest(array[-1, 0, 1, 3, 4, 5, 20, 655366, 655370, 65540, 327682, 329730]) m
      where t.oid < 10000
        and (m = -1 or t.typname ~ '^_?(varchar|bpchar|bit|varbit)$' and m between 1 and 20
          and (t.typname ~ 'bit' or m > 4)
          or t.typname ~ '^_?(timestamp|timestamptz|time|timetz)$' and m between 0 and 5
          or t.typname ~ '^_?numeric$' and m >= 65540)
      """)
    var known = 0
    for row in result.rows {
      let oid = try #require(row[0].flatMap { UInt32($0) })
      let modifier = try #require(row[1].flatMap { Int32($0) })
      guard let name = BuiltinTypes.name(oid, modifier) else { continue }
      known += 1
      #expect(name == row[2], "\(oid) \(modifier)")
    }
    #expect(known > 100)
  }

  @Test func `COPY stores a hundred thousand rows from chunks cut anywhere`() async throws {
    let connection = try await PrivateCluster.shared.connection()
    let (stored, sum) = try await connection.perform { session in
      _ = try session.run("create table t (a int, b text)")
      var text: [UInt8] = []
      for row in 1...100_000 { text += Array("\(row),\"row, \(row)\"\n".utf8) }
      var offset = 0
      let stored = try session.copyIn("copy t from stdin with (format csv)") {
        guard offset < text.count else { return nil }
        let end = min(offset + 65_537, text.count)
        defer { offset = end }
        return Array(text[offset..<end])
      }
      return (stored, try session.run("select sum(a), count(distinct b) from t").rows[0])
    }
    #expect(stored == 100_000)
    #expect(sum == ["5000050000", "100000"])
    await connection.close()
  }

  @Test func `A COPY that fails, there or here, leaves the session usable`() async throws {
    struct Ragged: Error {}
    let connection = try await PrivateCluster.shared.connection()
    try await connection.perform { session in
      _ = try session.run("create table t (a int)")
      var chunks = ["1\n2\n", "x\n"]
      let refused = #expect(throws: WarehouseError.self) {
        try session.copyIn("copy t from stdin with (format csv)") {
          chunks.isEmpty ? nil : Array(chunks.removeFirst().utf8)
        }
      }
      #expect(refused?.sqlState == "22P02")
      var given = 0
      #expect(throws: Ragged.self) {
        _ = try session.copyIn("copy t from stdin with (format csv)") {
          given += 1
          if given > 1 { throw Ragged() }
          return Array("7\n".utf8)
        }
      }
      #expect(throws: WarehouseError.self) { try session.copyIn("select 1") { nil } }
      #expect(throws: WarehouseError.self) { try session.run("copy t from stdin") }
      _ = try session.run("copy t to stdout")
      #expect(try session.run("select count(*) from t").scalar == "0")
    }
    await connection.close()
  }

  @Test func `Names keep quotes, letters of any kind and 63 bytes`() async throws {
    let connection = try await PrivateCluster.shared.connection()
    let long = String(repeating: "ä", count: 31) + "x"
    try await connection.perform { session in
      for name in ["We\"ird", "select", "with space", "größe 表", long] {
        let relation = RelationName(database: nil, schema: "public", identifier: name)
        let quoted = session.dialect.render(relation)
        _ = try session.run("create table \(quoted) (\(session.dialect.quote(name)) int)")
        #expect(try session.columns(of: [relation])[relation]?.map(\.name) == [name])
      }
    }
    await connection.close()
  }
}
