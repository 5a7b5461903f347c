import Jinja

/// Jinja as dbt sets it up, for the three uses that the compiler has.
enum DbtJinja {
  static let syntax = Environment.dbt.syntax
  /// While a project is parsed: what is not there gives nothing, whatever is done with it.
  static let parsing = Environment.dbtParsing
  /// When SQL is made.
  static let running = Environment.dbt
  /// For strings in YAML, which keep no map.
  static let native: Environment = {
    var environment = Environment.dbtNative
    environment.keepsSourceMap = false
    return environment
  }()
}
