/// Python's modules that dbt gives to templates as `modules.datetime`, `modules.re` and so on.
public enum PythonModules {
  /// All four, in one object: the value of `modules`.
  public static func all() -> Value {
    .dict([("pytz", pytz()), ("datetime", datetime()), ("re", re()), ("itertools", itertools())])
  }

  public static func datetime() -> Value {
    .object(
      ModuleObject(
        "datetime",
        [
          "date": .object(MomentType(.date)), "datetime": .object(MomentType(.datetime)),
          "time": .object(MomentType(.time)),
          "timedelta": .function("timedelta") { arguments, _ in try TimeDelta.make(arguments) },
          "timezone": .object(TimezoneType()), "tzinfo": .object(TimezoneType()),
          "UTC": .object(ZoneObject.utc), "MINYEAR": .int(1), "MAXYEAR": .int(9999),
        ]))
  }

  public static func pytz() -> Value {
    let utc = (try? ZoneObject.named("UTC")) ?? .utc
    return .object(
      ModuleObject(
        "pytz",
        [
          "utc": .object(utc), "UTC": .object(utc),
          "timezone": .function("timezone") { arguments, _ in
            .object(
              try ZoneObject.named(try (arguments.bind("timezone", ["zone"], required: 1)[0] ?? .none).text())
            )
          },
          "FixedOffset": .function("FixedOffset") { arguments, _ in
            .object(ZoneObject(offset: try (arguments.positional.first ?? .int(0)).index() * 60))
          },
        ]))
  }
}

/// The class `timezone`.
private final class TimezoneType: JinjaObject {
  var typeName: String { "type" }
  var isCallable: Bool { true }
  func representation() -> String { "<class 'datetime.timezone'>" }
  func attribute(_ name: String) -> Value? { name == "utc" ? .object(ZoneObject.utc) : nil }

  func call(_ arguments: Arguments, _ context: CallContext) throws -> Value {
    let bound = try arguments.bind("timezone", ["offset", "name"], required: 1)
    guard let delta = bound[0]?.object(as: TimeDelta.self) else {
      throw TemplateError(
        .type, "timezone() argument 1 must be datetime.timedelta, not \((bound[0] ?? .none).typeName)")
    }
    return .object(ZoneObject(offset: delta.microseconds / 1_000_000, name: try bound[1]?.text()))
  }
}

/// A module: names and what they stand for.
final class ModuleObject: JinjaObject {
  private let name: String
  private let values: [String: Value]

  init(_ name: String, _ values: [String: Value]) {
    self.name = name
    self.values = values
  }

  var typeName: String { "module" }
  func attribute(_ name: String) -> Value? { values[name] }
  func item(_ key: Value) -> Value? { key.stringValue.flatMap { values[$0] } }
  func representation() -> String { "<module '\(name)'>" }
}
