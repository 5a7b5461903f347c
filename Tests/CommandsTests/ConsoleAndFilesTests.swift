import ArgumentParser
import Diagnostics
import Foundation
import ProjectLoading
import TestSupport
import Testing

@testable import Commands

@Suite struct LogFileTests {
  @Test func eachCommandHasItsHeading() throws {
    let folder = try ProjectFolder("== dbt_project.yml\nname: shop\n")
    for _ in 0..<2 {
      let flags = Flags(try GlobalOptions.parse(["-q"]), environment: [:], folder: folder.path)
      let console = Console(flags)
      console.log(.note("a line", .debug))
      console.log(.note("\u{1B}[31mred\u{1B}[0m"))
      console.flushLog()
    }
    let text = try String(contentsOfFile: folder.path + "/logs/dbt.log", encoding: .utf8)
    #expect(text.split(separator: "\n").count { $0.hasPrefix("==============================") } == 2)
    #expect(text.contains("[debug] [MainThread]: a line\n"))
    #expect(text.contains("[info ] [MainThread]: red\n"))
  }
}

extension LogFileTests {
  @Test func secretsAreNotLogged() throws {
    let folder = try ProjectFolder("== dbt_project.yml\nname: shop\n")
    let flags = Flags(
      try GlobalOptions.parse(["-q"]), environment: ["DBT_ENV_SECRET_KEY": "swordfish"], folder: folder.path)
    Console(flags).log(.note("select 'swordfish'", .debug))
    let text = try String(contentsOfFile: folder.path + "/logs/dbt.log", encoding: .utf8)
    #expect(text.contains("select '*****'") && !text.contains("swordfish"))
  }
}

extension LogFileTests {
  @Test func secretsAmongTheVariablesAreNotLogged() throws {
    let folder = try ProjectFolder("== dbt_project.yml\nname: shop\n")
    let flags = Flags(
      try GlobalOptions.parse(["-q", "--vars", "{DBT_ENV_SECRET_KEY: swordfish, fish: cod}"]),
      environment: [:],
      folder: folder.path)
    #expect(Console(flags).masked("swordfish and cod") == "***** and cod")
  }

  @Test func everyEventHasTheEnvironmentsOwnFields() throws {
    let folder = try ProjectFolder("== dbt_project.yml\nname: shop\n")
    let flags = Flags(
      try GlobalOptions.parse(["-q", "--log-format-file", "json"]),
      environment: ["DBT_ENV_CUSTOM_ENV_TEAM": "north"], folder: folder.path)
    let console = Console(flags)
    console.log(.note("a line"))
    console.flushLog()
    let text = try String(contentsOfFile: folder.path + "/logs/dbt.log", encoding: .utf8)
    #expect(text.contains(#""extra": {"TEAM": "north"}"#))
  }
}

@Suite struct SecretsTests {
  private let secrets = Secrets(environment: [
    "DBT_ENV_SECRET_A": "sword", "DBT_ENV_SECRET_B": "swordfish", "DBT_ENV_SECRET_C": "pä\"ss",
    "OTHER": "select",
    "DBT_ENV_SECRET_EMPTY": "",
  ])

  /// One that begins like another leaves no end behind, and JSON's escapes hide none.
  @Test func areMaskedWhole() {
    #expect(secrets.masked("select 'swordfish', 'sword'") == "select '*****', '*****'")
    #expect(secrets.masked("pä\"ss " + JSONText.quoted("a pä\"ss")) == "***** \"a *****\"")
  }
}

@Suite struct VersionTests {
  @Test func theFirstNumberIsDbts() throws {
    let number = try #require(Version.text.firstMatch(of: #/[0-9]+\.[0-9]+\.[0-9]+/#))
    #expect(number.output == "1.11.16")
    #expect(Version.text.contains("whc: 0.1.0"))
  }
}

@Suite struct StarterProjectTests {
  @Test func everyYAMLFileIsYAML() throws {
    for (path, text) in StarterProject.files(named: "shop") where path.hasSuffix(".yml") {
      let (document, warnings) = try YAMLParser.parse(Array(text.utf8), file: path)
      #expect(document.root?.mapping != nil && warnings.isEmpty, "\(path)")
    }
  }

  @Test func itIsAProjectWithoutMistakes() async throws {
    let files = StarterProject.files(named: "shop").map { "== \($0.path)\n\($0.text)" }.joined(
      separator: "\n")
    let folder = try ProjectFolder(files)
    let flags = Flags(try GlobalOptions.parse(["-q"]), environment: [:], folder: folder.path)
    let workspace = try await Workspace.open(flags, console: Console(flags))
    #expect(workspace.manifest.nodes.values.count { $0.resourceType == .model } == 5)
    #expect(workspace.target.isEmbedded)
  }

  @Test func aPlaceForIt() throws {
    let folder = try ProjectFolder("== taken/file\nx\n")
    #expect(try NewProjectPlace("shop", in: folder.path).folder == folder.path + "/shop")
    #expect(try NewProjectPlace(nil, in: folder.path).name == "my_star")
    #expect(throws: DiagnosticsError.self) { try NewProjectPlace("taken", in: folder.path) }
    #expect(throws: DiagnosticsError.self) { try NewProjectPlace("My Shop", in: folder.path) }
    try FileManager.default.createDirectory(
      atPath: folder.path + "/2-stars/.git", withIntermediateDirectories: true)
    let place = try NewProjectPlace(nil, in: folder.path + "/2-stars")
    #expect(place.name == "star_2_stars" && place.folder == folder.path + "/2-stars")
  }
}

@Suite struct CleanTargetsTests {
  private func check(_ targets: [String], outside: Bool = false) throws(DiagnosticsError) {
    var project = ProjectDefinition(name: "shop", rootPath: "/projects/shop", file: "dbt_project.yml")
    project.cleanTargets = targets
    try CleanTargets(project).check(allowsOutside: outside)
  }

  @Test func foldersOfTheProject() throws {
    try check(["target", "dbt_packages", "./logs/"])
    try check(["/elsewhere/target"], outside: true)
  }

  @Test(arguments: [
    ".", "..", "/", "models", "models/staging", "../other", "/elsewhere", "target/../..", ".whc",
  ])
  func refused(target: String) {
    #expect(throws: DiagnosticsError.self) { try check([target]) }
  }

  @Test(arguments: [".", "/", "/projects"]) func neverTheProject(target: String) {
    #expect(throws: DiagnosticsError.self) { try check([target], outside: true) }
  }
}

@Suite struct SHA1Tests {
  // FIPS 180-4's own examples, and the hash that dbt writes for one local package.
  @Test(arguments: [
    ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
    ),
    (
      #"{"local": "../pkg_a", "unrendered": {"local": "../pkg_a"}}"#,
      "99cf489a783420f614f5b06f4e30162a7b594918"
    ),
  ])
  func digests(text: String, expected: String) {
    #expect(SHA1.hexadecimal(text) == expected)
  }
}

@Suite struct StaticServerTests {
  @Test func answersOnlyThisMachine() throws {
    let folder = try ProjectFolder("== index.html\nhello\n== secret\nx\n")
    let server = try StaticServer(folder: folder.path, port: 0)
    func status(_ request: String, host: String = "localhost:8080") -> String {
      let answer = server.answer(to: "\(request) HTTP/1.1\r\nHost: \(host)\r\n")
      return String(decoding: answer.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    }
    #expect(status("GET /") == "HTTP/1.1 200 OK")
    #expect(status("GET /index.html?x=1") == "HTTP/1.1 200 OK")
    #expect(status("GET /nothing") == "HTTP/1.1 404 Not Found")
    #expect(status("GET /../secret") == "HTTP/1.1 404 Not Found")
    #expect(status("GET /%2e%2e/secret") == "HTTP/1.1 404 Not Found")
    #expect(status("POST /") == "HTTP/1.1 405 Method Not Allowed")
    #expect(status("GET /", host: "evil.example") == "HTTP/1.1 403 Forbidden")
    #expect(status("rubbish") == "HTTP/1.1 400 Bad Request")
    let head = String(decoding: server.answer(to: "HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\n"), as: UTF8.self)
    #expect(head.contains("Content-Length: 5\r\n") && head.hasSuffix("\r\n\r\n"))
    server.stop()
  }
}

@Suite struct LastRunTests {
  @Test(arguments: [
    ("2026-11-21T12:23:48.332071Z", 1_795_263_828.332071), ("1970-01-01T00:00:00", 0), ("", 0),
  ])
  func times(text: String, expected: Double) {
    #expect(abs(LastRun.seconds(text) - expected) < 0.000_01)
  }
}
