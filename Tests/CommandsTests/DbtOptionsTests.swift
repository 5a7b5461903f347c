import ArgumentParser
import Foundation
import Testing

@testable import Commands

/// Every option of every command of dbt, in each of its spellings, as `Cases/dbt-options.txt` lists them.
@Suite struct DbtOptionsTests {
  struct Option {
    var spellings: [String]
    /// What follows the option; empty for a flag.
    var value: [String]
  }

  /// Options by command; those of `every command` are in each.
  private static let options: [String: [Option]] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases/dbt-options.txt")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [:] }
    var result: [String: [Option]] = [:]
    var commands: [String] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      if line.hasSuffix(":") {
        commands = line.dropLast().split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        for command in commands { result[command] = [] }
        continue
      }
      let parts = line.split(separator: "=").map { $0.split(separator: " ").map(String.init) }
      let option = Option(spellings: parts[0], value: sample(parts[1][0]))
      for command in commands { result[command]?.append(option) }
    }
    return result
  }()

  static let commands: [String] = options.keys.filter { $0 != "every command" }.sorted()

  private static func sample(_ kind: String) -> [String] {
    let word = kind.split(separator: ":")
    switch word[0] {
    case "flag": return []
    case "words": return word.count > 1 ? [String(word[1])] : ["one", "two"]
    case "choice": return [String(word[1].split(separator: "|")[0])]
    case "integer": return ["1"]
    case "time": return ["2024-01-31"]
    case "window": return ["3 days"]
    case "yaml": return ["{}"]
    case "package": return ["dbt_utils@1.0.0"]
    default: return ["some_text"]
    }
  }

  private static func problem(_ words: [String]) -> String? {
    do {
      let order = ArgumentOrder.normalized(words, of: CommandLineTool.configuration)
      _ = try CommandLineTool.parseAsRoot(order)
      return nil
    } catch {
      return words.joined(separator: " ") + ": " + CommandLineTool.message(for: error)
    }
  }

  /// What a command cannot do without.
  private static func words(_ command: String) -> [String] {
    command.split(separator: " ").map(String.init) + (command == "run-operation" ? ["some_macro"] : [])
  }

  @Test func theListIsThere() {
    #expect(Self.commands.count == 21)
    #expect(Self.options["every command"]?.count ?? 0 > 35)
  }

  /// Everything in one line: an option may stand more than once, and the parser names the one that it does not know.
  @Test(arguments: commands) func takesItsOptions(command: String) {
    let options = (Self.options["every command"] ?? []) + (Self.options[command] ?? [])
    let words = options.flatMap { option in option.spellings.flatMap { [$0] + option.value } }
    #expect(Self.problem(Self.words(command) + words) == nil)
  }

  @Test(arguments: ["run", "docs generate", "ls"]) func takesTheOptionsOfEveryCommandInFront(command: String)
  {
    let options = Self.options["every command"] ?? []
    let words = options.flatMap { option in option.spellings.flatMap { [$0] + option.value } }
    let joined = options.compactMap { option in
      option.value.first.map { "\(option.spellings[0])=\($0)" }
    }
    #expect(Self.problem(words + joined + Self.words(command)) == nil)
  }

  /// An option that only other commands have is a usage error, not a word that is passed over.
  @Test(arguments: ["compile", "ls", "seed", "test"])
  func refusesTheOptionsOfOthers(command: String) {
    let own = Set((Self.options[command] ?? []).flatMap(\.spellings))
    let others = [
      ["--full-refresh"], ["--empty"], ["--store-failures"], ["--sample", "3 days"], ["--show"],
      ["--resource-type", "seed"], ["--inline", "select 1"],
    ]
    for words in others where !own.contains(words[0]) {
      #expect(throws: (any Error).self, "\(command) takes \(words[0])") {
        try CommandLineTool.parseAsRoot([command] + words)
      }
    }
  }

  @Test func shortOptionsHoldTheirValues() throws {
    let words = ["run", "-tprod", "-smodel_a", "model_b", "-xq", "--select=model_c", "model_d"]
    let run = try #require(try CommandLineTool.parseAsRoot(words) as? RunCommand)
    #expect(run.global.target == "prod" && run.global.quiet == true && run.global.failFast == true)
    #expect(run.selection.select == ["model_a", "model_b", "model_c", "model_d"])
  }
}
