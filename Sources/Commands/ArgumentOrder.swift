import ArgumentParser
import Diagnostics

/// dbt takes its global flags before the subcommand as well as after it: `whc --quiet build`. The argument
/// parser knows them as flags of each subcommand; so those that stand in front are moved behind it.
enum ArgumentOrder {
  static func normalized(_ arguments: [String], of root: CommandConfiguration) -> [String] {
    var front: [String] = []
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      if let command = CommandWords.subcommand(argument, of: root) {
        var words = [argument]
        var rest = arguments[(index + 1)...]
        if let word = rest.first, CommandWords.subcommand(word, of: command) != nil {
          words.append(word)
          rest = rest.dropFirst()
        }
        return words + front + rest
      }
      guard argument.hasPrefix("-"), !["--help", "-h"].contains(argument) else { return arguments }
      front.append(argument)
      index += 1
      if takesValue.contains(argument), index < arguments.count {
        front.append(arguments[index])
        index += 1
      }
    }
    return arguments
  }

  /// Global flags that are followed by a value.
  static let takesValue: Set<String> = [
    "--project-dir", "--profiles-dir", "--profile", "--target", "-t", "--vars", "--target-path", "--log-path",
    "--log-format", "--log-format-file", "--log-level", "--log-level-file", "--log-file-max-bytes",
    "--printer-width", "--warn-error-options", "--threads", "--partial-parse-file-path",
    "--record-timing-info", "-r", "--state", "--defer-state",
    "--indirect-selection", "--sqlparse",
  ]
}

/// The words that name commands.
enum CommandWords {
  static func subcommand(_ word: String, of configuration: CommandConfiguration) -> CommandConfiguration? {
    configuration.subcommands.first { names(of: $0.configuration).contains(word) }?.configuration
  }

  /// What to say of a first word that is no command.
  static func unknown(in arguments: [String], of root: CommandConfiguration) -> Diagnostic? {
    guard let word = arguments.first(where: { !$0.hasPrefix("-") }), arguments.first == word,
      word != "help", subcommand(word, of: root) == nil
    else { return nil }
    let known = root.subcommands.filter { $0.configuration.shouldDisplay }.flatMap {
      names(of: $0.configuration)
    }
    return Diagnostic(
      "unknown-command", "'\(word)' is not a command", meant: NearMiss(word, among: known),
      help: "'whc --help' lists the commands")
  }

  /// What to end with when a command that only holds others is called alone; its help is written.
  static func missing(_ command: (some ParsableCommand).Type) -> ExitCode {
    Terminal.standardError.write(command.helpMessage() + "\n")
    return ExitCode(2)
  }

  private static func names(of configuration: CommandConfiguration) -> [String] {
    [configuration.commandName ?? ""] + configuration.aliases
  }
}
