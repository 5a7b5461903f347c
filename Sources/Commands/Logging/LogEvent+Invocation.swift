import Foundation
import OrderedCollections
import ProjectModel
import Runner

/// What a command tells of itself, whatever it works on.
extension LogEvent {
  /// The flags in use.
  static func arguments(_ flags: Flags) -> LogEvent {
    let shown = flags.shown.mapValues { PlainValue.string($0.pythonText) }
    let words = shown.map { "'\($0.key)': '\($0.value.string ?? "")'" }.joined(separator: ", ")
    return LogEvent(
      "MainReportArgs", "A002", .debug, "running dbt with arguments {\(words)}",
      data: ["args": .mapping(shown)])
  }

  /// The last event of a command.
  static func completed(_ command: String, success: Bool, since begin: Double) -> LogEvent {
    let now = Clock.now()
    return LogEvent(
      "CommandCompleted", "Q039", .debug,
      "Command `dbt \(command)` \(success ? "succeeded" : "failed") at \(Clock.preciseTimeOfDay(now)) after "
        + "\(ResultLine.seconds(now - begin).dropLast()) seconds",
      data: [
        "command": .string("dbt \(command)"), "success": .bool(success),
        "completed_at": .string(Clock.timestamp(now) + "Z"), "elapsed": .double(now - begin),
      ])
  }

  static func wrote(_ type: String, _ path: String) -> LogEvent {
    LogEvent(
      "ArtifactWritten", "P001", .debug, "Wrote artifact \(type) to \(path)",
      data: ["artifact_type": .string(type), "artifact_path": .string(path)])
  }

  /// What the process has used: seconds of CPU, kilobytes of memory.
  static func resources(_ command: String, success: Bool, since begin: Double) -> LogEvent {
    var usage = rusage()
    // 0 is RUSAGE_SELF, whose type differs between systems.
    getrusage(0, &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
    let data: OrderedDictionary<String, PlainValue> = [
      "command_name": .string(command), "command_success": .bool(success),
      "command_wall_clock_time": .double(Clock.now() - begin),
      "process_user_time": .double(seconds(usage.ru_utime)),
      "process_kernel_time": .double(seconds(usage.ru_stime)),
      "process_mem_max_rss": .string(String(usage.ru_maxrss)),
      "process_in_blocks": .string(String(usage.ru_inblock)),
      "process_out_blocks": .string(String(usage.ru_oublock)),
    ]
    let text = data.map { "\($0.key): \($0.value.pythonText)" }.joined(separator: ", ")
    return LogEvent("ResourceReport", "Z051", .debug, "Resource report: \(text)", data: data)
  }

  /// All results of a run.
  static func results(_ outcome: Runner.Outcome, success: Bool) -> LogEvent {
    LogEvent(
      "EndRunResult", "Q037", .debug, "Command end result",
      data: [
        "results": .list(outcome.results.map { ResultInfo($0).value }),
        "elapsed_time": .double(outcome.elapsed), "generated_at": .string(Clock.timestamp() + "Z"),
        "success": .bool(success),
      ])
  }
}

/// A result as dbt's events tell it.
struct ResultInfo {
  let value: PlainValue

  init(_ result: NodeResult) {
    var response: OrderedDictionary<String, PlainValue> = [:]
    if let message = result.adapterMessage {
      let words = message.split(separator: " ").filter { !$0.allSatisfy(\.isNumber) }
      response = ["_message": .string(message), "code": .string(words.joined(separator: " "))]
      if let rows = result.rowsAffected { response["rows_affected"] = .int(rows) }
    }
    value = [
      "status": .string(result.status.rawValue), "message": .string(result.message ?? ""),
      "adapter_response": .mapping(response), "num_failures": .int(result.failures ?? 0),
      "execution_time": .double(result.executionTime), "thread": .string(result.threadName),
      "timing_info": .list(
        result.timing.map {
          [
            "name": .string($0.name), "started_at": .string(Clock.timestamp($0.startedAt) + "Z"),
            "completed_at": .string(Clock.timestamp($0.completedAt) + "Z"),
          ]
        }),
    ]
  }
}
