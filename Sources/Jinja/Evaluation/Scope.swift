/// The variables of one block; those of the enclosing blocks are found through `parent`.
final class Scope {
  let parent: Scope?
  /// The variables given to the render that this block belongs to.
  let context: ContextVariables?
  private(set) var names: [String] = []
  private(set) var values: [Value] = []
  var autoescape: Bool
  /// Names that came by import and are not exported again.
  var imported: Set<String> = []

  init(parent: Scope?, autoescape: Bool, context: ContextVariables? = nil) {
    self.parent = parent
    self.autoescape = autoescape
    self.context = context ?? parent?.context
  }

  convenience init(within parent: Scope) {
    self.init(parent: parent, autoescape: parent.autoescape)
  }

  func find(_ name: String) -> Value? {
    var scope = self
    while true {
      if let value = scope.own(name) { return value }
      guard let parent = scope.parent else { return context?.values[name] }
      scope = parent
    }
  }

  @inline(__always)
  func own(_ name: String) -> Value? {
    for index in names.indices where names[index] == name { return values[index] }
    return nil
  }

  func set(_ name: String, _ value: Value) {
    for index in names.indices where names[index] == name {
      values[index] = value
      return
    }
    names.append(name)
    values.append(value)
  }

  func remove(_ name: String) {
    if let index = names.firstIndex(of: name) {
      names.remove(at: index)
      values.remove(at: index)
    }
  }

  func removeAll() {
    names.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }
}
