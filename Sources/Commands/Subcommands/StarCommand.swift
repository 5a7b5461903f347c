import ArgumentParser
import Diagnostics
import ProjectModel
import StarModel

/// `whc star`: what is declared of facts and dimensions.
struct StarCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "star",
    abstract: "Show the bus matrix, or the star of a fact: its grain, keys, dimensions and measures")

  @Argument(help: "Facts or dimensions; none: the bus matrix of the project")
  var names: [String] = []

  @Option(help: "text, json, mermaid, dot, dbml, svg or metricflow")
  var format = Format.text

  @OptionGroup var global: GlobalOptions

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, mermaid, dot, dbml, svg, metricflow
  }

  func run() async throws {
    try await Command.run("star", global, configure: { $0.answersData = true }) { workspace, console in
      let manifest = workspace.manifest
      let star = Star(manifest)
      let chosen = try names.map { name throws(DiagnosticsError) in try Self.find(name, star, manifest) }
      if let diagram = StarDiagram(rawValue: format.rawValue) {
        console.print(diagram.render(Self.facts(of: chosen, star, manifest), of: star, manifest))
      } else if format == .metricflow {
        console.print(SemanticModels(star, manifest).text(Self.facts(of: chosen, star, manifest)))
      } else if format == .json {
        let artifact = StarArtifact(star: star, manifest: manifest)
        let bytes = chosen.isEmpty ? artifact.write() : artifact.write(only: chosen)
        console.print(String(decoding: bytes, as: UTF8.self))
      } else {
        let listing = StarListing(star, manifest)
        let texts = chosen.map { node in
          listing.text(of: node)
        }
        console.print(chosen.isEmpty ? listing.matrix : texts.joined(separator: "\n"))
      }
    }
  }

  /// The facts and bridges to draw: those that were named, and those that use a dimension that was.
  private static func facts(of chosen: [NodeID], _ star: Star, _ manifest: Manifest) -> [Fact] {
    (Array(star.facts.values) + star.bridges.values.map(\.fact)).filter { fact in
      chosen.isEmpty || chosen.contains(fact.node)
        || star.lookups(of: fact, manifest).contains { chosen.contains($0.target.node) }
    }
  }

  private static func find(
    _ name: String, _ star: Star, _ manifest: Manifest
  ) throws(DiagnosticsError) -> NodeID {
    let known =
      Array(star.facts.keys) + Array(star.dimensions.keys) + Array(star.dateDimensions.keys)
      + star.timeDimensions.keys + star.audits.keys + star.junkDimensions.keys
      + star.bridges.keys
      + star.miniDimensions.keys
    if let found = known.first(where: { manifest.nodes[$0]?.name == name }) { return found }
    let names = known.compactMap { manifest.nodes[$0]?.name }
    let other = manifest.nodes.values.first { $0.resourceType == .model && $0.name == name }
    throw DiagnosticsError(
      Diagnostic(
        "unknown-star-model",
        other.map {
          "'\(name)' is materialized as \($0.config.materialized), which is no fact and no dimension"
        }
          ?? "'\(name)' is no fact and no dimension of this project", meant: NearMiss(name, among: names),
        help: names.isEmpty ? nil : "'whc star' shows all of them"))
  }
}
