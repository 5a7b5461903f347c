public import Diagnostics
import ProjectModel
import Warehouse

/// A query that stands only inside those that read it: nothing to do in the database.
public struct EphemeralMaterialization: Materialization {
  public static let name = "ephemeral"

  public init() {}

  public func needs(_ input: PlanInput) -> StateNeeds { StateNeeds() }

  public func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan {
    Plan(node: input.node.id, groups: [])
  }
}
