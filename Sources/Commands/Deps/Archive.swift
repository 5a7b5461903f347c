import Diagnostics
import Foundation

/// A package's archive: `tar`, compressed or not, with one folder in it.
struct Archive {
  var path: String
  /// Where it came from, for messages.
  var origin: String

  /// Unpacks the archive.
  ///
  /// - Parameter folder: an empty folder; nothing is written anywhere else.
  /// - Returns: the one folder that was in it.
  /// - Throws: `bad-archive` when it cannot be read, holds something else than one folder, or names places outside.
  func unpack(into folder: String) throws(DiagnosticsError) -> String {
    let listing = try ExternalProgram.tar.run(["-tf", path], in: folder)
    guard listing.isSuccess else { throw bad("it is no tar archive") }
    for name in listing.output.split(separator: "\n") where Self.leads(outside: name) {
      throw bad("it holds '\(name)', which lies outside of it")
    }
    let outcome = try ExternalProgram.tar.run(["-xf", path, "--no-same-owner", "-C", folder], in: folder)
    guard outcome.isSuccess else {
      throw bad(outcome.errors.split(separator: "\n").first.map(String.init) ?? "tar failed")
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    guard names.count == 1, let name = names.first else {
      throw bad("it must hold one folder, it holds \(names.count) things")
    }
    let top = folder + "/" + name
    try checkLinks(in: top)
    return top
  }

  private static func leads(outside name: Substring) -> Bool {
    name.hasPrefix("/") || name.split(separator: "/", omittingEmptySubsequences: false).contains("..")
  }

  /// A link in a package may only lead to something else in it.
  private func checkLinks(in top: String) throws(DiagnosticsError) {
    let files = FileManager.default
    let root = URL(fileURLWithPath: top).resolvingSymlinksInPath().path
    guard let paths = files.enumerator(atPath: top) else { throw bad("it holds no folder") }
    for case let name as String in paths {
      let path = top + "/" + name
      guard let target = try? files.destinationOfSymbolicLink(atPath: path) else { continue }
      let base = (path as NSString).deletingLastPathComponent
      let resolved = URL(
        fileURLWithPath: target.hasPrefix("/") ? target : base + "/" + target
      ).standardizedFileURL.resolvingSymlinksInPath().path
      guard resolved == root || resolved.hasPrefix(root + "/") else {
        throw bad("its link '\(name)' leads outside of it, to '\(target)'")
      }
    }
  }

  private func bad(_ reason: String) -> DiagnosticsError {
    DiagnosticsError(Diagnostic("bad-archive", "the archive \(origin) cannot be used: \(reason)"))
  }
}
