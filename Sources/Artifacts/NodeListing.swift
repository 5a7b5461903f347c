import OrderedCollections
public import ProjectModel

/// The lines that `ls` prints.
public struct NodeListing: Sendable {
  public enum Output: String, Sendable, CaseIterable { case selector, name, path, json }

  private let artifact: ManifestArtifact

  public init(_ artifact: ManifestArtifact) { self.artifact = artifact }

  /// One line for each id that the manifest has, in the order given.
  ///
  /// - Parameter keys: which keys of a node's manifest entry `json` shows; a dot goes into an object, and
  ///   a key that is not there is left out. Without any, the ten that dbt shows.
  public func lines(_ ids: [NodeID], as output: Output, keys: [String] = []) -> [String] {
    ids.compactMap { id in
      switch output {
      case .selector: selector(id)
      case .name: name(id)
      case .path: path(id)
      case .json: json(id, keys: keys)
      }
    }
  }

  private var manifest: Manifest { artifact.manifest }

  private func opaque(_ id: NodeID) -> (type: ResourceType, entry: OrderedDictionary<String, PlainValue>)? {
    for (type, entries) in manifest.opaque {
      if let entry = entries[id]?.mapping { return (type, entry) }
    }
    return nil
  }

  private func selector(_ id: NodeID) -> String? {
    if let node = manifest.nodes[id] { return node.fqn.joined(separator: ".") }
    if let source = manifest.sources[id] {
      return "source:\(source.packageName).\(source.sourceName).\(source.name)"
    }
    if let exposure = manifest.exposures[id] { return "exposure:\(exposure.packageName).\(exposure.name)" }
    guard let (type, entry) = opaque(id) else { return nil }
    let package = entry["package_name"]?.string ?? ""
    if type == .function { return entry["fqn"]?.strings?.joined(separator: ".") }
    return "\(type.rawValue):\(package).\(versionedName(entry))"
  }

  private func versionedName(_ entry: OrderedDictionary<String, PlainValue>) -> String {
    let name = entry["name"]?.string ?? ""
    switch entry["version"] {
    case .int(let version): return "\(name)_v\(version)"
    case .string(let version): return "\(name)_v\(version)"
    default: return name
    }
  }

  private func name(_ id: NodeID) -> String? {
    if let node = manifest.nodes[id] {
      switch node.version {
      case .int(let version): return "\(node.name).v\(version)"
      case .double(let version): return "\(node.name).v\(version)"
      case .string(let version): return "\(node.name).v\(version)"
      default: return node.name
      }
    }
    if let source = manifest.sources[id] { return "\(source.sourceName).\(source.name)" }
    return manifest.exposures[id]?.name ?? opaque(id)?.entry["name"]?.string
  }

  private func path(_ id: NodeID) -> String? {
    manifest.nodes[id]?.originalFilePath ?? manifest.sources[id]?.path
      ?? manifest.exposures[id].map { $0.originalFilePath.isEmpty ? $0.path : $0.originalFilePath }
      ?? opaque(id)?.entry["original_file_path"]?.string
  }

  private static let standardKeys: Set<String> = [
    "alias", "name", "package_name", "depends_on", "tags", "config", "resource_type", "source_name",
    "original_file_path", "unique_id",
  ]

  private func json(_ id: NodeID, keys: [String]) -> String? {
    guard let entry = entry(id) else { return nil }
    var shown: OrderedDictionary<String, PlainValue> = [:]
    if keys.isEmpty {
      shown = entry.filter { NodeListing.standardKeys.contains($0.key) }
    } else {
      for key in keys {
        guard key.contains(".") else {
          if let value = entry[key] { shown[key] = value }
          continue
        }
        var value: PlainValue? = .mapping(entry)
        for part in key.split(separator: ".") { value = value?.mapping?[String(part)] }
        if let value, !value.isNull { shown[key] = value }
      }
    }
    var json = JSONWriter()
    json.mapping(shown)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  /// The entry as the manifest has it.
  private func entry(_ id: NodeID) -> OrderedDictionary<String, PlainValue>? {
    if let entry = opaque(id)?.entry { return entry }
    var json = JSONWriter()
    if let node = manifest.nodes[id] {
      artifact.write(node, to: &json)
    } else if let source = manifest.sources[id] {
      artifact.write(source, to: &json)
    } else if let exposure = manifest.exposures[id] {
      artifact.write(exposure, to: &json)
    } else {
      return nil
    }
    // What the writer has just written can be read.
    return try? JSONReader.read(json.bytes, file: id.rawValue).mapping
  }
}
