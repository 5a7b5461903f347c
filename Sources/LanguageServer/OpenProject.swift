/// A project that files are open of: reads it again after changes, one reading at a time.
actor OpenProject {
  let folder: String
  private let reader: any ProjectReader
  /// How long the project is left alone after a change: somebody is typing.
  private let pause: Duration
  private let publish: @Sendable (ProjectView, _ generation: Int) async -> Void

  private var view: ProjectView?
  private var texts: [String: [UInt8]] = [:]
  private var generation = 0
  private var reading: Task<Void, Never>?

  init(
    _ folder: String, reader: any ProjectReader, pause: Duration,
    publish: @escaping @Sendable (ProjectView, Int) async -> Void
  ) {
    self.folder = folder
    self.reader = reader
    self.pause = pause
    self.publish = publish
  }

  /// Something changed; the project is read again in a moment.
  ///
  /// - Returns: what the reading that sees the change is known by.
  @discardableResult
  func change(_ texts: [String: [UInt8]]) -> Int {
    self.texts = texts
    generation += 1
    if reading == nil { reading = Task { await self.readUntilCurrent() } }
    return generation
  }

  private func readUntilCurrent() async {
    var read = 0
    while read < generation, !Task.isCancelled {
      if view != nil { try? await Task.sleep(for: pause) }
      read = generation
      let view = await reader.read(folder, texts: texts)
      self.view = view
      await publish(view, read)
    }
    reading = nil
  }

  /// What is known of the project; waits for the first reading.
  func current() async -> ProjectView? {
    if view == nil { await reading?.value }
    return view
  }

  /// Waits until what was changed is read.
  func settled() async { await reading?.value }

  func stop() { reading?.cancel() }
}
