#if canImport(Glibc)
  import Glibc
#endif

/// How the C library hands out memory.
enum Allocator {
  /// Has all threads share one heap that grows by large steps.
  ///
  /// glibc gives every thread a heap of its own and grows it a page at a time, each with a call of the kernel: a tenth
  /// of the work of a short run that makes a large project's nodes. To be called before there are other threads.
  static func prepare() {
    #if canImport(Glibc)
      // <malloc.h> is no part of Swift's module of the library.
      guard let address = dlsym(nil, "mallopt") else { return }
      let set = unsafeBitCast(address, to: (@convention(c) (CInt, CInt) -> CInt).self)
      let (arenaMax, topPad, trimThreshold): (CInt, CInt, CInt) = (-8, -2, -1)
      _ = set(arenaMax, 1)
      _ = set(topPad, 16 << 20)
      _ = set(trimThreshold, 256 << 20)
    #endif
  }
}
