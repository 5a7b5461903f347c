import Artifacts
import OrderedCollections
import ProjectModel

/// The site's data as one JSON object: what the page's script reads.
///
/// Nodes refer to each other by position. Keys that have nothing to say are left out.
struct SiteData {
  let input: DocsInput
  let lineage: Lineage
  var json: JSONWriter
  /// Tests by the node that they look at.
  var testsOf: [NodeID: [Int]] = [:]
  let tests: [Node]
  /// See ``KnownColumns/named``.
  let namedColumns: [NodeID: [String]]

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

  /// JSON that can stand inside a `script` element: no `<` in it.
  static func bytes(_ input: DocsInput) -> [UInt8] {
    var data = SiteData(input)
    data.write()
    let json = data.json.bytes
    var result: [UInt8] = []
    result.reserveCapacity(json.count + 1_024)
    for byte in json {
      if byte == UInt8(ascii: "<") { result += Array("\\u003c".utf8) } else { result.append(byte) }
    }
    return result
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
    if let run = input.lastRun {
      json.beginObject("run")
      text("command", run.command)
      json.field("started", run.startedAt)
      json.field("elapsed", run.elapsed)
      json.endObject()
    }
    json.endObject()
  }

  // MARK: - Pieces

  mutating func text(_ key: StaticString, _ value: String?) {
    guard let value, !value.isEmpty else { return }
    json.field(key, value)
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
