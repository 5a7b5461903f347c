import Artifacts
import ProjectModel

/// What the page shows of tests and macros.
extension SiteData {
  mutating func write(test: Node) {
    json.beginObject()
    text("id", test.id.rawValue)
    // The id of a generic test is its name with a hash behind it.
    if test.test == nil || !test.id.rawValue.dropLast(11).hasSuffix(test.name) { text("name", test.name) }
    text("label", test.test.map(SiteData.label) ?? test.name)
    text("column", test.test?.columnName)
    text("path", test.originalFilePath)
    text("description", test.description)
    strings("tags", test.tags)
    if let severity = test.config["severity"]?.string?.lowercased(), severity != "error" {
      text("severity", severity)
    }
    text("where", test.config["where"]?.string)
    let looksAt = SiteData.tested(test).compactMap { lineage.index[$0] }
    numbers("nodes", looksAt)
    let parents = test.dependsOn.compactMap { lineage.index[$0] }
    if parents != looksAt { numbers("parents", parents) }
    stored("raw", test.test == nil ? test.rawCode : nil)
    stored("compiled", input.compiled[test.id] ?? input.results[test.id]?.compiledCode)
    writeResult(test.id)
    json.endObject()
  }

  /// `accepted_values: placed, shipped`; `relationships: to dim_customer, field customer_id`.
  static func label(_ test: TestMetadata) -> String {
    let name = test.namespace.map { "\($0).\(test.name)" } ?? test.name
    let arguments = test.arguments.filter { $0.key != "model" && $0.key != "column_name" }
    guard !arguments.isEmpty else { return name }
    func words(_ value: PlainValue) -> String {
      switch value {
      case .null: return "null"
      case .bool(let flag): return flag ? "true" : "false"
      case .int(let number): return String(number)
      case .double(let number): return String(number)
      case .string(let text): return bareReference(text)
      case .list(let items): return items.map(words).joined(separator: ", ")
      case .mapping(let entries):
        return entries.map { "\($0.key): \(words($0.value))" }.joined(separator: ", ")
      }
    }
    if arguments.count == 1, let only = arguments.values.first { return "\(name): \(words(only))" }
    return name + ": " + arguments.map { "\($0.key) \(words($0.value))" }.joined(separator: ", ")
  }

  /// `dim_customer` of `ref('dim_customer')`.
  static func bareReference(_ text: String) -> String {
    guard text.hasPrefix("ref("), text.hasSuffix(")") else { return text }
    let inside = text.dropFirst(4).dropLast().filter { $0 != "'" && $0 != "\"" }
    return inside.split(separator: ",").last.map { String($0.drop { $0 == " " }) } ?? text
  }

  mutating func writeMacros() {
    let own = input.manifest.macros.values.filter { $0.packageName == input.manifest.projectName }
    json.beginArray("macros")
    for macro in own {
      json.beginObject()
      text("id", macro.id.rawValue)
      text("name", macro.name)
      text("path", macro.originalFilePath)
      text("description", macro.description)
      stored("raw", macro.text)
      json.endObject()
    }
    json.endArray()
  }
}
