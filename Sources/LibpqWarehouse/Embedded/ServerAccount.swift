import Diagnostics

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Whom the server's programs run as: PostgreSQL refuses to run as root.
enum ServerAccount: Equatable {
  /// A normal user runs them directly.
  case own
  /// Root drops to this user.
  case user(uid_t, gid_t)
  /// Root, where no other user can enter the folder: a user namespace in which we are called nobody. The
  /// files stay root's.
  case namespace

  /// The command that runs `arguments` under this account.
  func command(_ arguments: [String]) -> [String] {
    switch self {
    case .own: arguments
    case .user(let user, let group):
      // The user may not be able to stay in the present folder.
      [
        "/bin/sh", "-c", "cd / && exec \"$@\"", "sh", "setpriv", "--reuid=\(user)", "--regid=\(group)",
        "--clear-groups", "--no-new-privs", "--inh-caps=-all",
        "--",
      ] + arguments
    case .namespace:
      ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"] + arguments
    }
  }

  func run(_ arguments: [String]) -> ChildProcess.Outcome { ChildProcess(command(arguments)).run() }

  /// Who is to own the folders the server writes to; nil when they are to stay ours.
  var owner: (uid_t, gid_t)? {
    if case .user(let user, let group) = self { return (user, group) }
    return nil
  }

  /// Whether a program under this account can come to `folder`.
  func canEnter(_ folder: String) -> Bool {
    run(["/bin/sh", "-c", "cd \"$1\"", "sh", folder]).isSuccess
  }

  /// The unprivileged users that root may drop to, best first.
  static func unprivilegedUsers() -> [ServerAccount] {
    ["postgres", "_postgres", "nobody"].compactMap { name in
      guard let entry = getpwnam(name), entry.pointee.pw_uid != 0 else { return nil }
      return .user(entry.pointee.pw_uid, entry.pointee.pw_gid)
    }
  }

  /// The account that owns an existing data folder.
  static func owning(_ status: ServerFiles.Status) -> ServerAccount {
    guard geteuid() == 0 else { return .own }
    return status.owner == 0 ? .namespace : .user(status.owner, status.group)
  }
}
