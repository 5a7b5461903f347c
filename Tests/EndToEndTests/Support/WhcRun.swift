import Foundation
import Synchronization
import TestSupport
import Testing

/// The built `whc`, run in a folder as a person would.
///
///     let outcome = try await WhcRun(in: folder, environment: [:]).run("build", "--select", "orders")
///     #expect(outcome.exitCode == 0, "\(outcome)")
struct WhcRun: Sendable {
  var folder: String
  /// Over a small environment of its own: nothing of the tester's settings reaches the program.
  var environment: [String: String]

  init(in folder: String, environment: [String: String] = [:]) {
    self.folder = folder
    self.environment = environment
  }

  struct Outcome: Sendable, CustomStringConvertible {
    /// Below zero: the number of the signal that ended the process.
    var exitCode: Int32
    var output: String
    var errors: String

    var description: String { "exit \(exitCode)\n\(output)\n\(errors)" }
  }

  /// Runs to the end.
  ///
  /// - Parameter input: what stands on standard input.
  func run(_ arguments: String..., input: String = "") async throws -> Outcome {
    try await run(arguments, input: input)
  }

  func run(_ arguments: [String], input: String = "") async throws -> Outcome {
    try await start(arguments, input: input).outcome()
  }

  /// Begins a run that is then interrupted or killed.
  func start(_ arguments: String...) throws -> Running { try start(arguments) }

  func start(_ arguments: [String], input: String = "") throws -> Running {
    let process = Process()
    process.executableURL = try Self.executable()
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    var variables = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder]
    variables.merge(environment) { _, given in given }
    process.environment = variables
    return try Running(process, input: input)
  }

  /// The program that `WHC_TEST_BINARY` names, else the one beside the test's own. `make test` names the release
  /// binary: what the optimizer makes of the code is what people run.
  static func executable() throws -> URL {
    if let named = ProcessInfo.processInfo.environment["WHC_TEST_BINARY"] { return URL(filePath: named) }
    let beside = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let candidates = [
      beside.appending(path: "whc"), beside.appending(path: "../../../whc"),
      package.appending(path: ".build/debug/whc"),
    ]
    guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) })
    else {
      throw Missing(looked: candidates.map(\.path))
    }
    return found.standardizedFileURL
  }

  struct Missing: Error { var looked: [String] }
}

/// A run that is under way.
final class Running: Sendable {
  private struct State {
    var output = Data()
    var errors = Data()
    var open = 3
    var exitCode: Int32 = 0
    var waiting: [CheckedContinuation<WhcRun.Outcome, Never>] = []
  }

  let pid: Int32
  private let state = Mutex(State())

  init(_ process: Process, input: String) throws {
    let output = Pipe()
    let errors = Pipe()
    let standardInput = Pipe()
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = standardInput
    // A box, since the handler is set before there is a self to call.
    let box = Handler()
    process.terminationHandler = { process in
      let code = process.terminationStatus
      box.end(process.terminationReason == .uncaughtSignal ? -code : code)
    }
    try process.run()
    pid = process.processIdentifier
    read(output.fileHandleForReading) { state, data in state.output += data }
    read(errors.fileHandleForReading) { state, data in state.errors += data }
    box.attach { code in
      self.finish { $0.exitCode = code }
    }
    DispatchQueue.global().async { @Sendable in
      try? standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
      try? standardInput.fileHandleForWriting.close()
    }
  }

  /// Ctrl-C is SIGINT.
  func signal(_ number: Int32) { kill(pid, number) }

  /// What nobody can prepare for.
  func killNow() { kill(pid, SIGKILL) }

  /// True when the process has ended.
  var isOver: Bool { state.withLock { $0.open == 0 } }

  /// What has been written so far.
  var outputSoFar: String { state.withLock { String(decoding: $0.output, as: UTF8.self) } }

  /// Waits until standard output holds a text.
  ///
  /// - Returns: false when the run ended without it.
  func waits(for text: String) async throws -> Bool {
    while true {
      let (found, isOver) = state.withLock {
        (String(decoding: $0.output, as: UTF8.self).contains(text), $0.open == 0)
      }
      if found { return true }
      if isOver { return false }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// Waits for the end.
  func outcome() async -> WhcRun.Outcome {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state -> WhcRun.Outcome? in
        if state.open == 0 { return Self.outcome(state) }
        state.waiting.append(continuation)
        return nil
      }
      if let ready { continuation.resume(returning: ready) }
    }
  }

  private func read(_ handle: FileHandle, _ keep: @escaping @Sendable (inout State, Data) -> Void) {
    let descriptor = handle.fileDescriptor
    DispatchQueue(label: "whc.test.read").async { @Sendable in
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = Foundation.read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        if count <= 0 { break }
        let data = Data(buffer[..<count])
        self.state.withLock { keep(&$0, data) }
      }
      try? handle.close()
      self.finish { _ in }
    }
  }

  private func finish(_ change: (inout State) -> Void) {
    let (waiting, outcome) = state.withLock {
      state -> ([CheckedContinuation<WhcRun.Outcome, Never>], WhcRun.Outcome) in
      change(&state)
      state.open -= 1
      guard state.open == 0 else { return ([], Self.outcome(state)) }
      defer { state.waiting = [] }
      return (state.waiting, Self.outcome(state))
    }
    for continuation in waiting { continuation.resume(returning: outcome) }
  }

  private static func outcome(_ state: State) -> WhcRun.Outcome {
    WhcRun.Outcome(
      exitCode: state.exitCode, output: String(decoding: state.output, as: UTF8.self),
      errors: String(decoding: state.errors, as: UTF8.self))
  }
}

extension Trait where Self == TimeLimitTrait {
  /// For tests that would wait for ever where something never comes. Far more than a busy machine needs: it tells
  /// that a test hangs, not how fast it is.
  static var againstHanging: Self { .timeLimit(.minutes(30)) }
}

/// Brings the end of a process to whoever asks for it later.
private final class Handler: Sendable {
  private let state = Mutex<(code: Int32?, handler: (@Sendable (Int32) -> Void)?)>((nil, nil))

  func end(_ code: Int32) {
    let handler = state.withLock { state in
      state.code = code
      return state.handler
    }
    handler?(code)
  }

  func attach(_ handler: @escaping @Sendable (Int32) -> Void) {
    let code = state.withLock { state in
      state.handler = handler
      return state.code
    }
    if let code { handler(code) }
  }
}
