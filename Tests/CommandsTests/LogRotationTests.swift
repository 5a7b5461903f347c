import Foundation
import TestSupport
import Testing

@testable import Commands

@Suite struct LogRotationTests {
  @Test func movesOnWhenItIsFull() throws {
    let folder = try ProjectFolder("== out\n")
    for round in 1...8 {
      let file = LogFile(folder: folder.path, heading: "# \(round)\n", limit: 100)
      file.write(String(repeating: "x", count: 120) + "\n")
      file.flush()
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasPrefix("dbt.log")
    }
    #expect(Set(names) == ["dbt.log", "dbt.log.1", "dbt.log.2", "dbt.log.3", "dbt.log.4", "dbt.log.5"])
    let newest = try String(contentsOfFile: folder.path + "/dbt.log.1", encoding: .utf8)
    #expect(newest.contains("# 8\n"))
  }

  @Test func zeroIsWithoutEnd() throws {
    let folder = try ProjectFolder("== out\n")
    let file = LogFile(folder: folder.path, heading: "#\n", limit: 0)
    for _ in 1...3 {
      file.write(String(repeating: "x", count: 40_000) + "\n")
      file.flush()
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasPrefix("dbt.log")
    }
    #expect(names == ["dbt.log"])
  }
}
