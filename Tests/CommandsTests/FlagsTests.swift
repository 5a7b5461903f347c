import ArgumentParser
import Diagnostics
import ProjectModel
import TestSupport
import Testing

@testable import Commands

@Suite struct FlagsTests {
  private func flags(
    _ arguments: [String] = [], environment: [String: String] = [:], project: String = "name: shop\n"
  ) throws -> Flags {
    let folder = try ProjectFolder("== dbt_project.yml\n" + project)
    return Flags(try GlobalOptions.parse(arguments), environment: environment, folder: folder.path)
  }

  @Test func theCommandLineWinsOverTheEnvironmentOverTheProject() throws {
    let project = "name: shop\nflags: {fail_fast: true, printer_width: 120, use_colors: false}\n"
    let environment = ["DBT_FAIL_FAST": "false", "DBT_ENGINE_PRINTER_WIDTH": "100"]
    var flags = try self.flags(project: project)
    #expect(flags.failFast && flags.printerWidth == 120 && flags.colors == false)
    flags = try self.flags(environment: environment, project: project)
    #expect(!flags.failFast && flags.printerWidth == 100)
    flags = try self.flags(["--fail-fast", "--use-colors"], environment: environment, project: project)
    #expect(flags.failFast && flags.colors == true)
    flags = try self.flags(["--no-fail-fast"], project: project)
    #expect(!flags.failFast)
  }

  @Test func theNewNameOfAVariableWinsOverTheOld() throws {
    let flags = try flags(environment: ["DBT_TARGET": "old", "DBT_ENGINE_TARGET": "new", "DBT_PROFILE": ""])
    #expect(flags.target == "new")
    #expect(flags.profile == nil)
  }

  @Test func theProjectIsFoundAboveTheFolder() throws {
    let folder = try ProjectFolder("== dbt_project.yml\nname: shop\n== models/deep/a.sql\nselect 1\n")
    let flags = Flags(try GlobalOptions.parse([]), environment: [:], folder: folder.path + "/models/deep")
    #expect(flags.projectDirectory == folder.path)
  }

  @Test func quietLeavesErrorsAlone() throws {
    #expect(try flags(["-q"]).consoleLevel == .error)
    #expect(try flags(["--log-level", "none"]).consoleLevel == LogLevel.none)
    #expect(try flags(["--debug"]).consoleLevel == .debug)
    #expect(try flags().consoleLevel == .info)
  }

  @Test func warningsAreWeighed() throws {
    let warning = Diagnostic("nothing-selected", severity: .warning, "nothing")
    let other = Diagnostic("unused-config-path", severity: .warning, "unused")
    func severities(_ arguments: [String]) throws -> [Severity] {
      try WarningPolicy(flags(arguments)).weigh([warning, other]).map(\.severity)
    }
    #expect(try severities([]) == [.warning, .warning])
    #expect(try severities(["--warn-error"]) == [.error, .error])
    #expect(
      try severities(["--warn-error-options", "{error: all, warn: [NoNodesForSelectionCriteria]}"]) == [
        .warning, .error,
      ])
    #expect(try severities(["--warn-error-options", "{silence: [unused-config-path]}"]) == [.warning])
  }
}
