import Compiler
import Materializations
import OrderedCollections
import ProjectModel
import StarModel

/// The results of the tests of a star's checks that a load has made sure of by itself: nothing is asked twice.
struct StarVerdicts {
  let environment: RunEnvironment
  let request: RunRequest
  let threadName: String
  let evidence: OrderedDictionary<StarCheck, StarEvidence>
  /// What audits have counted; a check that is not among them found nothing.
  let offences: [StarCheck: Int]

  /// Those of the tests that need not be run.
  func results(of tests: [NodeID]) -> [NodeID: NodeResult] {
    guard !evidence.isEmpty else { return [:] }
    var results: [NodeID: NodeResult] = [:]
    for node in tests.compactMap({ environment.manifest.nodes[$0] }) {
      guard let check = StarCheck(node), let evidence = evidence[check] else { continue }
      let count = offences[check] ?? 0
      let answer = TestAnswer(failures: count, shouldWarn: count > 0, shouldError: false)
      let verdict = TestVerdict(answer, of: node, warningsAreErrors: request.warningsAreErrors)
      var result = self.result(node, count == 0 ? .pass : verdict.status == .fail ? .fail : .warn)
      result.failures = verdict.failures
      result.message = count == 0 ? evidence.message : verdict.message
      results[node.id] = result
    }
    return results
  }

  /// The result of the test whose check stopped the load.
  func failures(of check: StarCheck, among tests: [NodeID]) -> [NodeResult] {
    tests.compactMap { environment.manifest.nodes[$0] }.filter { StarCheck($0) == check }.map { node in
      let count = offences[check] ?? 1
      var result = self.result(node, .fail)
      result.failures = count
      result.message = "Got \(count) \(count == 1 ? "result" : "results"), and the load was stopped"
      return result
    }
  }

  private func result(_ node: Node, _ status: NodeResult.Status) -> NodeResult {
    var result = NodeResult(node: node.id, status: status, threadName: threadName)
    let now = environment.now()
    result.timing = ["compile", "execute"].map { .init(name: $0, startedAt: now, completedAt: now) }
    return result
  }
}
