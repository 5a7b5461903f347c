#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Another program, started without a shell and without this process's open files.
struct ChildProcess {
  /// The program's path or name (looked up in PATH), then its arguments.
  var arguments: [String]

  init(_ arguments: [String]) { self.arguments = arguments }

  struct Outcome: Sendable {
    /// The exit code; 128 and more for a signal, 127 when the program could not be started.
    var code: Int32
    /// What it wrote to its standard output and error, mixed.
    var output: String

    var isSuccess: Bool { code == 0 }
  }

  /// Runs the program to its end.
  func run() -> Outcome {
    guard let (reading, writing) = Self.pipe() else { return Outcome(code: 127, output: Self.reason(errno)) }
    let started = spawn(input: nil, output: writing, isDetached: false)
    close(writing)
    defer { close(reading) }
    guard case .success(let pid) = started else {
      guard case .failure(let failure) = started else { return Outcome(code: 127, output: "") }
      return Outcome(code: 127, output: "\(arguments.first ?? ""): \(failure.reason)")
    }
    var output: [UInt8] = []
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
      while true {
        let count = read(reading, buffer.baseAddress, buffer.count)
        if count < 0, errno == EINTR { continue }
        if count <= 0 { break }
        output.append(contentsOf: buffer.prefix(count))
      }
    }
    return Outcome(code: Self.wait(for: pid), output: String(decoding: output, as: UTF8.self))
  }

  /// Runs the program to its end and gives the number it had.
  func runForPID() -> pid_t? {
    guard case .success(let pid) = detach() else { return nil }
    _ = Self.wait(for: pid)
    return pid
  }

  struct Failure: Error, CustomStringConvertible {
    var reason: String
    var description: String { reason }
  }

  /// Starts the program as leader of a session of its own, so that Ctrl-C here does not reach it.
  ///
  /// - Parameters:
  ///   - input: the file its standard input reads; nil for nothing.
  ///   - log: the file that its output is appended to; nil to throw it away.
  func detach(input: Int32? = nil, log: String? = nil) -> Result<pid_t, Failure> {
    let file = open(log ?? "/dev/null", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { return .failure(Failure(reason: "\(log ?? ""): \(Self.reason(errno))")) }
    defer { close(file) }
    return spawn(input: input, output: file, isDetached: true)
  }

  private func spawn(input: Int32?, output: Int32, isDetached: Bool) -> Result<pid_t, Failure> {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, output, 2)
    var flags = isDetached ? Self.newSession : 0
    #if canImport(Darwin)
      flags |= Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
    #else
      // A server that lives on must not hold a lock or a pipe that was left open here or by our parent.
      for descriptor in Int32(3)..<256 { posix_spawn_file_actions_addclose(&actions, descriptor) }
    #endif
    // The runtime may have blocked signals in this thread; the program starts with none blocked.
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    flags |= Int32(POSIX_SPAWN_SETSIGMASK)
    posix_spawnattr_setflags(&attributes, Int16(flags))

    let argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    let environment: [UnsafeMutablePointer<CChar>?] = Self.environment().map { strdup($0) } + [nil]
    defer { (argv + environment).forEach { free($0) } }
    var pid = pid_t()
    let code = posix_spawnp(&pid, arguments.first ?? "", &actions, &attributes, argv, environment)
    return code == 0 ? .success(pid) : .failure(Failure(reason: Self.reason(code)))
  }

  /// This process's variables without those that steer PostgreSQL's programs, and with messages in English.
  private static func environment() -> [String] {
    var variables: [String] = []
    var entry = environ
    while let text = entry.pointee {
      let variable = String(cString: text)
      if !variable.hasPrefix("PG"), !variable.hasPrefix("LC_"), !variable.hasPrefix("LANG") {
        variables.append(variable)
      }
      entry += 1
    }
    return variables + ["LC_ALL=C"]
  }

  /// `POSIX_SPAWN_SETSID`, which the C libraries of Linux show only to GNU programs.
  #if canImport(Darwin)
    private static let newSession = Int32(POSIX_SPAWN_SETSID)
  #else
    private static let newSession: Int32 = 0x80
  #endif

  /// A pipe that children do not inherit.
  static func pipe() -> (reading: Int32, writing: Int32)? {
    var ends: [Int32] = [-1, -1]
    guard systemPipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func wait(for pid: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 {
      guard errno == EINTR else { return 127 }
    }
    return exitCode(status)
  }

  /// The exit code of a child that has ended, nil while it runs.
  static func hasEnded(_ pid: pid_t) -> Int32? {
    var status: Int32 = 0
    let ended = waitpid(pid, &status, WNOHANG)
    if ended == pid { return exitCode(status) }
    // Not our child any more: somebody else has waited for it.
    return ended < 0 && errno == ECHILD ? 127 : nil
  }

  private static func exitCode(_ status: Int32) -> Int32 {
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}

private func systemPipe(_ ends: UnsafeMutablePointer<Int32>) -> Int32 { pipe(ends) }
