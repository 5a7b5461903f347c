import Diagnostics
import Jinja

/// `exceptions`: what templates raise.
final class ExceptionsObject: JinjaObject {
  private unowned let context: RenderContext

  init(_ context: RenderContext) { self.context = context }

  var typeName: String { "dict" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "warn":
      return .function(name) { [unowned context] arguments, call in
        let text = try arguments.value(0, "msg")?.text() ?? ""
        context.noteRun()
        switch context.settings.warnings {
        case .silent: break
        case .errors: throw HostFailure("compiler-error", text)
        case .told:
          context.runtime.emit(
            TemplateRuntime.Message(level: .warning, text: text, span: context.span(of: call.location)))
        }
        return .string("")
      }
    case "warn_snapshot_timestamp_data_types":
      return .function(name) { [unowned context] arguments, call in
        let types = try arguments.positional.map { try $0.text() }
        context.noteRun()
        let (stored, derived) = (types.first ?? "", types.last ?? "")
        let text =
          "data type of snapshot table timestamp columns (\(stored)) "
          + "does not match derived column 'updated_at' (\(derived))"
        if context.settings.warnings == .errors { throw HostFailure("compiler-error", text) }
        let span = context.span(of: call.location)
        context.runtime.emit(
          TemplateRuntime.Message(
            level: .warning, text: text, span: span,
            diagnostic: Diagnostic(
              "snapshot-timestamp", severity: .warning, text,
              at: context.subject.node?.config.origins["updated_at"] ?? span,
              help: "cast 'updated_at' to the type of the snapshot's times",
              facts: ["snapshot_time_data_type": stored, "updated_at_data_type": derived])))
        return .string("")
      }
    case "raise_compiler_error": return raising(name, "compiler-error") { $0.first ?? "" }
    case "raise_database_error": return raising(name, "database-error") { $0.first ?? "" }
    case "raise_dependency_error": return raising(name, "dependency-error") { $0.first ?? "" }
    case "raise_not_implemented": return raising(name, "not-implemented") { $0.first ?? "" }
    case "raise_cache_inconsistent": return raising(name, "cache-inconsistent") { $0.first ?? "" }
    case "raise_fail_fast_error": return raising(name, "fail-fast") { $0.first ?? "" }
    case "missing_config":
      return raising(name, "missing-config") { [unowned context] in
        "'\(context.subject.name)' needs the config '\($0.last ?? "")', which is not set"
      }
    case "missing_materialization":
      return raising(name, "unknown-materialization") { [unowned context] in
        "no materialization '\(context.subject.node?.config.materialized ?? "")' for \($0.last ?? "this adapter")"
      }
    case "missing_relation":
      return raising(name, "missing-relation") { "the relation '\($0.first ?? "")' is not there" }
    case "relation_wrong_type":
      return raising(name, "relation-wrong-type") {
        "\($0.first ?? "") is not the \($0.count > 1 ? $0[1] : "kind of relation") that it is taken for"
      }
    case "raise_contract_error":
      return raising(name, "contract-broken") {
        "the model's contract does not hold: declared \($0.first ?? ""), its SQL gives \($0.last ?? "")"
      }
    case "column_type_missing":
      return raising(name, "column-type-missing") {
        "a contract needs the data_type of every column; it is missing for \($0.first ?? "")"
      }
    case "raise_ambiguous_alias", "raise_ambiguous_catalog_match", "raise_dataclass_not_dict",
      "raise_dep_not_found", "raise_duplicate_patch_name", "raise_duplicate_resource_name",
      "raise_invalid_property_yml_version":
      return raising(name, "compiler-error") { "\(name): " + $0.joined(separator: ", ") }
    default: return nil
    }
  }

  func item(_ key: Value) -> Value? { key.stringValue.flatMap { attribute($0) } }

  private func raising(
    _ name: String, _ code: String, _ summary: @escaping ([String]) -> String
  ) -> Value {
    .function(name) { arguments, _ in
      let texts = try (arguments.positional + arguments.named.map(\.value)).map { try $0.text() }
      throw HostFailure(.init(rawValue: code), summary(texts).trimmed)
    }
  }
}
