import Foundation
import TestSupport
import Testing

/// Wrong models, each with what `whc check` says of it: `WrongModels/project` holds the models, `WrongModels/expected` a
/// file for each with the frames that point into its SQL or its properties. Of those that begin with `right_` nothing is to
/// be said.
@Suite struct WrongModelTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "WrongModels")

  static var cases: [String] {
    let files = FileManager.default.enumerator(atPath: folder.appending(path: "project").path)
    let names = (files?.allObjects as? [String] ?? []).filter { path in
      path.hasPrefix("models/") && path.hasSuffix(".sql") || path.hasPrefix("snapshots/")
    }
    return names.map { URL(filePath: $0).deletingPathExtension().lastPathComponent }.sorted()
  }

  /// What the whole project is told, by the name of the file that a frame points into.
  private static let frames = Task<[String: String], any Error> {
    let project = try CaseProject(copying: folder)
    let outcome = try await WhcRun(in: project.path, environment: [:]).run(["check"])
    var frames: [String: String] = ["exit code": "\(outcome.exitCode)"]
    for part in ("\n" + outcome.errors).components(separatedBy: "\nwarning[").dropFirst() {
      let text = "warning[" + part.trimmingCharacters(in: .newlines) + "\n"
      guard let place = text.firstMatch(of: #/--> [^\n]*?([A-Za-z0-9_]+)\.(sql|yml):/#) else { continue }
      frames[String(place.1), default: ""] += text + "\n"
    }
    return frames
  }

  @Test(arguments: cases) func isToldWhereItIsWrong(name: String) async throws {
    let said = try await Self.frames.value[name] ?? ""
    if name.hasPrefix("right_") {
      #expect(said.isEmpty, "\(name): \(said)")
    } else {
      #expect(!said.isEmpty, "nothing is said of \(name)")
      let mismatch = Golden.mismatch(said, file: Self.folder.appending(path: "expected/\(name).txt"))
      #expect(mismatch == nil, "\(name): \(mismatch ?? "")")
    }
  }

  @Test func warningsEndWell() async throws {
    #expect(try await Self.frames.value["exit code"] == "0")
  }
}
