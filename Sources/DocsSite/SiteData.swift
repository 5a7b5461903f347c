import Artifacts
import OrderedCollections
import ProjectModel

/// The site's data as one JSON object: what the page's script reads.
///
/// Nodes refer to each other by position, and to long texts by their number. Keys that have nothing to say are left
/// out.
struct SiteData {
  let input: DocsInput
  let lineage: Lineage
  var json: JSONWriter
  /// Tests by the node that they look at.
  var testsOf: [NodeID: [Int]] = [:]
  let tests: [Node]
  /// See ``KnownColumns/named``.
  let namedColumns: [NodeID: [String]]
  /// SQL as written and as compiled.
  var texts = TextStore()
  /// Threads of the last run in the order of their first appearance.
  var threads: [String: Int] = [:]

  init(_ input: DocsInput) {
    self.input = input
    lineage = Lineage(input.manifest)
    namedColumns = SiteData.namedColumns(input.analysis)
    json = JSONWriter(reserving: 4_096 * (input.manifest.nodes.count + 16))
    tests = input.manifest.nodes.values.filter { $0.resourceType == .test }
    for (position, test) in tests.enumerated() {
      for node in SiteData.tested(test) { testsOf[node, default: []].append(position) }
    }
  }

  /// The data, and apart from them the long texts that they number.
  static func parts(_ input: DocsInput) -> (data: [UInt8], texts: [UInt8]) {
    var site = SiteData(input)
    site.write()
    return (site.json.bytes, site.texts.json())
  }

  static func tested(_ test: Node) -> [NodeID] {
    if let node = test.test?.attachedNode { return [node] }
    // A generic test of a source is attached to nothing; its last reference is what it looks at.
    return test.test == nil ? test.dependsOn : Array(test.dependsOn.suffix(1))
  }

  mutating func write() {
    json.beginObject()
    writeProject()
    json.beginArray("nodes")
    for member in lineage.members { write(member) }
    json.endArray()
    writeLayout()
    json.beginArray("tests")
    for test in tests { write(test: test) }
    json.endArray()
    writeMatrix()
    writeMacros()
    writeGroups()
    writeRuns()
    writeChanges()
    writeImages()
    json.endObject()
  }

  mutating func writeProject() {
    let manifest = input.manifest
    json.beginObject("project")
    text("name", manifest.projectName)
    text("adapter", manifest.adapterType)
    text("version", input.version)
    json.field("generated", input.generatedAt)
    // A package's overview is not the project's.
    let overview = manifest.docs.values.first {
      $0.name == "__overview__" && $0.packageName == manifest.projectName
    }
    text("overview", overview?.contents)
    if let run = input.lastRun { write(run) }
    json.endObject()
  }

  mutating func write(_ run: DocsInput.LastRun) {
    json.beginObject("run")
    text("command", run.command)
    json.field("started", run.startedAt)
    json.field("elapsed", run.elapsed)
    json.endObject()
  }

  /// Pictures of a page that is a file without a folder, by the path that descriptions have.
  mutating func writeImages() {
    guard !input.images.isEmpty else { return }
    json.beginObject("images")
    for path in input.images.keys.sorted() { json.field(named: path, input.images[path]) }
    json.endObject()
  }

  /// Who answers for what belongs to a group.
  mutating func writeGroups() {
    guard !input.manifest.groups.isEmpty else { return }
    json.beginArray("groups")
    for group in input.manifest.groups.values {
      json.beginObject()
      text("name", group.name)
      text("owner", group.owner.name ?? group.owner.email)
      text("ownerEmail", group.owner.email)
      text("description", group.description)
      json.endObject()
    }
    json.endArray()
  }

  // MARK: - Pieces

  mutating func text(_ key: StaticString, _ value: String?) {
    guard let value, !value.isEmpty else { return }
    json.field(key, value)
  }

  /// A long text, by its number.
  mutating func stored(_ key: StaticString, _ value: String?) {
    guard let value, !value.isEmpty else { return }
    json.field(key, texts.number(of: value))
  }

  mutating func strings(_ key: StaticString, _ values: [String]) {
    guard !values.isEmpty else { return }
    json.field(key, values)
  }

  mutating func numbers(_ key: StaticString, _ values: [Int]) {
    json.beginArray(key)
    for value in values { json.int(value) }
    json.endArray()
  }

  mutating func mapping(_ key: StaticString, _ values: OrderedDictionary<String, PlainValue>) {
    guard !values.isEmpty else { return }
    json.field(key, values)
  }
}
