import Artifacts
import Foundation
import ProjectAnalysis
import ProjectLoading
import ProjectModel

/// The events of a run as OpenLineage's specification has them (RunEvent 2-0-2), one JSON object each.
struct OpenLineageEvents: Sendable {
  enum Kind: String, Sendable {
    case start = "START"
    case complete = "COMPLETE"
    case fail = "FAIL"
    case abort = "ABORT"
  }

  let manifest: Manifest
  let analysis: ProjectAnalysis
  let namespace: String
  /// `build`, `run` …
  let command: String
  /// Of the command's own run.
  let runID: String
  /// `postgres://host:5432`
  let server: String
  let database: String

  private static let producer = "urn:whc:\(Version.whc)"
  private static let spec = "https://openlineage.io/spec"

  // MARK: Events

  /// The command as a whole, which the nodes' runs are parts of.
  func command(_ kind: Kind, at time: Double) -> [UInt8] {
    event(
      kind, at: time, run: runID, runFacets: { _ in },
      job: { json in
        json.field("namespace", namespace)
        json.field("name", jobName)
        json.beginObject("facets")
        facet(&json, "jobType", "2-0-3/JobTypeJobFacet") { json in
          json.field("processingType", "BATCH")
          json.field("integration", "WHC")
          json.field("jobType", "JOB")
        }
        json.endObject()
      }, inputs: [], output: nil, rows: nil)
  }

  /// - Parameters:
  ///   - run: the node's own run, the same for its start and its end.
  ///   - rows: how many were written.
  func node(
    _ kind: Kind, _ node: Node, at time: Double, run: String, sql: String? = nil,
    message: String? = nil,
    rows: Int? = nil
  ) -> [UInt8] {
    event(
      kind, at: time, run: run,
      runFacets: { json in
        facet(&json, "parent", "1-0-1/ParentRunFacet") { json in
          json.beginObject("run")
          json.field("runId", runID)
          json.endObject()
          json.beginObject("job")
          json.field("namespace", namespace)
          json.field("name", jobName)
          json.endObject()
        }
        if let message {
          facet(&json, "errorMessage", "1-0-1/ErrorMessageRunFacet") { json in
            json.field("message", message)
            json.field("programmingLanguage", "SQL")
          }
        }
      },
      job: { json in
        json.field("namespace", namespace)
        json.field("name", node.id.rawValue)
        json.beginObject("facets")
        facet(&json, "jobType", "2-0-3/JobTypeJobFacet") { json in
          json.field("processingType", "BATCH")
          json.field("integration", "WHC")
          json.field("jobType", node.resourceType.rawValue.uppercased())
        }
        if let sql {
          facet(&json, "sql", "1-0-1/SQLJobFacet") { $0.field("query", sql) }
        }
        json.endObject()
      }, inputs: inputs(of: node), output: node, rows: kind == .complete ? rows : nil)
  }

  private var jobName: String { "\(manifest.projectName).\(command)" }

  private func event(
    _ kind: Kind, at time: Double, run: String, runFacets: (inout JSONWriter) -> Void,
    job: (inout JSONWriter) -> Void, inputs: [NodeID], output: Node?, rows: Int?
  ) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.field("eventType", kind.rawValue)
    json.field("eventTime", Clock.timestamp(time) + "Z")
    json.field("producer", Self.producer)
    json.field("schemaURL", Self.spec + "/2-0-2/OpenLineage.json#/$defs/RunEvent")
    json.beginObject("run")
    json.field("runId", run)
    json.beginObject("facets")
    runFacets(&json)
    json.endObject()
    json.endObject()
    json.beginObject("job")
    job(&json)
    json.endObject()
    json.beginArray("inputs")
    for id in inputs {
      json.beginObject()
      writeDataset(&json, id)
      json.beginObject("facets")
      writeSchema(&json, id)
      json.endObject()
      json.endObject()
    }
    json.endArray()
    json.beginArray("outputs")
    if let output {
      json.beginObject()
      writeDataset(&json, output.id)
      json.beginObject("facets")
      writeSchema(&json, output.id)
      writeColumnLineage(&json, output.id)
      json.endObject()
      if let rows, rows >= 0 {
        json.beginObject("outputFacets")
        facet(&json, "outputStatistics", "1-0-2/OutputStatisticsOutputDatasetFacet") {
          $0.field("rowCount", rows)
        }
        json.endObject()
      }
      json.endObject()
    }
    json.endArray()
    json.endObject()
    return json.bytes
  }

  private func facet(
    _ json: inout JSONWriter, _ name: StaticString, _ schema: String,
    _ body: (inout JSONWriter) -> Void
  ) {
    json.beginObject(name)
    json.field("_producer", Self.producer)
    json.field("_schemaURL", "\(Self.spec)/facets/\(schema).json")
    body(&json)
    json.endObject()
  }

  // MARK: Datasets

  private func relation(_ id: NodeID) -> RelationName? {
    manifest.nodes[id].flatMap { $0.isRelational ? $0.relation : nil }
      ?? manifest.sources[id]?.relation
  }

  private func name(_ id: NodeID) -> String? {
    relation(id).map { "\($0.database ?? database).\($0.schema ?? "").\($0.identifier)" }
  }

  private func writeDataset(_ json: inout JSONWriter, _ id: NodeID) {
    json.field("namespace", server)
    json.field("name", name(id) ?? id.rawValue)
  }

  /// The relations that a node reads, ephemeral models looked through.
  private func inputs(of node: Node) -> [NodeID] {
    var found: [NodeID] = []
    var seen: Set<NodeID> = [node.id]
    var waiting = Array(node.dependsOn.reversed())
    while let id = waiting.popLast() {
      guard seen.insert(id).inserted else { continue }
      if relation(id) != nil {
        found.append(id)
      } else {
        waiting += manifest.nodes[id]?.dependsOn.reversed() ?? []
      }
    }
    return found
  }

  private func writeSchema(_ json: inout JSONWriter, _ id: NodeID) {
    let documented = manifest.nodes[id]?.columns ?? manifest.sources[id]?.columns ?? [:]
    let columns = analysis.tables[id]?.shape.columns ?? []
    guard !columns.isEmpty else { return }
    facet(&json, "schema", "1-1-1/SchemaDatasetFacet") { json in
      json.beginArray("fields")
      for column in columns {
        json.beginObject()
        json.field("name", column.name)
        let properties = documented[column.name]
        if let type = column.type?.description ?? properties?.dataType { json.field("type", type) }
        if let text = properties?.description, !text.isEmpty { json.field("description", text) }
        json.endObject()
      }
      json.endArray()
    }
  }

  private func writeColumnLineage(_ json: inout JSONWriter, _ id: NodeID) {
    guard let table = analysis.tables[id], table.isRead else { return }
    func write(
      _ json: inout JSONWriter, _ column: ProjectColumn, _ type: String, _ subtype: String?
    ) {
      json.beginObject()
      writeDataset(&json, column.node)
      json.field("field", column.name)
      json.beginArray("transformations")
      json.beginObject()
      json.field("type", type)
      if let subtype { json.field("subtype", subtype) }
      json.endObject()
      json.endArray()
      json.endObject()
    }
    facet(&json, "columnLineage", "1-2-0/ColumnLineageDatasetFacet") { json in
      json.beginObject("fields")
      for column in table.shape.columns {
        let origins = origins(of: ProjectColumn(node: id, name: column.name))
        guard !origins.isEmpty else { continue }
        json.key(named: column.name)
        json.beginObject()
        json.beginArray("inputFields")
        for (origin, use) in origins.sorted(by: { $0.key < $1.key }) {
          let subtype =
            switch use {
            case .copied: "IDENTITY"
            case .transformed: "TRANSFORMATION"
            case .aggregated: "AGGREGATION"
            }
          write(&json, origin, "DIRECT", subtype)
        }
        json.endArray()
        json.endObject()
      }
      json.endObject()
      let conditions = table.conditions.flatMap { condition in
        relation(condition.node) == nil ? Array(origins(of: condition).keys) : [condition]
      }
      guard !conditions.isEmpty else { return }
      json.beginArray("dataset")
      for condition in Set(conditions).sorted() { write(&json, condition, "INDIRECT", nil) }
      json.endArray()
    }
  }

  /// The columns of other relations that a column is made of: ephemeral models and the relation's own columns looked
  /// through.
  private func origins(of column: ProjectColumn) -> [ProjectColumn: ProjectAnalysis.Use] {
    var found: [ProjectColumn: ProjectAnalysis.Use] = [:]
    var seen: Set<ProjectColumn> = [column]
    var waiting = [(column, ProjectAnalysis.Use.copied)]
    while let (next, use) = waiting.popLast() {
      for (origin, own) in analysis.tables[next.node]?.origins[next.name] ?? [:] {
        let both = max(use, own)
        if relation(origin.node) != nil, origin.node != column.node {
          found[origin] = max(found[origin] ?? .copied, both)
        } else if seen.insert(origin).inserted {
          waiting.append((origin, both))
        }
      }
    }
    return found
  }
}
