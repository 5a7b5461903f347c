import Jinja
import ProjectModel

/// `flags`: the run's flags by upper-case name.
final class FlagsObject: JinjaObject {
  private let settings: TemplateSettings

  init(_ settings: TemplateSettings) { self.settings = settings }

  var typeName: String { "Flags" }

  func attribute(_ name: String) -> Value? {
    let key = name.uppercased()
    if key == "INVOCATION_COMMAND" { return Value(settings.flags[key] ?? .string("dbt")) }
    return (settings.flags[key] ?? Self.defaults[key]).map { Value($0) }
  }

  func item(_ key: Value) -> Value? { key.stringValue.flatMap { attribute($0) } }

  /// dbt's defaults of the flags that macros ask for.
  private static let defaults: [String: PlainValue] = [
    "FULL_REFRESH": false, "STORE_FAILURES": false, "EMPTY": false, "FAIL_FAST": false, "WARN_ERROR": false,
    "WARN_ERROR_OPTIONS": [:], "DEBUG": false, "QUIET": false, "PRINT": true, "USE_COLORS": true,
    "VERSION_CHECK": true, "PARTIAL_PARSE": true, "STATIC_PARSER": true, "USE_EXPERIMENTAL_PARSER": false,
    "SEND_ANONYMOUS_USAGE_STATS": false, "INDIRECT_SELECTION": "eager", "LOG_FORMAT": "default",
    "LOG_LEVEL": "info", "WRITE_JSON": true, "CACHE_SELECTED_ONLY": false, "INTROSPECT": true,
    "PRINTER_WIDTH": 80, "LOG_CACHE_EVENTS": false, "DEFER": false, "FAVOR_STATE": false, "TARGET": nil,
    "PROFILE": nil, "PROFILES_DIR": nil, "PROJECT_DIR": nil, "SAMPLE": nil, "EVENT_TIME_START": nil,
    "EVENT_TIME_END": nil, "REQUIRE_SQL_HEADER_IN_TEST_CONFIGS": false, "WHICH": nil, "THREADS": nil,
    "STRICT_MODE": false, "SINGLE_THREADED": false, "MACRO_DEBUGGING": false, "SELECT": nil, "EXCLUDE": nil,
    "POPULATE_CACHE": true,
  ]
}
