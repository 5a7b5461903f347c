public import Diagnostics
import OrderedCollections
public import ProjectModel

/// `catalog.json`, version 1: what stands in the database.
public struct CatalogArtifact: Sendable {
  public struct Table: Sendable {
    public var id: NodeID
    /// As the information schema says it: `BASE TABLE`, `VIEW`, `MATERIALIZED VIEW`.
    public var type: String
    /// As the database has it.
    public var relation: RelationName
    public var comment: String?
    public var owner: String?
    /// In order of their position.
    public var columns: [Column]

    public init(
      id: NodeID, type: String, relation: RelationName, comment: String? = nil, owner: String? = nil,
      columns: [Column] = []
    ) {
      self.id = id
      self.type = type
      self.relation = relation
      self.comment = comment
      self.owner = owner
      self.columns = columns
    }
  }

  public struct Column: Sendable, Hashable {
    public var name: String
    /// As `format_type` writes it.
    public var type: String
    /// 1-based.
    public var index: Int
    public var comment: String?

    public init(name: String, type: String, index: Int, comment: String? = nil) {
      self.name = name
      self.type = type
      self.index = index
      self.comment = comment
    }
  }

  public var metadata: ArtifactMetadata
  public var nodes: [Table]
  public var sources: [Table]
  /// What kept the catalogue from being whole.
  public var errors: [String]

  public init(metadata: ArtifactMetadata, nodes: [Table], sources: [Table], errors: [String] = []) {
    self.metadata = metadata
    self.nodes = nodes
    self.sources = sources
    self.errors = errors
  }

  public func write() -> [UInt8] {
    var json = JSONWriter(reserving: 4_096 * (nodes.count + sources.count + 1))
    json.beginObject()
    metadata.write(.catalog, to: &json)
    write("nodes", nodes, to: &json)
    write("sources", sources, to: &json)
    json.field("errors", errors.isEmpty ? .null : .list(errors.map { .string($0) }))
    json.endObject()
    return json.bytes
  }

  private func write(_ key: StaticString, _ tables: [Table], to json: inout JSONWriter) {
    json.beginObject(key)
    for table in tables {
      json.beginObject(named: table.id.rawValue)
      json.beginObject("metadata")
      json.field("type", table.type)
      json.field("schema", table.relation.schema ?? "")
      json.field("name", table.relation.identifier)
      json.field("database", table.relation.database)
      json.field("comment", table.comment)
      json.field("owner", table.owner)
      json.endObject()
      json.beginObject("columns")
      for column in table.columns {
        json.beginObject(named: column.name)
        json.field("type", column.type)
        json.field("index", column.index)
        json.field("name", column.name)
        json.field("comment", column.comment)
        json.endObject()
      }
      json.endObject()
      json.field("stats", CatalogArtifact.noStatistics)
      json.field("unique_id", table.id.rawValue)
      json.endObject()
    }
    json.endObject()
  }

  private static let noStatistics: OrderedDictionary<String, PlainValue> = [
    "has_stats": [
      "id": "has_stats", "label": "Has Stats?", "value": false, "include": false,
      "description": "Indicates whether there are statistics for this table",
    ]
  ]

  /// The tables of an earlier `catalog.json`, sources among them.
  ///
  /// - Throws: `broken-json`, or `foreign-artifact` when it is JSON of another kind.
  public static func tables(in bytes: [UInt8], file: String) throws(DiagnosticsError) -> [Table] {
    let root = try JSONReader.read(bytes, file: file).mapping
    guard let nodes = root?["nodes"]?.mapping, let sources = root?["sources"]?.mapping else {
      throw DiagnosticsError(.foreignArtifact(file, expected: "catalog.json"))
    }
    return (Array(nodes.elements) + Array(sources.elements)).compactMap { id, value in
      guard let entry = value.mapping, let metadata = entry["metadata"]?.mapping else { return nil }
      return Table(
        id: NodeID(id), type: metadata["type"]?.string ?? "",
        relation: RelationName(
          database: metadata["database"]?.string, schema: metadata["schema"]?.string,
          identifier: metadata["name"]?.string ?? ""),
        comment: metadata["comment"]?.string, owner: metadata["owner"]?.string,
        columns: (entry["columns"]?.mapping ?? [:]).values.compactMap(\.mapping).map {
          Column(
            name: $0["name"]?.string ?? "", type: $0["type"]?.string ?? "", index: $0["index"]?.int ?? 0,
            comment: $0["comment"]?.string)
        }.sorted { $0.index < $1.index })
    }
  }
}
