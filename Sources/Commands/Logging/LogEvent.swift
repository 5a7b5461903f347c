import OrderedCollections
import ProjectModel

/// One thing that is told, under dbt's name and code for it: log readers look for these.
struct LogEvent: Sendable {
  enum Level: String, Sendable { case debug, info, warn, error }

  /// `LogModelResult`
  var name: String
  /// `Q012`
  var code: String
  var level: Level
  /// What a person reads; more than one line where that helps.
  var message: String
  /// The facts, for machines.
  var data: OrderedDictionary<String, PlainValue>
  /// `MainThread`, `Thread-1`
  var thread = "MainThread"
  /// Seconds since 1970; when it was told.
  var time = Clock.now()

  init(
    _ name: String, _ code: String, _ level: Level = .info, _ message: String,
    data: OrderedDictionary<String, PlainValue> = [:], thread: String = "MainThread"
  ) {
    self.name = name
    self.code = code
    self.level = level
    self.message = message
    self.data = data
    self.thread = thread
  }
}

extension LogEvent {
  /// The first line of every command.
  static func version() -> LogEvent {
    LogEvent(
      "MainReportVersion", "A001", "Running with dbt=\(Version.dbt) (whc=\(Version.whc))",
      data: ["log_version": 3, "version": .string("=" + Version.dbt)])
  }

  static func adapter(_ name: String) -> LogEvent {
    LogEvent(
      "AdapterRegistered", "E034", "Registered adapter: \(name)=\(Version.adapter)",
      data: ["adapter_name": .string(name), "adapter_version": .string("=" + Version.adapter)])
  }

  /// An empty line.
  static var gap: LogEvent { LogEvent("Formatting", "Z017", "", data: ["msg": ""]) }

  static func note(_ text: String, _ level: Level = .info) -> LogEvent {
    LogEvent("Note", "Z050", level, text, data: ["msg": .string(text)])
  }

  private init(
    _ name: String, _ code: String, _ message: String, data: OrderedDictionary<String, PlainValue>
  ) {
    self.init(name, code, .info, message, data: data)
  }
}

extension LogEvent.Level {
  var asFlag: LogLevel {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warn: .warn
    case .error: .error
    }
  }
}
