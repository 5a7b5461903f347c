import Artifacts
import Diagnostics
import DocsSite
import Foundation
import ProjectModel

/// The target folder that `whc docs --compare` names.
enum EarlierBuild {
  /// - Throws: `no-state` without a manifest.json in it, `broken-json`, `foreign-artifact`.
  static func read(in folder: String) throws(DiagnosticsError) -> DocumentedBuild {
    let path = folder + "/manifest.json"
    guard let bytes = try ArtifactFile.read(path) else {
      throw DiagnosticsError(
        Diagnostic(
          "no-state", "there is no manifest.json in \(folder), which --compare reads",
          help: "--compare takes a copy of the target folder of an earlier build"))
    }
    let name = URL(filePath: folder).lastPathComponent
    var build = DocumentedBuild(name: name, manifest: try ManifestReader.read(bytes, file: path))
    build.compiled = try ManifestReader.compiledCode(in: bytes, file: path)
    let catalogue = folder + "/catalog.json"
    if let bytes = try ArtifactFile.read(catalogue) {
      for table in try CatalogArtifact.tables(in: bytes, file: catalogue) { build.catalog[table.id] = table }
    }
    let last = try LastRun(in: folder)
    build.results = last.results
    build.lastRun = last.run
    return build
  }
}
