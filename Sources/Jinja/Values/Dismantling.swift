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
  /// The queue of the release that is under way on this thread: a pointer to an array of values.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// Releases the values; what they held in turn is released after them, not inside.
  static func release(_ values: inout [Value]) {
    if let running = pthread_getspecific(key) {
      running.assumingMemoryBound(to: [Value].self).pointee.append(contentsOf: values)
      values = []
      return
    }
    let queue = UnsafeMutablePointer<[Value]>.allocate(capacity: 1)
    queue.initialize(to: values)
    values = []
    pthread_setspecific(key, queue)
    defer {
      pthread_setspecific(key, nil)
      queue.deinitialize(count: 1)
      queue.deallocate()
    }
    while !queue.pointee.isEmpty {
      let batch = queue.move()
      queue.initialize(to: [])
      drop(batch)
    }
  }

  /// Ends the values' life here and nowhere else: their own releases append to the queue, which must not be
  /// in the middle of an access when they do. Inlined, the optimizer moves the release into one.
  @inline(never)
  private static func drop(_ values: consuming [Value]) {}
}
