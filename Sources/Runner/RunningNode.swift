public import ProjectModel

/// The node that statements are sent for, as long as they are.
public enum RunningNode {
  @TaskLocal public static var current: NodeID?
}
