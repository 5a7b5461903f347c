import SQLAnalysis
import TestSupport
import Testing
import Warehouse

/// What is said of a query's columns against what a server says of them.
@Suite struct ServerTests {
  @Test(arguments: QueryCase.all.filter { $0.language == .postgres })
  func agreesWithTheServer(_ item: QueryCase) async throws {
    let connection = try await PrivateCluster.shared.connection()
    let problems = try await connection.perform { session -> [String] in
      for (name, shape) in item.relations {
        if let schema = name.schema { _ = try session.run("create schema if not exists \(schema)") }
        let columns = shape.columns.map { column in
          "\(column.name) \(column.type?.description ?? "text")\(column.isNullable == false ? " not null" : "")"
        }
        _ = try session.run("create table \(name) (\(columns.joined(separator: ", ")))")
      }
      return try item.queries.flatMap { try Self.differences($0, item, session) }
    }
    await connection.close()
    #expect(problems == [])
  }

  /// A query without findings is one that the server takes, with these columns; one with findings it refuses.
  private static func differences(
    _ query: String, _ item: QueryCase, _ session: any Session
  ) throws -> [String] {
    guard let analysis = try? QueryAnalysis(query, resolve: { item.relations[$0] }) else { return [] }
    // Relations that the case leaves unknown are not there for the server either.
    guard analysis.tables.allSatisfy({ item.relations[$0.name] != nil }) else { return [] }
    let mistakes = analysis.findings.filter {
      if case .unusedCTE = $0.kind { false } else { true }
    }
    let described: [ColumnDescription]
    do { described = try session.describe(query) } catch {
      return mistakes.isEmpty ? ["\(query): the server says \(error)"] : []
    }
    if !mistakes.isEmpty { return ["\(query): the server takes it"] }
    var problems: [String] = []
    let names = analysis.shape.columns.map(\.name)
    if names != described.map(\.name) { problems.append("\(query): \(names), not \(described.map(\.name))") }
    for (column, other) in zip(analysis.shape.columns, described) {
      if let type = column.type, type.description != other.type {
        problems.append("\(query): \(column.name) is \(type), not \(other.type)")
      }
    }
    return problems
  }
}
