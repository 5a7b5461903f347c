/// The world outside as this module sees it, so that a test can make one.
public struct Surroundings: Sendable {
  /// The environment's variables.
  public var variables: [String: String]
  /// The user's folder.
  public var home: String
  /// A file's bytes; nil when it cannot be read.
  public var read: @Sendable (_ path: String) -> [UInt8]?
  /// Sends a request and waits for its answer; throws when none comes.
  public var send: @Sendable (HTTPRequest) throws(AWSError) -> HTTPResponse
  /// Runs a command line to its end and gives what it wrote.
  public var run: @Sendable (_ command: String) throws(AWSError) -> [UInt8]
  /// Seconds since 1970.
  public var now: @Sendable () -> Double
  /// Waits so many seconds.
  public var pause: @Sendable (Double) -> Void

  public init(
    variables: [String: String], home: String, read: @escaping @Sendable (String) -> [UInt8]?,
    send: @escaping @Sendable (HTTPRequest) throws(AWSError) -> HTTPResponse,
    run: @escaping @Sendable (String) throws(AWSError) -> [UInt8], now: @escaping @Sendable () -> Double,
    pause: @escaping @Sendable (Double) -> Void
  ) {
    self.variables = variables
    self.home = home
    self.read = read
    self.send = send
    self.run = run
    self.now = now
    self.pause = pause
  }

  /// A variable that is set and not empty.
  func variable(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }

  func isOn(_ name: String) -> Bool { variable(name)?.lowercased() == "true" }

  /// A path with `~` made the user's folder.
  func expanded(_ path: String) -> String {
    path == "~" || path.hasPrefix("~/") ? home + path.dropFirst() : path
  }
}
