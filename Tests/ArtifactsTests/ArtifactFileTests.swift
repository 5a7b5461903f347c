import Artifacts
import Diagnostics
import Foundation
import Testing

@Suite final class ArtifactFileTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "whc-artifacts-\(UUID())").path

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  @Test func makesFoldersAndWritesOnlyWhatChanged() throws {
    let file = "\(folder)/compiled/shop/a.sql"
    let writes = [
      try ArtifactFile.write("select 1", to: file), try ArtifactFile.write("select 1", to: file),
      try ArtifactFile.write("select 2", to: file),
    ]
    #expect(writes == [true, false, true])
    #expect(try ArtifactFile.read(file) == Array("select 2".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/compiled/shop") == ["a.sql"])
    #expect(try ArtifactFile.read("\(folder)/nothing") == nil)
  }

  @Test func aFileInTheWayIsADiagnostic() throws {
    try ArtifactFile.write("x", to: "\(folder)/target")
    #expect {
      try ArtifactFile.write("y", to: "\(self.folder)/target/manifest.json")
    } throws: {
      ($0 as? DiagnosticsError)?.diagnostics.first?.code == "cannot-write"
    }
  }

  /// The device refuses every byte, as a full disk does; it stands where the new file would be written.
  @Test(.enabled(if: FileManager.default.isWritableFile(atPath: "/dev/full")))
  func aFullDiskIsADiagnosticAndLeavesTheOldFile() throws {
    let file = "\(folder)/manifest.json"
    try ArtifactFile.write("old", to: file)
    let beside = "\(file).\(ProcessInfo.processInfo.processIdentifier).tmp"
    try FileManager.default.createSymbolicLink(atPath: beside, withDestinationPath: "/dev/full")
    #expect {
      try ArtifactFile.write("new", to: file)
    } throws: {
      ($0 as? DiagnosticsError)?.diagnostics.first?.summary.contains("no space left") == true
    }
    #expect(try ArtifactFile.read(file) == Array("old".utf8))
  }
}
