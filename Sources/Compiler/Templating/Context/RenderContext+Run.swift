import Jinja
import ProjectModel

extension RenderContext {
  /// What the run says of itself.
  func runValue(_ name: String) throws -> Value? {
    switch name {
    case "dbt_version": return .string(DbtVersion.current)
    case "invocation_id": return .string(settings.invocationID)
    case "thread_id": return .string(runtime.threadName)
    case "run_started_at": return TypedValue.timestamp(secondsSince1970: settings.runStartedAt)
    case "selected_resources": return .strings(runtime.selected.map(\.rawValue))
    case "invocation_args_dict":
      settings.reads.note(run: name)
      return Value(settings.invocationArguments)
    case "dbt_metadata_envs":
      settings.reads.note(run: name)
      let prefix = "DBT_ENV_CUSTOM_ENV_"
      return .dict(
        settings.environment.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }
          .map { (String($0.key.dropFirst(prefix.count)), .string($0.value)) })
    case "modules": return PythonModules.all()
    case "context_macro_stack":
      return .dict([("depth", .int(macroDepth))])
    case "log", "print": return logFunction(name)
    case "return":
      return .function(name) { arguments, call in
        throw call.returning(try arguments.bind("return", ["data"], required: 1)[0] ?? .none)
      }
    case "write":
      return .function(name) { [unowned self] arguments, _ in
        let text = try arguments.value(0, "payload")?.text() ?? ""
        if !self.runtime.written.isEmpty { self.runtime.written += "\n" }
        self.runtime.written += text
        return .string("")
      }
    case "submit_python_job":
      return .function(name) { _, _ in
        throw HostFailure("python-model", "models in Python cannot run here")
      }
    case "adapter_macro":
      return .function(name) { arguments, _ in
        let macro = try arguments.value(0, "name")?.text() ?? ""
        throw HostFailure(
          "adapter-macro",
          "The \"adapter_macro\" macro has been deprecated, and adapter_macro('\(macro)') is no more",
          help: "call adapter.dispatch('\(macro.split(separator: ".").last ?? "")')() instead")
      }
    case "try_or_compiler_error":
      return .function(name) { arguments, call in
        let message = try arguments.value(0, "message_if_exception")?.text() ?? ""
        guard let function = arguments.value(1, "func") else {
          throw TemplateError(.type, "try_or_compiler_error() needs a message and a function")
        }
        do {
          let rest = Arguments(
            Array(arguments.positional.dropFirst(2)),
            named: arguments.named.filter { $0.name != "message_if_exception" && $0.name != "func" })
          return try call.call(function, rest)
        } catch let returned as MacroReturn {
          throw returned
        } catch {
          throw HostFailure("compiler-error", message)
        }
      }
    case "validation":
      return .dict([("any", Self.validateAny)])
    case "load_agate_table":
      return .function(name) { [unowned self] _, _ in
        guard let read = self.runtime.readSeed else {
          throw HostFailure("no-seed-table", "load_agate_table() works in a seed's materialization only")
        }
        return .object(TableObject(try read()))
      }
    default: return nil
    }
  }

  /// `log(message, info=True)` and `print(message)`
  private func logFunction(_ name: String) -> Value {
    .function(name) { [unowned self] arguments, call in
      let text = try arguments.value(0, "msg")?.text() ?? ""
      let level: TemplateRuntime.Message.Level
      if name == "print" {
        level = .print
      } else {
        level = try arguments.value(1, "info")?.isTrue() ?? false ? .info : .debug
      }
      self.runtime.emit(TemplateRuntime.Message(level: level, text: text, span: self.span(of: call.location)))
      return .string("")
    }
  }

  /// `validation.any[…]`: called with what is allowed, it gives a check.
  private static let validateAnyName = "any"
  private static var validateAny: Value {
    .function(validateAnyName) { allowed, _ in
      .function("inner") { arguments, _ in
        let value = arguments.positional.first ?? .none
        for candidate in allowed.positional where try candidate.isEqual(to: value) { return .none }
        throw HostFailure(
          "bad-config-value",
          "expected '\(try value.text())' to be one of "
            + (try allowed.positional.map { try $0.text() }.joined(separator: ", ")))
      }
    }
  }
}

/// The version of dbt whose behaviour templates see.
enum DbtVersion {
  static let current = "1.11.16"
}
