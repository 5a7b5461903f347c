import Artifacts
import ProjectModel
import Testing

@Suite struct RunResultsArtifactTests {
  @Test func writesTheKeysOfVersionSix() throws {
    var result = NodeResult(node: NodeID("model.shop.a"), status: .success, threadName: "Thread-2")
    result.timing = [.init(name: "compile", startedAt: 1_700_000_000, completedAt: 1_700_000_000.25)]
    result.executionTime = 0.5
    result.adapterMessage = "INSERT 0 12"
    result.rowsAffected = 12
    result.message = "INSERT 0 12"
    result.compiledCode = "select 1"
    result.relationName = "\"db\".\"s\".\"a\""
    let artifact = RunResultsArtifact(
      metadata: ArtifactMetadata(invocationID: "i", generatedAt: 0, invocationStartedAt: 0),
      results: [result, NodeResult(node: NodeID("seed.shop.b"), status: .skipped)], elapsedTime: 1.5,
      arguments: ["which": "build"])
    let text = String(decoding: artifact.write(), as: UTF8.self)
    #expect(
      text == """
        {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json", \
        "dbt_version": "1.11.16", "generated_at": "1970-01-01T00:00:00Z", "invocation_id": "i", \
        "invocation_started_at": "1970-01-01T00:00:00Z", "env": {}}, "results": [{"status": "success", \
        "timing": [{"name": "compile", "started_at": "2023-11-14T22:13:20Z", \
        "completed_at": "2023-11-14T22:13:20.250000Z"}], "thread_id": "Thread-2", "execution_time": 0.5, \
        "adapter_response": {"_message": "INSERT 0 12", "code": "INSERT", "rows_affected": 12}, \
        "message": "INSERT 0 12", "failures": null, "unique_id": "model.shop.a", "compiled": true, \
        "compiled_code": "select 1", "relation_name": "\\"db\\".\\"s\\".\\"a\\"", "batch_results": null}, \
        {"status": "skipped", "timing": [], "thread_id": "Thread-1", "execution_time": 0.0, \
        "adapter_response": {}, "message": null, "failures": null, "unique_id": "seed.shop.b", \
        "compiled": null, "compiled_code": null, "relation_name": null, "batch_results": null}], \
        "elapsed_time": 1.5, "args": {"which": "build"}}
        """)
    let read = try RunResultsArtifact.read(artifact.write(), file: "run_results.json")
    #expect(read.map(\.status) == [.success, .skipped])
    #expect(read[0].rowsAffected == 12)
  }

  @Test func keepsWhatBecameOfBatches() throws {
    var result = NodeResult(node: NodeID("model.shop.m"), status: .partialSuccess)
    let days = (1...3).map {
      Batch(start: EventTime(year: 2024, day: $0), end: EventTime(year: 2024, day: $0 + 1))
    }
    result.batches = BatchResults(successful: [days[0], days[2]], failed: [days[1]])
    let artifact = RunResultsArtifact(
      metadata: ArtifactMetadata(invocationID: "i", generatedAt: 0, invocationStartedAt: 0),
      results: [result], elapsedTime: 1)
    let text = String(decoding: artifact.write(), as: UTF8.self)
    #expect(text.contains("\"failed\": [[\"2024-01-02T00:00:00+00:00\", \"2024-01-03T00:00:00+00:00\"]]"))
    let read = try RunResultsArtifact.read(artifact.write(), file: "run_results.json")
    #expect(read.first?.batches == result.batches)
    #expect(read.first?.status == .partialSuccess)
  }

  @Test func aCatalogComesBack() throws {
    let table = CatalogArtifact.Table(
      id: NodeID("model.shop.a"), type: "VIEW",
      relation: RelationName(database: "db", schema: "s", identifier: "a"), comment: "c", owner: "o",
      columns: [
        .init(name: "id", type: "integer", index: 1, comment: "the key"),
        .init(name: "n", type: "text", index: 2),
      ])
    let artifact = CatalogArtifact(
      metadata: ArtifactMetadata(invocationID: "i", generatedAt: 0, invocationStartedAt: 0), nodes: [table],
      sources: [])
    let read = try CatalogArtifact.tables(in: artifact.write(), file: "catalog.json")
    #expect(read.count == 1)
    #expect(read.first?.columns == table.columns)
    #expect(read.first?.owner == "o")
  }
}
