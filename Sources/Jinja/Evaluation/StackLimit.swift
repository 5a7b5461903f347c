#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How far the stack of the thread may grow before work must stop with an error.
struct StackLimit {
  /// The lowest address that may be used.
  private let lowest: UInt

  /// - Parameter reserve: bytes at the stack's end that stay free.
  init(reserve: Int) {
    let bounds = StackLimit.bounds()
    lowest = bounds == 0 ? 0 : bounds &+ UInt(reserve)
  }

  /// Whether the stack has grown into the reserve.
  @inline(never)
  var isExhausted: Bool {
    var here: UInt8 = 0
    return withUnsafeMutablePointer(to: &here) { UInt(bitPattern: $0) } < lowest
  }

  /// The lowest address of the calling thread's stack; zero when it cannot be known.
  ///
  /// Asking the system is slow on the main thread, so each thread keeps the answer.
  private static func bounds() -> UInt {
    if let known = pthread_getspecific(key) { return UInt(bitPattern: known) }
    let found = measure()
    pthread_setspecific(key, UnsafeRawPointer(bitPattern: found))
    return found
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  private static func measure() -> UInt {
    #if canImport(Darwin)
      let top = UInt(bitPattern: pthread_get_stackaddr_np(pthread_self()))
      return top - UInt(pthread_get_stacksize_np(pthread_self()))
    #else
      // The function is a GNU extension that the module map does not show.
      typealias Getter = @convention(c) (pthread_t, UnsafeMutablePointer<pthread_attr_t>) -> Int32
      guard let symbol = dlsym(nil, "pthread_getattr_np") else { return 0 }
      var attributes = pthread_attr_t()
      guard unsafeBitCast(symbol, to: Getter.self)(pthread_self(), &attributes) == 0 else { return 0 }
      defer { pthread_attr_destroy(&attributes) }
      var address: UnsafeMutableRawPointer?
      var size = 0
      guard pthread_attr_getstack(&attributes, &address, &size) == 0 else { return 0 }
      return UInt(bitPattern: address)
    #endif
  }
}
