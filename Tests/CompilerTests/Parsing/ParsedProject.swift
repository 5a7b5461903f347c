import Compiler
import Diagnostics
import Foundation
import ProjectLoading
import ProjectModel
import TestSupport

/// A project that a test writes, loads and parses.
struct ParsedProject {
  var folder: ProjectFolder
  var manifest: Manifest
  var diagnostics: [Diagnostic]

  /// - Parameter files: As ``TestSupport/ProjectFolder`` takes them; without a dbt_project.yml the project is
  ///   called shop and has no settings.
  init(_ files: String) async throws {
    let hasProject = files.hasPrefix("== dbt_project.yml\n") || files.contains("\n== dbt_project.yml\n")
    folder = try ProjectFolder((hasProject ? "" : "== dbt_project.yml\nname: shop\n") + files)
    let environment = ["SCHEMA": "from_environment"]
    let target = Target(profileName: "shop", name: "dev", kind: .postgres, database: "db", schema: "main")
    let renderer = YAMLRenderer(.project, environment: environment, target: target.context)
    let loader = ProjectLoader { (text, span) throws(DiagnosticsError) in try renderer.render(text, at: span)
    }
    let (project, found) = try await loader.load(RawProject.read(folder: folder.path))
    var settings = TemplateSettings(
      projectName: project.root.name, projectRoot: folder.path,
      packages: project.packages.map { .init(name: $0.name, vars: $0.definition.vars) }, database: "db",
      schema: "main", target: target.context)
    settings.environment = environment
    let result = await ManifestBuilder(project: project, settings: settings).build()
    manifest = result.manifest
    diagnostics = found + result.diagnostics
  }

  /// The diagnostics as a user sees them.
  var messages: String {
    DiagnosticRenderer(colors: false) { path in
      (try? FileSystem.read(folder.path + "/" + path)).map { SourceText($0) }
    }.render(diagnostics).replacingOccurrences(of: folder.path, with: "<folder>")
  }

  func node(_ id: String) -> Node? { manifest.nodes[NodeID(id)] }

  /// Every node in a few lines: what a reader of the manifest cares for.
  var summary: String {
    var lines: [String] = []
    for node in manifest.nodes.values {
      lines.append("\(node.id)")
      lines.append(
        "  fqn: \(node.fqn.joined(separator: "."))  path: \(node.path)  file: \(node.originalFilePath)")
      if let relation = node.relation {
        let name = [relation.database, relation.schema, relation.identifier].compactMap { $0 }.joined(
          separator: ".")
        lines.append("  relation: \(name)\(node.isRelational ? "" : " (none)")")
      }
      let defaults = Self.uninteresting
      let config = node.config.values.filter { defaults[$0.key] != $0.value && !$0.value.isNull }
      if !config.isEmpty {
        lines.append(
          "  config: " + config.map { "\($0.key)=\($0.value.pythonRepresentation)" }.joined(separator: " "))
      }
      if !node.tags.isEmpty { lines.append("  tags: " + node.tags.joined(separator: ", ")) }
      if !node.description.isEmpty { lines.append("  description: \(node.description)") }
      for column in node.columns.values {
        lines.append("  column \(column.name): \(column.description)")
      }
      if let test = node.test {
        lines.append(
          "  test: \(test.namespace.map { $0 + "." } ?? "")\(test.name) "
            + PlainValue.mapping(test.arguments).pythonRepresentation
            + " on \(test.attachedNode?.rawValue ?? "-")")
      }
      if !node.dependsOn.isEmpty {
        lines.append("  reads: " + node.dependsOn.map(\.rawValue).joined(separator: ", "))
      }
    }
    for (id, nodes) in manifest.disabled { lines.append("disabled \(id) × \(nodes.count)") }
    for source in manifest.sources.values {
      lines.append("\(source.id)")
      lines.append(
        "  relation: \(source.relation.database ?? "").\(source.relation.schema ?? "").\(source.relation.identifier)"
      )
      lines.append(
        "  freshness: \(source.freshness?.pythonRepresentation ?? "-") by \(source.loadedAtField ?? "-")")
      if !source.tags.isEmpty { lines.append("  tags: " + source.tags.joined(separator: ", ")) }
    }
    for exposure in manifest.exposures.values {
      lines.append("\(exposure.id)\n  reads: " + exposure.dependsOn.map(\.rawValue).joined(separator: ", "))
    }
    for group in manifest.groups.values { lines.append("\(group.id) owned by \(group.owner.name ?? "-")") }
    for (type, values) in manifest.opaque.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      lines.append("\(type.rawValue): " + values.keys.map(\.rawValue).joined(separator: ", "))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static let uninteresting: [String: PlainValue] = [
    "enabled": true, "tags": [], "meta": [:], "lookback": 1, "persist_docs": [:], "post-hook": [],
    "pre-hook": [],
    "quoting": [:], "column_types": [:], "on_schema_change": "ignore", "on_configuration_change": "apply",
    "grants": [:], "packages": [], "docs": ["show": true, "node_color": nil],
    "contract": ["enforced": false, "alias_types": true], "access": "protected", "severity": "ERROR",
    "fail_calc": "count(*)", "warn_if": "!= 0", "error_if": "!= 0", "delimiter": ",", "materialized": "view",
  ]
}

enum ParsingGolden {
  static func file(_ name: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens/\(name)")
  }
}
