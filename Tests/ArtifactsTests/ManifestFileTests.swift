import Foundation
import ProjectModel
import Testing

@testable import Artifacts

@Suite final class ManifestFileTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "whc-manifest-\(UUID())").path
  private let url: URL
  private let file: ManifestFile

  init() {
    file = ManifestFile(in: folder)
    url = URL(filePath: file.path)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func artifact(_ invocation: String, model: String = "orders") -> ManifestArtifact {
    var manifest = Manifest(projectName: "shop", adapterType: "postgres")
    let id = NodeID(.model, package: "shop", name: model)
    manifest.nodes[id] = Node(
      id: id, resourceType: .model, name: model, packageName: "shop", path: "\(model).sql",
      originalFilePath: "models/\(model).sql", rootPath: "/shop", fqn: ["shop", model], rawCode: "select 1",
      checksum: "", alias: model, config: NodeConfig())
    var artifact = ManifestArtifact(
      manifest, metadata: ArtifactMetadata(invocationID: invocation, generatedAt: 1, invocationStartedAt: 1))
    artifact.parsedAt = 0
    return artifact
  }

  private func node(at url: URL) throws -> Int {
    try #require(try FileManager.default.attributesOfItem(atPath: url.path)[.systemFileNumber] as? Int)
  }

  /// What was written is always the artifact; where only metadata changed the file itself stays.
  private func writes(_ artifact: ManifestArtifact, of parse: UInt64?, stays: Bool) throws {
    let before = try node(at: url)
    // Held, so that a new file cannot take its number.
    let held = try FileHandle(forReadingFrom: url)
    try file.write(artifact, of: parse)
    #expect(try Data(contentsOf: url) == Data(artifact.write()))
    #expect(try (node(at: url) == before) == stays)
    try held.close()
  }

  @Test func anUnchangedBodyStaysWhereItIs() throws {
    try file.write(artifact("a"), of: 1)
    try writes(artifact("b"), of: 1, stays: true)
    try writes(artifact("c"), of: 1, stays: true)
  }

  @Test func allElseIsWrittenAnew() throws {
    try file.write(artifact("a"), of: 1)
    try writes(artifact("b", model: "others"), of: 2, stays: false)
    // Longer metadata do not fit in front of the body.
    try writes(artifact("bb", model: "others"), of: 2, stays: false)
    try writes(artifact("cc", model: "others"), of: nil, stays: false)
  }

  @Test(arguments: ["a body of another run", "a changed body", "a damaged note", "no note"])
  func whatIsNotProvenIsWrittenAnew(_ change: String) throws {
    try file.write(artifact("a"), of: 1)
    let note = URL(filePath: folder + "/whc-manifest.bin")
    switch change {
    case "a body of another run": try file.write(artifact("a", model: "others"), of: nil)
    case "a changed body":
      var bytes = try Data(contentsOf: url)
      bytes[bytes.count - 2] ^= 1
      try bytes.write(to: url)
    case "a damaged note": try Data("whc manifest 1\nx".utf8).write(to: note)
    default: try FileManager.default.removeItem(at: note)
    }
    try writes(artifact("b"), of: 1, stays: false)
  }

  /// A copy of the target folder made of links keeps the manifest that it was made of.
  @Test func anotherNameKeepsItsContents() throws {
    try file.write(artifact("a"), of: 1)
    let kept = URL(filePath: folder + "/kept.json")
    try FileManager.default.linkItem(at: url, to: kept)
    try writes(artifact("b"), of: 1, stays: false)
    #expect(try Data(contentsOf: kept) == Data(artifact("a").write()))
  }
}
