/// What is to be done in a run and in which order: a state machine without tasks, clocks or connections.
///
/// Items are known by their index. ``next()`` gives an item whose parents are all done, that of the highest
/// priority first; ``finish(_:_:)`` takes what became of it and gives the items that will never run because of it.
public struct Schedule: Sendable {
  public struct Item: Sendable {
    /// Indices of the items that must be done first.
    public var parents: [Int]
    /// Larger goes first.
    public var priority: Int

    public init(parents: [Int], priority: Int = 0) {
      self.parents = parents
      self.priority = priority
    }
  }

  public enum Outcome: Sendable { case done, failed }

  public struct Skip: Sendable, Hashable {
    public var item: Int
    /// The failed item that it depends on, maybe through others.
    public var because: Int
  }

  private enum State { case waiting, running, finished }

  private let items: [Item]
  private let children: [[Int]]
  private var states: [State]
  private var openParents: [Int]
  private var ready: ReadyQueue
  private var unfinished: Int
  private var isStopped = false

  /// - Precondition: the items' parents form no cycle and lie in range; the compiler has refused anything else.
  public init(_ items: [Item]) {
    var children: [[Int]] = Array(repeating: [], count: items.count)
    for (index, item) in items.enumerated() {
      for parent in item.parents { children[parent].append(index) }
    }
    self.items = items
    self.children = children
    states = Array(repeating: .waiting, count: items.count)
    openParents = items.map(\.parents.count)
    unfinished = items.count
    ready = ReadyQueue()
    for (index, item) in items.enumerated() where item.parents.isEmpty {
      ready.insert(index, priority: item.priority)
    }
  }

  /// True when nothing is running and nothing will be.
  public var isFinished: Bool { unfinished == 0 }

  /// The next item to start, or nil when none is ready now.
  public mutating func next() -> Int? {
    guard !isStopped, let index = ready.popFirst() else { return nil }
    states[index] = .running
    return index
  }

  /// Takes what became of a running item.
  ///
  /// - Returns: the items that are skipped because of it, parents before children; none when it is done.
  public mutating func finish(_ index: Int, _ outcome: Outcome) -> [Skip] {
    guard states[index] == .running else { return [] }
    states[index] = .finished
    unfinished -= 1
    switch outcome {
    case .done:
      for child in children[index] where states[child] == .waiting {
        openParents[child] -= 1
        if openParents[child] == 0 { ready.insert(child, priority: items[child].priority) }
      }
      return []
    case .failed:
      return skipDescendants(of: index)
    }
  }

  /// Takes back a running item that nothing was done for; it is ready again.
  ///
  /// - Returns: false when nothing more is started; the item is then finished.
  public mutating func giveBack(_ index: Int) -> Bool {
    guard states[index] == .running else { return false }
    guard !isStopped else {
      states[index] = .finished
      unfinished -= 1
      return false
    }
    states[index] = .waiting
    ready.insert(index, priority: items[index].priority)
    return true
  }

  /// Starts nothing more: fail-fast or an interrupt.
  ///
  /// - Returns: the items that had not been started, in order of their index.
  public mutating func stop() -> [Int] {
    guard !isStopped else { return [] }
    isStopped = true
    let waiting = states.indices.filter { states[$0] == .waiting }
    for index in waiting { states[index] = .finished }
    unfinished -= waiting.count
    return waiting
  }

  private mutating func skipDescendants(of failed: Int) -> [Skip] {
    var skips: [Skip] = []
    var queue = children[failed]
    var position = 0
    while position < queue.count {
      let index = queue[position]
      position += 1
      guard states[index] == .waiting else { continue }
      states[index] = .finished
      unfinished -= 1
      skips.append(Skip(item: index, because: failed))
      queue += children[index]
    }
    return skips
  }
}

/// A binary heap: the largest priority first, the smaller index among equals.
private struct ReadyQueue: Sendable {
  private var heap: [(index: Int, priority: Int)] = []

  mutating func insert(_ index: Int, priority: Int) {
    heap.append((index, priority))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard comesBefore(heap[child], heap[parent]) else { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func popFirst() -> Int? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      var parent = 0
      while true {
        var best = parent
        for child in [2 * parent + 1, 2 * parent + 2]
        where child < heap.count && comesBefore(heap[child], heap[best]) {
          best = child
        }
        if best == parent { break }
        heap.swapAt(parent, best)
        parent = best
      }
    }
    return first.index
  }

  private func comesBefore(_ left: (index: Int, priority: Int), _ right: (index: Int, priority: Int)) -> Bool
  {
    left.priority != right.priority ? left.priority > right.priority : left.index < right.index
  }
}
