import Diagnostics
import ProjectModel

/// How a seed over 1 MiB stands to what an earlier manifest has of it.
enum LargeSeed {
  /// It was not over 1 MiB, so that it did change.
  case grew
  /// The file has the path that it had, and counts as unchanged.
  case samePath
  /// The file was moved, and counts as changed.
  case otherPath
}

extension Diagnostic {
  static func largeSeed(_ seed: Node, _ state: LargeSeed) -> Diagnostic {
    let name = "seed '\(seed.name)' is >1MB in size"
    let (code, message): (DiagnosticCode, String) =
      switch state {
      case .grew: ("seed-grew", "\(name) and was not before: it counts as changed")
      case .samePath: ("large-seed", "\(name), so only its path is compared: it counts as unchanged")
      case .otherPath: ("large-seed-moved", "\(name) and lies elsewhere than before: it counts as changed")
      }
    return Diagnostic(
      code, severity: .warning, message, at: SourceSpan(file: seed.originalFilePath, line: 1, column: 1),
      help: state == .grew ? nil : "load data of this size with another tool, or split the file",
      facts: ["package_name": seed.packageName, "name": seed.name])
  }
}
