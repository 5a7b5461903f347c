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

  /// Makes room for about so many bytes at once, in large pages where the system has them.
  ///
  /// A large project's nodes take a hundred megabytes in small pieces; the kernel hands those out in pages of 4 KB, each
  /// with a fault, unless it is told beforehand: a sixth of a warm parse. Room that is not used costs nothing.
  static func expect(_ bytes: Int) {
    #if canImport(Glibc)
      // Larger pieces would be mappings of their own instead of the heap's end.
      let piece = 16 << 20
      guard bytes > piece, let first = sbrk(0), first != UnsafeMutableRawPointer(bitPattern: -1),
        let address = dlsym(nil, "mallopt")
      else { return }
      let set = unsafeBitCast(address, to: (@convention(c) (CInt, CInt) -> CInt).self)
      _ = set(-3, CInt(piece * 2))
      let pieces = (0..<min(64, bytes / piece)).compactMap { _ in malloc(piece) }
      for piece in pieces { free(piece) }
      guard let end = sbrk(0) else { return }
      let large = 2 << 20
      let begin = first.alignedUp(toMultipleOf: large)
      if end > begin { madvise(begin, end - begin, MADV_HUGEPAGE) }
    #endif
  }
}
