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
    json.key("metadata")
    metadata.begin(.catalog, in: &json)
    json.endObject()
    json.key("nodes")
    write(nodes, to: &json)
    json.key("sources")
    write(sources, to: &json)
    json.key("errors")
    if errors.isEmpty { json.null() } else { json.strings(errors) }
    json.endObject()
    return json.bytes
  }

  private func write(_ tables: [Table], to json: inout JSONWriter) {
    json.beginObject()
    for table in tables {
      json.key(table.id.rawValue)
      json.beginObject()
      json.key("metadata")
      json.beginObject()
      json.key("type")
      json.string(table.type)
      json.key("schema")
      json.string(table.relation.schema ?? "")
      json.key("name")
      json.string(table.relation.identifier)
      json.key("database")
      json.string(table.relation.database)
      json.key("comment")
      json.string(table.comment)
      json.key("owner")
      json.string(table.owner)
      json.endObject()
      json.key("columns")
      json.beginObject()
      for column in table.columns {
        json.key(column.name)
        json.beginObject()
        json.key("type")
        json.string(column.type)
        json.key("index")
        json.int(column.index)
        json.key("name")
        json.string(column.name)
        json.key("comment")
        json.string(column.comment)
        json.endObject()
      }
      json.endObject()
      json.key("stats")
      json.mapping(CatalogArtifact.noStatistics)
      json.key("unique_id")
      json.string(table.id.rawValue)
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
