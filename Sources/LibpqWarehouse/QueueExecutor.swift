import Dispatch

/// Runs an actor's jobs one after another on a thread that may block, away from the tasks' own threads.
///
/// Dispatch's queues are such executors themselves on Apple's platforms; elsewhere they are not.
final class QueueExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) { queue = DispatchQueue(label: label) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedSerialExecutor()
    queue.async { @Sendable in job.runSynchronously(on: executor) }
  }

  func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
