import ArgumentParser
import Diagnostics
import Foundation
import ProjectLoading
import ProjectModel
import TestSupport
import Testing

@testable import Commands

/// `deps` against a hub on this machine and repositories in folders. What is expected of locks and messages was
/// recorded from dbt 1.11.16 on the same hub.
@Suite struct PackageInstallationTests {
  @Test(arguments: [
    ("[\">=0.8.0\", \"<0.9.0\"]", "", "0.8.6", "27a87377889a75538ef51e894defcfebe2b832b3"),
    ("\">=0.8.0\"", "", "1.1.0", "291d67fc764579adec809f92b30dd913cada19ec"),
    (
      "\">=0.8.0\"", "\n    install_prerelease: true", "1.2.0-rc1", "3b87d10f956263848e9c6a31f7a097e446a38996"
    ),
  ])
  func theNewestVersionInTheRangeIsTaken(
    range: String, more: String, version: String, hash: String
  ) throws {
    let case_ = try DepsCase(
      """
      == shop/packages.yml
      packages:
        - package: acme/utils
          version: \(range)\(more)
      """)
    let output = try case_.run()
    #expect(
      try case_.text("shop/package-lock.yml") == """
        packages:
          - name: utils
            package: acme/utils
            version: \(version)
        sha1_hash: \(hash)

        """)
    #expect(output.contains("Installing acme/utils\n"))
    #expect(output.contains("Installed from version \(version)\n"))
    #expect(output.contains(version == "0.8.6" ? "Updated version available: 1.1.0\n" : "Up to date!\n"))
    #expect(try case_.text("shop/dbt_packages/utils/dbt_project.yml").contains(version))
  }

  @Test func packagesOfPackagesNarrowTheRange() throws {
    let case_ = try DepsCase(
      """
      == shop/packages.yml
      packages:
        - {package: acme/base, version: 1.0.0}
        - {package: acme/utils, version: ">=0.8.0"}
        - {local: ../a}
      == a/dbt_project.yml
      name: pkg_a
      == a/packages.yml
      packages: [{local: ../b}]
      == b/dbt_project.yml
      name: pkg_b
      """)
    try case_.run()
    let lock = try case_.text("shop/package-lock.yml")
    #expect(
      lock.hasPrefix(
        """
        packages:
          - name: base
            package: acme/base
            version: 1.0.0
          - name: utils
            package: acme/utils
            version: 1.0.0
          - local: ../a
            name: pkg_a
          - local: ../b
            name: pkg_b
        """))
    let linked = case_.folder.path + "/shop/dbt_packages/pkg_b"
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: linked) == case_.folder.path + "/b")
  }

  @Test(arguments: [
    ("- {package: acme/base, version: 1.0.0}\n  - {package: acme/utils, version: 1.1.0}", "version-conflict"),
    ("- {package: acme/utilz, version: 1.1.0}", "unknown-package"),
    ("- {package: acme/utils, version: 9.9.9}", "no-such-version"),
    ("- {package: acme/utils, version: 2.0.0}", "no-such-version"),
    ("- {package: acme/evil, version: 1.0.0}", "bad-archive"),
    ("- {package: acme/utils}", "bad-value"),
    ("- {package: utils, version: 1.0.0}", "bad-value"),
    ("- {pakage: acme/utils}", "bad-value"),
    ("- {package: acme/utils, version: 1.0.0, install-prerelease: true}", "unknown-key"),
    ("- {private: acme/utils}", "private-package"),
    ("- {local: ../nowhere}", "bad-package"),
    ("- {local: ../a}\n  - {local: ../same}", "duplicate-name"),
    ("- {local: ../own}", "duplicate-name"),
    ("- {git: \"file://<folder>/repo\", revision: nope}", "unknown-revision"),
    ("- {git: \"file://<folder>/norepo\", revision: nope}", "cannot-fetch"),
    (
      "- {git: \"file://<folder>/repo\", revision: v1}\n"
        + "  - {git: \"file://<folder>/repo.git\", revision: main}", "version-conflict"
    ),
  ])
  func whatIsWrongLeavesTheOldPackages(packages: String, code: String) throws {
    let case_ = try DepsCase(
      """
      == shop/packages.yml
      packages:
        \(packages)
      == shop/dbt_packages/old/dbt_project.yml
      name: old
      == a/dbt_project.yml
      name: pkg_a
      == same/dbt_project.yml
      name: pkg_a
      == own/dbt_project.yml
      name: shop
      """)
    try case_.makeRepository()
    let error = #expect(throws: DiagnosticsError.self) { try case_.run() }
    #expect(error?.diagnostics.first?.code.rawValue == code)
    #expect(try case_.installed() == ["old"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: case_.folder.path + "/shop").sorted()
        == ["dbt_packages", "dbt_project.yml", "packages.yml"])
  }

  @Test func repositoriesAreTakenAtTheirRevision() throws {
    let case_ = try DepsCase(
      """
      == shop/packages.yml
      packages:
        - {git: "file://<folder>/{{ env_var('DBT_ENV_SECRET_REPO') }}", revision: v1}
        - {git: "file://<folder>/repo", subdirectory: inner, warn-unpinned: false}
      """)
    try case_.makeRepository()
    let output = try case_.run()
    let commit = try case_.git("rev-parse", "v1")
    let lock = try case_.text("shop/package-lock.yml")
    #expect(
      lock.hasPrefix(
        """
        packages:
          - git: file://\(case_.folder.path)/{{ env_var('DBT_ENV_SECRET_REPO') }}
            name: gitpkg
            revision: \(commit)
          - git: file://\(case_.folder.path)/repo
            name: inner
            revision: \(try case_.git("rev-parse", "HEAD"))
            subdirectory: inner
        """))
    #expect(try case_.text("shop/dbt_packages/gitpkg/macros/m.sql") == "one\n")
    #expect(try case_.installed() == ["gitpkg", "inner"])
    #expect(output.contains("Installing file://\(case_.folder.path)/*****\n"))
    #expect(output.contains("Installed from revision \(commit)\n"))
    #expect(output.contains("and subdirectory inner\n"))

    // Nothing has changed and all is there: neither git nor the hub is asked again.
    try FileManager.default.removeItem(atPath: case_.folder.path + "/repo")
    #expect(try case_.run().contains("Installed from revision \(commit)\n"))
    #expect(try case_.installed() == ["gitpkg", "inner"])
  }

  @Test func whatIsThereNeedsNoNetwork() throws {
    let case_ = try DepsCase(
      """
      == shop/packages.yml
      packages:
        - {package: acme/utils, version: 1.0.0}
      """)
    try case_.run()
    case_.hub.stop()
    // Also when something else lies beside it, which goes away.
    try case_.folder.write("name: stray\n", to: "shop/dbt_packages/stray/dbt_project.yml")
    try case_.run()
    #expect(try case_.installed() == ["utils"])
    // A change of packages.yml needs the hub.
    try case_.folder.write("packages: [{package: acme/utils, version: 1.1.0}]\n", to: "shop/packages.yml")
    #expect(throws: DiagnosticsError.self) { try case_.run() }
    #expect(try case_.text("shop/dbt_packages/utils/dbt_project.yml").contains("1.0.0"))
  }

  @Test func theHashIsThatOfDbt() throws {
    let folder = try ProjectFolder(
      """
      == packages.yml
      packages:
        - package: dbt-labs/dbt_utils
          version: [">=1.0.0", "<2.0.0"]
        - package: a/b
          version: 0.8
        - package: a/c
          version: 1.1.0
          install_prerelease: true
        - git: "https://{{ env_var('U','x') }}@h/é.git"
          revision: 1.0
          warn-unpinned: false
          subdirectory: sub
        - git: "https://h/y.git"
        - local: ../x
        - tarball: https://h/z.tgz
          name: z
        - private: org/r
          provider: github
          revision: main
      """)
    let list = try PackageList.read(folder: folder.path) { (text, _) throws(DiagnosticsError) in
      .string(text.replacing("{{ env_var('U','x') }}", with: "x"))
    }.list
    #expect(PackageLock.hash(of: list.packages) == "3cbc21e127d86cca800d5b4009b6e5e15362ce60")
  }

  @Test func aPackageIsAddedInPlaceOfItself() throws {
    let folder = try ProjectFolder(
      """
      == packages.yml
      packages:
        - git: https://example.com/acme/utils.git
          revision: v0
        - local: ../utils-more
      """)
    let addition = try PackageAddition("acme/utils@>=0.8.0,<1.1.0", source: .hub)
    let outcome = try addition.write(to: "packages.yml", in: folder.path)
    #expect(outcome.removed.count == 1 && !outcome.isNew)
    #expect(
      try String(contentsOfFile: folder.path + "/packages.yml", encoding: .utf8) == """
        packages:
          - local: ../utils-more
          - package: acme/utils
            version:
              - '>=0.8.0'
              - <1.1.0

        """)
    #expect(throws: DiagnosticsError.self) { try PackageAddition("acme/utils", source: .hub) }
  }
}

/// A project, a hub, and what `deps` does with them.
private final class DepsCase {
  let folder: ProjectFolder
  let hub: StaticServer

  init(_ files: String) throws {
    folder = try ProjectFolder("== shop/dbt_project.yml\nname: shop\n" + files)
    let packages = folder.path + "/shop/packages.yml"
    let text = try String(contentsOfFile: packages, encoding: .utf8)
    try folder.write(text.replacing("<folder>", with: folder.path), to: "shop/packages.yml")
    hub = try StaticServer(folder: folder.path + "/hub", port: 0)
    let hub = self.hub
    Thread.detachNewThread { hub.run() }
    try makeHub()
  }

  deinit { hub.stop() }

  @discardableResult
  func run(installs: Bool = true, upgrades: Bool = false) throws -> String {
    let flags = Flags(
      try GlobalOptions.parse(["--project-dir", folder.path + "/shop", "--log-level-file", "none"]),
      environment: [
        "DBT_PACKAGE_HUB_URL": "http://127.0.0.1:\(hub.port)/", "DBT_ENV_SECRET_REPO": "repo",
      ])
    let path = folder.path + "/output"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(descriptor) }
    let terminal = Terminal(isInteractive: false, usesColor: false, descriptor: descriptor)
    let console = Console(flags, output: terminal, errors: terminal)
    let stage = try ProjectStage(flags)
    let project = try stage.definition().definition
    try PackageInstallation(project, stage, console, upgrades: upgrades).run(installs: installs)
    return try text("output").replacing(#/(?m)^[0-9]{2}:[0-9]{2}:[0-9]{2}  /#, with: "")
  }

  func text(_ path: String) throws -> String {
    try String(contentsOfFile: folder.path + "/" + path, encoding: .utf8)
  }

  func installed() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path + "/shop/dbt_packages").sorted()
  }

  /// acme/utils in several versions, acme/base which needs an old one, acme/evil which writes elsewhere.
  private func makeHub() throws {
    try folder.write(#"["acme/utils", "acme/base", "acme/evil"]"#, to: "hub/api/v1/index.json")
    try publish("utils", ["0.8.0", "0.8.6", "1.0.0", "1.1.0", "1.2.0-rc1", "2.0.0"])
    try publish(
      "base", ["1.0.0"], packages: #"[{"package": "acme/utils", "version": [">=0.8.0", "<1.1.0"]}]"#)
    try publish("evil", ["1.0.0"])
  }

  private func publish(_ name: String, _ versions: [String], packages: String = "[]") throws {
    let entries = try versions.map { version in
      let top = "\(name)-\(version)"
      try folder.write("name: \(name)\nversion: '\(version)'\n", to: "tars/\(top)/dbt_project.yml")
      var arguments = ["-czf", "../hub/\(top).tar.gz", top]
      if name == "evil" {
        try folder.write("x", to: "evil.txt")
        arguments = ["-P"] + arguments + ["../evil.txt"]
      }
      try FileManager.default.createDirectory(
        atPath: folder.path + "/hub", withIntermediateDirectories: true)
      try #require(
        try ExternalProgram.tar.run(arguments, in: folder.path + "/tars").isSuccess)
      return """
        "\(version)": {"name": "\(name)", "version": "\(version)", "packages": \(packages),
        "require_dbt_version": \(version.hasPrefix("2") ? #"[">=2.0.0"]"# : "[]"),
        "downloads": {"tarball": "http://127.0.0.1:\(hub.port)/\(top).tar.gz"}}
        """
    }
    try folder.write(
      #"{"name": "\#(name)", "namespace": "acme", "versions": {\#(entries.joined(separator: ","))}}"#,
      to: "hub/api/v1/acme/\(name).json")
  }

  /// A repository with a tag `v1` and a later commit, and a package in its folder `inner`.
  func makeRepository() throws {
    try folder.write("name: gitpkg\n", to: "repo/dbt_project.yml")
    try folder.write("one\n", to: "repo/macros/m.sql")
    try folder.write("name: inner\n", to: "repo/inner/dbt_project.yml")
    for arguments in [
      ["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "one"], ["tag", "v1"],
    ] {
      try git(arguments)
    }
    try folder.write("two\n", to: "repo/macros/m.sql")
    try git(["commit", "-qam", "two"])
  }

  @discardableResult
  func git(_ arguments: String...) throws -> String { try git(arguments) }

  @discardableResult
  private func git(_ arguments: [String]) throws -> String {
    let outcome = try ExternalProgram.git.run(
      [
        "-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false", "-c",
        "tag.gpgsign=false", "-c", "core.hooksPath=/dev/null",
      ] + arguments, in: folder.path + "/repo")
    try #require(outcome.isSuccess, "\(outcome.errors)")
    return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
