import Foundation
import LibpqWarehouse
import TestSupport

/// A copy of a case's project in a folder of its own.
final class CaseProject {
  let path: String

  /// - Parameter source: the case's folder. A project without profiles gets those of all cases.
  init(copying source: URL) throws {
    let files = FileManager.default
    let profiles = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Errors/profiles.yml")
    path = PrivateCluster.temporaryFolder() + "/shop"
    let project = source.appending(path: "project")
    if files.fileExists(atPath: project.path) {
      try files.copyItem(atPath: project.path, toPath: path)
      let own = path + "/profiles.yml"
      if !files.fileExists(atPath: own) { try files.copyItem(atPath: profiles.path, toPath: own) }
    } else {
      try files.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }

  /// Without paths, times and process numbers, which differ from run to run.
  func withoutAccidents(_ text: String, hosts: [String?]) -> String {
    var text = text.replacing(path, with: "<project>")
    for host in hosts.compactMap({ $0 }) where host.hasPrefix("/") {
      text = text.replacing(host, with: "<socket>")
    }
    text = text.replacing(/[0-9]{2}:[0-9]{2}:[0-9]{2}(  |$)/) { "00:00:00\($0.output.1)" }
    text = text.replacing(#/ in [0-9]+\.[0-9]{2}s/#, with: " in 0.00s")
    text = text.replacing(
      #/[0-9]+ hours [0-9]+ minutes and [0-9]+\.[0-9]{2} seconds \([0-9.]+s\)/#,
      with: "0 hours 0 minutes and 0.00 seconds (0.00s)")
    // whc brings more macros along from version to version.
    text = text.replacing(#/[0-9]+ macros/#, with: "<n> macros")
    return text.replacing(#/test_[0-9]+/#, with: "<database>")
  }
}
