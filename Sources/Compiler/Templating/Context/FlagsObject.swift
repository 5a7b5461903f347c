import Jinja
import ProjectModel

/// `flags`: the run's flags by upper-case name.
final class FlagsObject: JinjaObject {
  private unowned let context: RenderContext

  init(_ context: RenderContext) { self.context = context }

  var typeName: String { "Flags" }

  func attribute(_ name: String) -> Value? {
    let key = name.uppercased()
    context.note(flag: key)
    return Self.value(of: key, in: context.settings).map { Value($0) }
  }

  /// A flag by its upper-case name.
  static func value(of key: String, in settings: TemplateSettings) -> PlainValue? {
    guard let preset = shown[key] else { return nil }
    return settings.flags[key] ?? preset
  }

  func item(_ key: Value) -> Value? { key.stringValue.flatMap { attribute($0) } }

  /// The flags that dbt shows to templates, with its defaults; any other is undefined there.
  private static let shown: [String: PlainValue] = [
    "FULL_REFRESH": false, "STORE_FAILURES": false, "EMPTY": false, "FAIL_FAST": false, "WARN_ERROR": nil,
    "WARN_ERROR_OPTIONS": [:], "DEBUG": false, "QUIET": false, "NO_PRINT": nil, "USE_COLORS": true,
    "VERSION_CHECK": true, "PARTIAL_PARSE": true, "STATIC_PARSER": true, "USE_EXPERIMENTAL_PARSER": false,
    "SEND_ANONYMOUS_USAGE_STATS": false, "INDIRECT_SELECTION": "eager", "LOG_FORMAT": "default",
    "WRITE_JSON": true, "CACHE_SELECTED_ONLY": false, "INTROSPECT": true, "PRINTER_WIDTH": 80,
    "LOG_CACHE_EVENTS": false, "PROFILES_DIR": nil, "TARGET_PATH": nil, "LOG_PATH": nil,
    "INVOCATION_COMMAND": "dbt", "WHICH": nil,
  ]
}
