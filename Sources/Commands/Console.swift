import ArgumentParser
import Diagnostics
import Foundation
import OrderedCollections
import ProjectLoading
import ProjectModel
import Synchronization

/// The way out to the person and to the log: answers on standard output, problems on standard error, and what
/// happens along the way as lines in the shape that the flags ask for.
struct Console: Sendable {
  let flags: Flags
  let invocation: Invocation
  let output: Terminal
  let errors: Terminal
  /// Where a run is shown while it goes on.
  let region = LiveRegion()
  private let file: LogFile?
  private let secrets: Secrets
  /// `DBT_ENV_CUSTOM_ENV_…` without the prefix, in every event.
  private let extra: OrderedDictionary<String, PlainValue>
  private let packages = PackageRoots()
  private let deprecations = DeprecationLedger()

  /// - Parameter output, errors: where to write; the process's own standard output and error by default.
  init(
    _ flags: Flags, invocation: Invocation = Invocation(), output: Terminal? = nil, errors: Terminal? = nil
  ) {
    self.flags = flags
    self.invocation = invocation
    self.output = output ?? Terminal.current(useColors: flags.colors)
    self.errors = errors ?? Terminal.current(descriptor: STDERR_FILENO, useColors: flags.colors)
    let vars = (try? YAMLArgument.mapping(flags.vars, of: "--vars")) ?? [:]
    secrets = Secrets(
      environment: flags.environment.merging(vars.mapValues(\.pythonText).map { ($0, $1) }) { _, new in new })
    let prefix = "DBT_ENV_CUSTOM_ENV_"
    extra = OrderedDictionary(
      uniqueKeysWithValues: flags.environment.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }
        .map { (String($0.key.dropFirst(prefix.count)), PlainValue.string($0.value)) })
    file =
      flags.project == nil || flags.logLevelFile == .none
      ? nil
      : LogFile(
        folder: Console.logFolder(flags),
        heading: Console.logHeading(flags, invocation),
        limit: flags.logFileMaxBytes)
  }

  /// What parts one command's lines from those of the one before; a log of JSON has nothing but JSON in it.
  private static func logHeading(_ flags: Flags, _ invocation: Invocation) -> String {
    guard flags.logFormatFile != .json else { return "" }
    let rule = String(repeating: "=", count: 30)
    return "\n\n\(rule) \(Clock.preciseTimeOfDay(invocation.startedAt)) | \(invocation.id) \(rule)\n"
  }

  var style: Style { Style(isOn: output.usesColor) }

  /// True when finished nodes scroll by above a live part: a person looks on and asked for nothing else.
  var isLive: Bool {
    output.isInteractive && !flags.quiet && flags.logLevel == .info
      && (flags.logFormat == .standard || flags.logFormat == .text)
  }

  /// With `--debug` statements are shown, too.
  var showsStatements: Bool { flags.consoleLevel == .debug && !isLive }

  /// True when lines are written that hold an event's facts beside its words.
  var keepsData: Bool {
    flags.logFormat == .json || (file != nil && flags.logFormatFile == .json)
  }

  /// True when anybody reads what is sent to the database.
  var keepsStatements: Bool { showsStatements || (file != nil && flags.logLevelFile == .debug) }

  // MARK: Answers

  /// What the command was asked for; printed whatever the flags say.
  func print(_ text: String, as name: String = "PrintEvent", code: String = "Z052") {
    if flags.logFormat == .json {
      let event = LogEvent(name, code, .info, text, data: ["msg": .string(text)])
      output.write(masked(LogLines.json(event, invocationID: invocation.id, extra: extra)))
    } else {
      write(masked(text.hasSuffix("\n") ? text : text + "\n"), to: output)
    }
  }

  /// Standard output and error are one screen when a person looks on.
  private func write(_ text: String, to terminal: Terminal) {
    isLive ? region.yield(on: output) { terminal.write(text) } : terminal.write(text)
  }

  // MARK: Along the way

  /// Tells an event: on the terminal if its level is asked for, and in the log file.
  ///
  /// - Parameter onTerminal: false when the terminal shows the same in another way.
  func tell(_ event: LogEvent, onTerminal: Bool = true) {
    if onTerminal, event.level.asFlag >= flags.consoleLevel {
      let output = flags.answersData ? errors : output
      let line =
        switch flags.logFormat {
        case .json: LogLines.json(event, invocationID: invocation.id, extra: extra)
        case .debug: LogLines.detailed(event)
        default: flags.debug ? LogLines.detailed(event) : LogLines.text(event)
        }
      output.write(masked(line))
    }
    log(event)
  }

  /// Writes what the log file still holds back.
  func flushLog() { file?.flush() }

  /// Puts an event into the log file alone.
  func log(_ event: LogEvent) {
    guard let file, event.level.asFlag >= flags.logLevelFile else { return }
    let line =
      flags.logFormatFile == .json
      ? LogLines.json(event, invocationID: invocation.id, extra: extra) : LogLines.detailed(event)
    file.write(masked(line))
  }

  /// The text without the secrets that the environment or `--vars` hold.
  func masked(_ text: String) -> String { secrets.masked(text) }

  /// The last words of a command, for those who read logs.
  func complete(_ command: String, success: Bool) {
    if let summary = deprecations.summary(hint: !flags.showsAllDeprecations) {
      tell(summary, onTerminal: !isLive)
    }
    for event in [
      LogEvent.resources(command, success: success, since: invocation.startedAt),
      .completed(command, success: success, since: invocation.startedAt),
    ] { tell(event, onTerminal: !isLive) }
  }

  /// A remark along the way; silent with `--quiet`.
  func note(_ text: String) {
    if isLive { write(WrappedText.wrap(text, at: output.width) + "\n", to: output) }
    tell(.note(text), onTerminal: !isLive)
  }

  // MARK: Problems

  func report(_ diagnostics: [Diagnostic]) {
    let diagnostics = deprecations.filter(diagnostics, flags: flags)
    let told = diagnostics.filter { $0.severity == .error || flags.consoleLevel <= .warn }
    guard !diagnostics.isEmpty else { return }
    let plain = renderer(colors: false)
    for diagnostic in diagnostics {
      let event = LogEvent(diagnostic, rendered: plain.render(diagnostic))
      if flags.logFormat == .json { tell(event) } else { log(event) }
    }
    if flags.logFormat != .json, !told.isEmpty {
      write(masked(renderer(for: errors).render(told)) + "\n", to: errors)
    }
  }

  /// Reports the diagnostics and gives what ends the command: 2, as dbt has it for what could not be started.
  func exit(_ diagnostics: [Diagnostic]) -> ExitCode {
    report(diagnostics)
    return ExitCode(2)
  }

  func exit(_ diagnostic: Diagnostic) -> ExitCode { exit([diagnostic]) }

  func renderer(for terminal: Terminal) -> DiagnosticRenderer {
    var renderer = renderer(colors: terminal.usesColor)
    if terminal.isInteractive { renderer.textWidth = terminal.width }
    return renderer
  }

  func renderer(colors: Bool) -> DiagnosticRenderer {
    let root = flags.projectDirectory
    let packages = self.packages
    return DiagnosticRenderer(colors: colors) { path in
      let candidates =
        path.hasPrefix("/") ? [path] : [root + "/" + path] + packages.folders.map { $0 + "/" + path }
      for candidate in candidates {
        if let bytes = try? FileSystem.read(candidate) { return SourceText(bytes) }
      }
      return nil
    }
  }

  /// Lets frames show files of these packages, too.
  func knows(packages folders: [String]) { packages.set(folders) }

  private static func logFolder(_ flags: Flags) -> String {
    let path = flags.logPath ?? flags.project?.root["log-path"]?.string ?? "logs"
    return path.hasPrefix("/") ? path : flags.projectDirectory + "/" + path
  }
}

/// Values of `DBT_ENV_SECRET…`, which no line shows.
struct Secrets: Sendable {
  /// As they are and as JSON writes them; a longer one before one that it may hold.
  private let texts: [String]

  init(environment: [String: String]) {
    let values = environment.filter { $0.key.hasPrefix("DBT_ENV_SECRET") && !$0.value.isEmpty }.map(\.value)
    let written = values.map { String(JSONText.quoted($0).dropFirst().dropLast()) }
    texts = Set(values + written).sorted { ($0.utf8.count, $1) > ($1.utf8.count, $0) }
  }

  func masked(_ text: String) -> String {
    texts.reduce(text) { $0.replacing($1, with: "*****") }
  }
}

/// One run of the program.
struct Invocation: Sendable {
  /// A UUID in lower case.
  let id = UUID().uuidString.lowercased()
  /// Seconds since 1970.
  let startedAt = Clock.now()
}

/// Folders of packages in whose files a diagnostic may point.
private final class PackageRoots: Sendable {
  private let state = Mutex<[String]>([])
  var folders: [String] { state.withLock { $0 } }
  func set(_ folders: [String]) { state.withLock { $0 = folders } }
}
