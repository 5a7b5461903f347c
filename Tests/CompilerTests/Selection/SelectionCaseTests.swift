import Artifacts
import Compiler
import Diagnostics
import Foundation
import OrderedCollections
import ProjectModel
import Testing

/// What dbt's `ls` answered for each of these selections on the shop project, in dbt's order.
@Suite struct SelectionCaseTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var command: String
    var lines: [String] = []
    var warnings: [String] = []
    var fails = false
    var testDescription: String { "ls \(command)" }
  }

  /// `> ls …` begins a case; `!` is a warning, `?` says that dbt ended with an error.
  static let cases: [Case] = {
    var cases: [Case] = []
    for line in text("CompilerTests/Selection/Cases/shop.txt").split(separator: "\n") {
      if line.hasPrefix("> ls") {
        cases.append(Case(command: String(line.dropFirst(5))))
      } else if line.hasPrefix("! ") {
        cases[cases.count - 1].warnings.append(String(line.dropFirst(2)))
      } else if line.hasPrefix("?") {
        cases[cases.count - 1].fails = true
      } else {
        cases[cases.count - 1].lines.append(String(line))
      }
    }
    return cases
  }()

  @Test func thereAreCases() {
    #expect(Self.cases.count > 100)
  }

  @Test(arguments: Self.cases)
  func selectsWhatDbtSelects(_ example: Case) throws {
    let words = Self.words(example.command)
    do {
      let (lines, warnings) = try Self.list(words)
      #expect(!example.fails, "dbt ends with an error")
      #expect(lines == example.lines)
      #expect(Array(OrderedSet(warnings)) == example.warnings)
    } catch let error as DiagnosticsError {
      #expect(example.fails, "\(error.diagnostics)")
    }
  }

  /// dbt 1.12 takes selectors among other criteria; alone each means what it means under `--selector`.
  @Test(arguments: ["core_models", "nightly", "both", "wide", "without", "nested"])
  func selectorsAreACriterion(name: String) throws {
    let whole = try Self.list(["--selector", name]).lines
    #expect(try Self.list(["--select", "selector:\(name)"]).lines == whole)
    let narrowed = try Self.list(
      ["--select", "selector:\(name),package:shop", "--resource-type", "model"]
    ).lines
    let models = try Self.list(["--resource-type", "model"]).lines
    #expect(narrowed == whole.filter(models.contains))
    #expect(try Self.list(["--select", "selector:\(name)", "--exclude", "selector:\(name)"]).lines.isEmpty)
    #expect(Set(try Self.list(["--select", "+selector:\(name)"]).lines).isSuperset(of: whole))
  }

  private static func list(_ words: [String]) throws -> (lines: [String], warnings: [String]) {
    var request = SelectionRequest()
    var state: PreviousState?
    var flag = ""
    for word in words {
      if word.hasPrefix("--") {
        flag = word
        continue
      }
      switch flag {
      case "--select": request.select.append(word)
      case "--exclude": request.exclude.append(word)
      case "--resource-type": request.resourceTypes.append(word)
      case "--exclude-resource-type": request.excludedResourceTypes.append(word)
      case "--selector": request.selector = word
      case "--indirect-selection": request.indirect = try #require(IndirectSelection(rawValue: word))
      case "--state":
        state = PreviousState(
          manifest: try ManifestReader.read(bytes("ArtifactsTests/Shop/old_manifest.json"), file: "old"),
          results: try RunResultsArtifact.statuses(
            in: bytes("ArtifactsTests/Shop/old_run_results.json"), file: "old"))
      default: Issue.record("unknown flag \(flag)")
      }
    }
    let manifest = try ManifestReader.read(bytes("ArtifactsTests/Shop/manifest.json"), file: "manifest.json")
    let definitions = try SelectorDefinitions(
      JSONReader.read(bytes("ArtifactsTests/Shop/project/selectors.yml"), file: "selectors.yml"),
      indirect: request.indirect)
    let selection = try NodeSelector(manifest, state: state).select(
      request.spec(definitions), types: request.types(defaults: .listed, all: .listable))
    let artifact = ManifestArtifact(
      manifest, metadata: ArtifactMetadata(invocationID: "", generatedAt: 0, invocationStartedAt: 0))
    return (
      NodeListing(artifact).lines(selection.ids, as: .selector),
      selection.diagnostics.filter { $0.code == "nothing-selected" }.map(\.summary)
    )
  }

  /// Splits like a shell, as far as the cases need it.
  private static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isQuoted = false
    for character in text + " " {
      if character == "'" {
        isQuoted.toggle()
      } else if character == " ", !isQuoted {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    return words
  }

  private static func bytes(_ path: String) -> [UInt8] { Array(text(path).utf8) }

  private static func text(_ path: String) -> String {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return (try? String(contentsOf: tests.appending(path: path), encoding: .utf8)) ?? ""
  }
}
