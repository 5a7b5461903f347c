import Testing

@testable import Runner

@Suite struct ScheduleTests {
  @Test func parentsComeFirst() {
    var schedule = Schedule([.init(parents: []), .init(parents: [0]), .init(parents: [0, 1])])
    #expect(schedule.next() == 0)
    #expect(schedule.next() == nil)
    #expect(schedule.finish(0, .done).isEmpty)
    #expect(schedule.next() == 1)
    #expect(schedule.next() == nil)
    _ = schedule.finish(1, .done)
    #expect(schedule.next() == 2)
    #expect(!schedule.isFinished)
    _ = schedule.finish(2, .done)
    #expect(schedule.isFinished)
  }

  @Test func theLongestWayGoesFirst() {
    var schedule = Schedule([
      .init(parents: [], priority: 1), .init(parents: [], priority: 7), .init(parents: [], priority: 7),
      .init(parents: [], priority: 3),
    ])
    var order: [Int] = []
    while let next = schedule.next() { order.append(next) }
    #expect(order == [1, 2, 3, 0])
  }

  @Test func aFailureSkipsWhatComesAfterItOnce() {
    // 0 -> 1 -> 3, 2 -> 3, 3 -> 4
    var schedule = Schedule([
      .init(parents: []), .init(parents: [0]), .init(parents: []), .init(parents: [1, 2]),
      .init(parents: [3]),
    ])
    #expect(schedule.next() == 0)
    #expect(schedule.next() == 2)
    let skips = schedule.finish(0, .failed)
    #expect(skips.map(\.item) == [1, 3, 4])
    #expect(skips.allSatisfy { $0.because == 0 })
    #expect(!schedule.isFinished)
    #expect(schedule.finish(2, .failed).isEmpty)
    #expect(schedule.isFinished)
    #expect(schedule.next() == nil)
  }

  @Test func stoppingLeavesWhatRunsAlone() {
    var schedule = Schedule([.init(parents: []), .init(parents: [0]), .init(parents: [])])
    #expect(schedule.next() == 0)
    #expect(schedule.stop() == [1, 2])
    #expect(schedule.next() == nil)
    #expect(!schedule.isFinished)
    _ = schedule.finish(0, .done)
    #expect(schedule.isFinished)
  }

  @Test func whatIsGivenBackIsReadyAgain() {
    var schedule = Schedule([
      .init(parents: [], priority: 2), .init(parents: [], priority: 1), .init(parents: [0]),
    ])
    #expect(schedule.next() == 0)
    let isReady = schedule.giveBack(0)
    #expect(isReady)
    #expect(schedule.next() == 0)
    #expect(schedule.next() == 1)
    _ = schedule.stop()
    let isReadyAfterTheEnd = schedule.giveBack(0)
    #expect(!isReadyAfterTheEnd)
    #expect(!schedule.isFinished)
    _ = schedule.finish(1, .done)
    #expect(schedule.isFinished)
  }

  /// Every item of a random graph runs once, after its parents, however many workers there are.
  @Test(arguments: 0..<40) func randomGraphsRunInOrder(seed: UInt64) {
    var generator = SplitMix(state: seed)
    let count = 60
    let items = (0..<count).map { index in
      Schedule.Item(
        parents: Array(Set((0..<min(index, 3)).map { _ in Int.random(in: 0..<index, using: &generator) })),
        priority: Int.random(in: 0..<5, using: &generator))
    }
    var schedule = Schedule(items)
    var running: [Int] = []
    var done: Set<Int> = []
    while !schedule.isFinished {
      while running.count < 3, let next = schedule.next() {
        #expect(items[next].parents.allSatisfy(done.contains))
        #expect(!done.contains(next) && !running.contains(next))
        running.append(next)
      }
      guard !running.isEmpty else {
        Issue.record("nothing is running and \(count - done.count) items are left")
        return
      }
      let finished = running.remove(at: Int.random(in: 0..<running.count, using: &generator))
      done.insert(finished)
      _ = schedule.finish(finished, .done)
    }
    #expect(done.count == count)
  }
}

/// Random numbers that are the same in every run (Steele, Lea, Flood 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
