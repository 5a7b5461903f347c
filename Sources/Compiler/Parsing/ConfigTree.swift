import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// The configs of one kind of resource in one dbt_project.yml: a level for each folder they are given for.
///
/// Levels are numbered; a level's number stands for the chain from the top down to it, so that what is merged for a
/// chain can be kept.
struct ConfigTree: Sendable {
  struct Level: Sendable {
    var rendered: OrderedDictionary<String, PlainValue> = [:]
    var unrendered: OrderedDictionary<String, PlainValue> = [:]
    var spans: [String: SourceSpan] = [:]
    var children: [String: Int] = [:]
    var parent: Int?
    /// The keys that lead here, for messages.
    var path: [String] = []
    var span: SourceSpan?
  }

  private(set) var levels: [Level] = []

  /// - Parameter file: dbt_project.yml as spans name it.
  init(rendered: YAMLNode?, unrendered: YAMLNode?, file: String) {
    add(
      rendered ?? YAMLNode(.mapping([]), at: YAMLPlace(line: 1, column: 1, endLine: 1, endColumn: 1)), file,
      [], nil)
    if let unrendered { addUnrendered(unrendered, to: 0) }
  }

  /// The deepest level that a node's name reaches.
  func level(_ fqn: some Collection<String>) -> Int {
    var level = 0
    for name in fqn {
      guard let next = levels[level].children[name] else { break }
      level = next
    }
    return level
  }

  /// A level with all above it, the top first.
  func chain(_ level: Int) -> [Level] {
    var result: [Level] = []
    var current: Int? = level
    while let index = current {
      result.append(levels[index])
      current = levels[index].parent
    }
    return result.reversed()
  }

  @discardableResult
  private mutating func add(_ node: YAMLNode, _ file: String, _ path: [String], _ parent: Int?) -> Int {
    let index = levels.count
    levels.append(Level(parent: parent, path: path))
    for entry in node.mapping ?? [] {
      if entry.key.hasPrefix("+") {
        let key = String(entry.key.dropFirst().drop { $0 == " " })
        levels[index].rendered[key] = entry.value.plain
        levels[index].spans[key] = entry.keyPlace.span(in: file)
      } else if entry.value.mapping == nil {
        levels[index].rendered[entry.key] = entry.value.plain
        levels[index].spans[entry.key] = entry.keyPlace.span(in: file)
      } else {
        let child = add(entry.value, file, path + [entry.key], index)
        levels[child].span = entry.keyPlace.span(in: file)
        levels[index].children[entry.key] = child
      }
    }
    return index
  }

  private mutating func addUnrendered(_ node: YAMLNode, to index: Int) {
    for entry in node.mapping ?? [] {
      if entry.key.hasPrefix("+") {
        levels[index].unrendered[String(entry.key.dropFirst().drop { $0 == " " })] = entry.value.plain
      } else if entry.value.mapping == nil {
        levels[index].unrendered[entry.key] = entry.value.plain
      } else if let child = levels[index].children[entry.key] {
        addUnrendered(entry.value, to: child)
      }
    }
  }
}
