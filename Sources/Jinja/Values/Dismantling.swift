#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Gives up nested containers one after the other: thousands of levels would overflow the stack if each
/// released the next.
enum Dismantling {
  private final class Queue { var values: [Value] = [] }

  /// The queue of the release that is under way on this thread.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// Releases the values; what they held in turn is released after them, not inside.
  static func release(_ values: inout [Value]) {
    if let running = pthread_getspecific(key) {
      Unmanaged<Queue>.fromOpaque(running).takeUnretainedValue().values.append(contentsOf: values)
      values = []
      return
    }
    let queue = Queue()
    withExtendedLifetime(queue) {
      pthread_setspecific(key, Unmanaged.passUnretained(queue).toOpaque())
      defer { pthread_setspecific(key, nil) }
      swap(&queue.values, &values)
      while !queue.values.isEmpty {
        var batch: [Value] = []
        swap(&batch, &queue.values)
        batch.removeAll()
      }
    }
  }
}
