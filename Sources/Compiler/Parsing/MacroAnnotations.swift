import Diagnostics
import ProjectModel

/// Whether the arguments that properties state for a macro are those of its definition (`validate_macro_args`).
enum MacroAnnotations {
  /// What does not agree, as warnings.
  ///
  /// - Parameters:
  ///   - stated: what the properties say, with `name` and `type`.
  ///   - defined: the macro's own, with `name`.
  static func problems(
    _ stated: [PlainValue], defined: [PlainValue], macro: String, at span: SourceSpan?
  ) -> [Diagnostic] {
    func name(_ argument: PlainValue) -> String { argument.mapping?["name"]?.pythonText ?? "" }
    func warning(_ summary: String, help: String) -> Diagnostic {
      Diagnostic("macro-arguments", severity: .warning, summary, at: span, help: help)
    }
    var result: [Diagnostic] = []
    for (stated, defined) in zip(stated, defined) where name(stated) != name(defined) {
      result.append(
        warning(
          "the properties of macro '\(macro)' call an argument '\(name(stated))' that is '\(name(defined))'",
          help: "list the arguments in the order of the definition"))
    }
    if stated.count != defined.count {
      result.append(
        warning(
          "the properties of macro '\(macro)' list \(stated.count) arguments, the macro has \(defined.count)",
          help: "describe each argument once"))
    }
    for argument in stated {
      guard let type = argument.mapping?["type"]?.string, !type.allSatisfy(\.isWhitespace), !isType(type)
      else {
        continue
      }
      result.append(
        warning(
          "'\(type)' is no type for argument '\(name(argument))' of macro '\(macro)'",
          help: "write one of \(parameterCounts.keys.sorted().joined(separator: ", "))"))
    }
    return result
  }

  /// The names of types, each with how many types it takes in brackets.
  private static let parameterCounts = [
    "str": 0, "string": 0, "bool": 0, "int": 0, "integer": 0, "float": 0, "any": 0, "list": 1, "dict": 2,
    "optional": 1, "relation": 0, "column": 0,
  ]

  /// `list[dict[str, any]]`, say.
  private static func isType(_ text: String) -> Bool {
    var rest = text.utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }[...]
    return takeType(&rest) && rest.isEmpty
  }

  private static func takeType(_ rest: inout ArraySlice<UInt8>) -> Bool {
    func take(_ character: Character) -> Bool {
      guard rest.first == character.asciiValue else { return false }
      rest.removeFirst()
      return true
    }
    let word = rest.prefix { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
    guard let count = parameterCounts[String(decoding: word, as: UTF8.self)] else { return false }
    rest = rest.dropFirst(word.count)
    guard count > 0 else { return true }
    guard take("[") else { return false }
    for index in 0..<count {
      if index > 0, !take(",") { return false }
      guard takeType(&rest) else { return false }
    }
    return take("]")
  }
}
