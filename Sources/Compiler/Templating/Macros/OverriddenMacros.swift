import ProjectModel
import Synchronization

/// Remembers which built-in macros run something that a project has overridden; asked once for each kind and package.
final class OverriddenMacros: Sendable {
  private struct Key: Hashable {
    var macro: NodeID
    var package: String
  }

  private let known = Mutex<[Key: Bool]>([:])

  func override(below macro: LibraryMacro, of node: Node, in library: MacroLibrary) -> Bool {
    let key = Key(macro: macro.id, package: node.packageName)
    if let answer = known.withLock({ $0[key] }) { return answer }
    let answer = library.override(below: macro, from: node.packageName) != nil
    known.withLock { $0[key] = answer }
    return answer
  }
}
