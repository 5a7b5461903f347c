import Diagnostics
import Materializations
import ProjectModel
import StarModel
import Warehouse

/// Carries out one plan on a session: scripts in as few round trips as the plan's questions allow.
struct PlanExecutor {
  struct Outcome {
    /// The command tag of the statement that stored the node's rows: `SELECT 12`.
    var message: String?
    var rowsAffected: Int?
    /// What audits of severity warning found.
    var warnings: [Diagnostic] = []
    /// How many offences those audits counted that ask for a check of a star.
    var offences: [StarCheck: Int] = [:]
    var tallies: [Plan.Tally: Int] = [:]
  }

  /// Words an error; nil for plans that belong to no node.
  let diagnostics: DatabaseDiagnostic?
  let session: any Session
  let openSeed: @Sendable (SeedContents) throws -> SeedStream
  /// Runs the gate tests against a relation; throws what ends the plan.
  let gate: (RelationName, Outcome) throws -> Void

  /// Renders a hook that waited for its turn; told whether the node's rows are stored by now.
  var renderHook: (_ hook: Plan.Statement, _ isStored: Bool) throws -> String = { hook, _ in hook.sql }

  /// See ``RunEnvironment/stage``.
  var stage: RowStage?
  /// See ``RunEnvironment/retriesOfRefusals``.
  var retriesOfRefusals = 0

  private var outcome = Outcome()
  /// True when a commit was sent (or nothing needs one), so that a lost connection leaves open what was kept.
  private var mayHaveCommitted = false

  /// For plans of statements alone.
  init(session: any Session) {
    self.init(
      diagnostics: nil, session: session, openSeed: { _ in SeedStream { nil } }, gate: { _, _ in })
  }

  init(
    diagnostics: DatabaseDiagnostic?, session: any Session,
    openSeed: @escaping @Sendable (SeedContents) throws -> SeedStream,
    gate: @escaping (RelationName, Outcome) throws -> Void
  ) {
    self.diagnostics = diagnostics
    self.session = session
    self.openSeed = openSeed
    self.gate = gate
  }

  /// - Throws: ``PlanFailure``; the group it arose in is then undone, groups before it stay.
  mutating func execute(_ plan: Plan) throws -> Outcome {
    outcome = Outcome()
    var isUntouched = true
    for group in plan.groups {
      mayHaveCommitted = false
      let before = outcome
      do {
        try retrying(group) { (executor: inout PlanExecutor) in
          do {
            try executor.execute(group.steps, mode: group.mode)
          } catch let failure as PlanFailure {
            guard let otherwise = group.otherwise, let state = failure.sqlState,
              otherwise.sqlStates.contains(state)
            else { throw failure }
            executor.outcome = before
            try executor.execute(otherwise.steps, mode: group.mode)
          }
        }
      } catch var failure as PlanFailure {
        failure.isRepeatable = isUntouched && (group.isIdempotent || !mayHaveCommitted)
        throw failure
      }
      isUntouched = isUntouched && group.isIdempotent
    }
    return outcome
  }

  /// A transaction that the server undid to resolve a conflict may be sent again: nothing of it is there.
  private mutating func retrying(
    _ group: Plan.Group, _ body: (inout PlanExecutor) throws -> Void
  ) throws {
    var attempt = 1
    let before = outcome
    while true {
      do {
        return try body(&self)
      } catch let failure as PlanFailure {
        // What was counted and found is undone with the rest.
        outcome = before
        guard group.mode == .transaction || group.isIdempotent,
          let pause = RetryRule(session.dialect, retriesOfRefusals).pause(after: attempt, failure.error)
        else { throw failure }
        RetryRule.wait(seconds: pause)
        attempt += 1
      }
    }
  }

  private mutating func execute(_ steps: [Plan.Step], mode: Plan.Group.Mode) throws {
    do {
      var script = Script()
      mayHaveCommitted = mode == .autocommit
      if mode == .transaction { script.append(Plan.Statement(.prepare, "begin")) }
      for step in steps {
        switch step {
        case .statement(let statement):
          if statement.purpose == .hook || statement.isTemplate {
            // A hook may hold several statements, so it goes alone.
            try send(&script)
            for statement in try rendered(statement) { try runAlone(statement) }
          } else {
            // What an audit finds is said before a later statement stumbles over the same rows.
            if script.hasAudits || statement.readsTallies { try send(&script) }
            script.append(statement.readsTallies ? outcome.filling(statement) : statement)
            if mode == .autocommit || statement.explainsJoin { try send(&script) }
          }
        case .audit(let audit):
          if audit.isTemplate {
            try send(&script)
            let template = Plan.Statement(.prepare, audit.query, span: audit.span)
            let query = try renderHook(template, outcome.message != nil)
            try check(audit, try run(Plan.Statement(.prepare, query, span: audit.span)))
          } else {
            script.append(audit)
          }
        case .copy(let statement, let contents):
          try send(&script)
          try copy(statement, contents)
        case .gate(let relation):
          try send(&script)
          try gate(relation, outcome)
        }
      }
      if mode == .transaction {
        // An audit is read before the commit is sent.
        if script.hasAudits { try send(&script) }
        script.append(Plan.Statement(.prepare, "commit"))
        mayHaveCommitted = true
      }
      try send(&script)
    } catch {
      if session.isInTransaction { _ = try? session.run("rollback") }
      throw error
    }
  }

  /// Statements and audits that wait to be sent together.
  private struct Script {
    enum Entry {
      case statement(Plan.Statement)
      case audit(Plan.Audit)
    }
    var entries: [Entry] = []
    var hasAudits: Bool {
      entries.contains { if case .audit = $0 { true } else { false } }
    }

    mutating func append(_ statement: Plan.Statement) { entries.append(.statement(statement)) }
    mutating func append(_ audit: Plan.Audit) { entries.append(.audit(audit)) }
  }

  private mutating func send(_ script: inout Script) throws {
    guard !script.entries.isEmpty else { return }
    let entries = script.entries
    script = Script()
    let texts = entries.map {
      switch $0 {
      case .statement(let statement): statement.sql
      case .audit(let audit): audit.query
      }
    }
    let results: [QueryResult]
    do {
      results = try session.runScript(texts)
    } catch {
      let culprit: Plan.Statement? =
        switch entries[min(error.index, entries.count - 1)] {
        case .statement(let statement): statement
        case .audit(let audit): Plan.Statement(.prepare, audit.query, span: audit.span)
        }
      throw failure(error.error, in: culprit)
    }
    for (entry, result) in zip(entries, results) {
      switch entry {
      case .statement(let statement):
        note(statement.explainsJoin ? try counted(result, of: statement) : result, of: statement)
      case .audit(let audit): try check(audit, result)
      }
    }
  }

  private func rendered(_ hook: Plan.Statement) throws -> [Plan.Statement] {
    guard hook.isTemplate else { return [hook] }
    let text = try renderHook(hook, outcome.message != nil)
    return hook.rendered(text, userSQL: diagnostics?.compiled?.sql ?? "")
  }

  private mutating func runAlone(_ statement: Plan.Statement) throws {
    note(try run(statement), of: statement)
  }

  private func run(_ statement: Plan.Statement) throws -> QueryResult {
    do throws(WarehouseError) {
      return try session.run(statement.sql)
    } catch {
      throw failure(error, in: statement)
    }
  }

  private mutating func copy(_ statement: Plan.Statement, _ contents: SeedContents) throws {
    let stream = try openSeed(contents)
    do {
      let rows: Int
      if session.dialect.hasCopyFromStandardInput {
        rows = try session.copyIn(statement.sql, next: stream.next)
      } else if let stage {
        rows = try StagedRows(contents: contents, stage: stage, session: session).copy(stream)
      } else {
        rows = try InsertedRows(opening: statement.sql, contents: contents, session: session).insert(stream)
      }
      outcome.rowsAffected = rows
      outcome.message = "INSERT \(rows)"
    } catch let error as WarehouseError {
      throw failure(error, in: statement)
    }
  }

  private mutating func note(_ result: QueryResult, of statement: Plan.Statement) {
    if statement.countsRows {
      outcome.rowsAffected = (outcome.rowsAffected ?? 0) + (result.rowsAffected ?? 0)
    }
    for tally in statement.tallies { outcome.tallies[tally, default: 0] += result.rowsAffected ?? 0 }
    if statement.purpose == .main || (statement.countsRows && outcome.message == nil) {
      outcome.message = result.tag
    }
  }

  /// What an explained statement stored, as the statement itself would have said it.
  private mutating func counted(_ result: QueryResult, of statement: Plan.Statement) throws -> QueryResult {
    let text = result.rows.compactMap { $0.first ?? nil }.joined(separator: "\n")
    guard let join = FullJoinPlan(explanation: text) else {
      let message = ServerMessage(
        sqlState: Plan.notCounted, message: "the rows of the join are not counted", statement: statement.sql)
      throw failure(.statement(message), in: statement)
    }
    if let alone = join.rowsAlone { outcome.tallies[.alone] = alone }
    var stored = result
    stored.rowsAffected = join.rowsKept
    stored.tag = join.rowsKept.map { "SELECT \($0)" } ?? result.tag
    return stored
  }

  private mutating func check(_ audit: Plan.Audit, _ result: QueryResult) throws {
    guard !result.rows.isEmpty else { return }
    let report = AuditReport(audit: audit, result: result)
    let found = report.diagnostic(for: diagnostics?.node)
    guard audit.severity == .error else {
      outcome.warnings.append(found)
      if let check = audit.check { outcome.offences[check] = report.count }
      return
    }
    var failure = PlanFailure(diagnostic: found, error: nil)
    failure.broken = audit.check.map { ($0, report.count) }
    throw failure
  }

  private func failure(_ error: WarehouseError, in statement: Plan.Statement?) -> PlanFailure {
    PlanFailure(
      diagnostic: diagnostics?.diagnostic(for: error, in: statement)
        ?? DatabaseDiagnostic.unattached(error, statement: statement?.sql), error: error)
  }
}

extension PlanExecutor.Outcome {
  /// The statement with what was counted up to now.
  fileprivate func filling(_ statement: Plan.Statement) -> Plan.Statement {
    var statement = statement
    for tally in Plan.Tally.allCases {
      let count: Int? = tally == .warnings ? warnings.count : tallies[tally]
      statement.sql = statement.sql.replacing(tally.marker, with: count.map { "\($0)" } ?? "null")
    }
    return statement
  }
}

/// Why a plan ended before its end.
struct PlanFailure: Error {
  var diagnostic: Diagnostic
  /// What the server answered; nil when an audit or a test ended the plan.
  var error: WarehouseError?
  /// The test of the gate that failed.
  var failedTest: NodeID?
  /// The check of a star whose audit ended the plan, and how many offences it counted.
  var broken: (check: StarCheck, offences: Int)?
  /// True when the server kept nothing of the plan that doing it again would do twice.
  var isRepeatable = false

  init(diagnostic: Diagnostic, error: WarehouseError?, failedTest: NodeID? = nil) {
    self.diagnostic = diagnostic
    self.error = error
    self.failedTest = failedTest
  }

  var sqlState: String? {
    if case .statement(let message) = error { message.sqlState } else { nil }
  }

  /// True when the database is not what the plan was made for: something hangs on the relation that nobody had told
  /// of, or another run has made the relation in the meantime (the server's own unique indexes tell, where both make
  /// it in the same moment).
  var isSurprise: Bool {
    guard case .statement(let message) = error else { return false }
    switch message.sqlState {
    case "2BP01", "42P07": return true
    case "23505": return message.schema == "pg_catalog"
    default: return false
    }
  }

  var isConnectionLost: Bool {
    if case .connectionLost = error { true } else { false }
  }
}

/// The rows of a seed file in the form that COPY takes, chunk by chunk.
public struct SeedStream {
  public var next: () throws -> [UInt8]?

  public init(next: @escaping () throws -> [UInt8]?) { self.next = next }
}

/// An audit's rows as a diagnostic: the first column counts the offences, the others show one of them.
struct AuditReport {
  var audit: Plan.Audit
  var result: QueryResult

  /// How many offences there are in all.
  var count: Int { result.rows.first?.first.flatMap { $0 }.flatMap { Int($0) } ?? result.rows.count }

  func diagnostic(for node: Node?) -> Diagnostic {
    let names = result.columns.dropFirst().map(\.name)
    let samples = result.rows.prefix(3).map { row in
      zip(names, row.dropFirst()).map { "\($0) = \($1 ?? "NULL")" }.joined(separator: ", ")
    }
    var notes = [audit.severity == .error ? "\(count) in all; nothing was written" : "\(count) in all"]
    notes += samples.filter { !$0.isEmpty }.map { "for example \($0)" }
    return Diagnostic(
      audit.code, severity: audit.severity, audit.summary,
      at: audit.span ?? node.map { SourceSpan(file: $0.originalFilePath, line: $0.firstLine, column: 1) },
      notes: notes, help: audit.help)
  }
}
