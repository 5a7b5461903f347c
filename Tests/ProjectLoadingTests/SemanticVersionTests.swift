import Testing

@testable import ProjectLoading

@Suite struct SemanticVersionTests {
  @Test(arguments: ["1.2.3", ">=1.2.3", "<2.0.0-rc1", "=0.0.1+build.7", "1.0.0rc1", ">0.1.0-a.b.3"])
  func reads(text: String) { #expect(SemanticVersion(text) != nil) }

  @Test(arguments: ["1", "1.2", "01.2.3", "1.2.3.4", "~1.2.3", "1.2.3-", "", ">= 1.2.3", "v1.2.3"])
  func refuses(text: String) { #expect(SemanticVersion(text) == nil) }

  @Test(arguments: [
    ("1.2.3", "1.10.0"), ("1.0.0-rc1", "1.0.0"), ("1.0.0-a", "1.0.0-b"), ("1.0.0-rc.2", "1.0.0-rc.10"),
    ("1.0.0-1", "1.0.0-a"), ("1.9.9", "2.0.0-alpha"),
  ])
  func orders(low: String, high: String) throws {
    let (low, high) = (try #require(SemanticVersion(low)), try #require(SemanticVersion(high)))
    #expect(low.compare(high) < 0 && high.compare(low) > 0)
  }

  /// Bounds, what they come to, a version inside and one outside; checked against dbt's own arithmetic.
  @Test(arguments: [
    ([">=0.8.0", "<0.9.0"], "0.8.6", "0.9.0"), ([">=1.0.0"], "2.0.0", "1.0.0-rc1"),
    (["<2.0.0"], "1.9.0", "2.0.0-rc1"), (["1.0.0"], "1.0.0", "1.0.1"),
    ([">1.0.0", "<=1.5.0"], "1.5.0", "1.0.0"), ([">=1.0.0", "1.2.0"], "1.2.0", "1.3.0"),
    ([">=1.0.0", ">=1.5.0", "<3.0.0", "<2.0.0"], "1.9.9", "1.4.0"),
  ])
  func ranges(bounds: [String], inside: String, outside: String) throws {
    let range = try #require(VersionRange(bounds.compactMap { SemanticVersion($0) }))
    #expect(range.contains(try #require(SemanticVersion(inside))))
    #expect(!range.contains(try #require(SemanticVersion(outside))))
  }

  @Test(arguments: [
    ["1.0.0", "1.1.0"], [">=2.0.0", "<1.0.0"], [">1.0.0", "1.0.0"], ["1.0.0", "<1.0.0"],
    [">1.0.0", "<1.0.0"],
  ])
  func excludes(bounds: [String]) { #expect(VersionRange(bounds.compactMap { SemanticVersion($0) }) == nil) }
}
