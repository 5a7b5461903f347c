import OrderedCollections
import ProjectModel
import Testing

@testable import Compiler

/// Seeds over 1 MiB, of which a manifest keeps the path and no checksum.
@Suite struct LargeSeedTests {
  @Test(arguments: [
    ("sha256", "one", "seed-grew", true), ("path", "seeds/raw.csv", "large-seed", false),
    ("path", "seeds/old/raw.csv", "large-seed-moved", true),
  ])
  func isSaidWithWhatItCountsAs(_ name: String, _ checksum: String, _ code: String, _ isModified: Bool) throws
  {
    let new = Self.manifest("path", "seeds/raw.csv")
    let comparison = StateComparison(current: new, previous: Self.manifest(name, checksum))
    let id = try #require(new.nodes.keys.first)
    #expect(try comparison.change("modified")(id) == isModified)
    for word in ["modified", "unmodified", "modified.body"] {
      let warning = try #require(comparison.largeSeeds(word).first)
      #expect(warning.code.rawValue == code && warning.summary.contains("'raw' is >1MB"))
    }
    #expect(comparison.largeSeeds("modified.configs").isEmpty)
  }

  @Test func aSmallSeedIsNotWorthAWord() {
    let new = Self.manifest("sha256", "two")
    #expect(
      StateComparison(current: new, previous: Self.manifest("path", "seeds/raw.csv")).largeSeeds("modified")
        .isEmpty)
  }

  private static func manifest(_ checksumName: String, _ checksum: String) -> Manifest {
    var seed = Fixture.node("raw", "")
    seed = Node(
      id: NodeID("seed.shop.raw"), resourceType: .seed, name: "raw", packageName: "shop", path: "raw.csv",
      originalFilePath: "seeds/raw.csv", rootPath: "", fqn: ["shop", "raw"], rawCode: "", checksum: checksum,
      alias: "raw", config: seed.config)
    seed.checksumName = checksumName
    return Fixture.manifest([seed])
  }
}
