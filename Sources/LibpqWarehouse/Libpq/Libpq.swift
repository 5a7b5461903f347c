/// The functions of PostgreSQL's client library that whc calls, by their C names.
///
/// The library is opened when the first connection is made, not when the program starts: with what it needs
/// itself (TLS, Kerberos, LDAP) loading it takes about 4 ms, which commands without a database need not
/// pay. Its interface has been the same, under the name `libpq.so.5`, since PostgreSQL 8.2; names and types
/// are those of chapter "libpq" of the manual, a `PGconn` or a `PGresult` being an `OpaquePointer`.
struct Libpq: Sendable {
  typealias Text = UnsafePointer<CChar>
  typealias Conn = OpaquePointer
  typealias Res = OpaquePointer
  typealias NoticeReceiver = @convention(c) (UnsafeMutableRawPointer?, Res?) -> Void

  // Connecting
  let PQconnectStartParams: @convention(c) (UnsafePointer<Text?>, UnsafePointer<Text?>, CInt) -> Conn?
  let PQconnectPoll: @convention(c) (Conn) -> CInt
  let PQfinish: @convention(c) (Conn) -> Void
  let PQstatus: @convention(c) (Conn) -> CInt
  let PQtransactionStatus: @convention(c) (Conn) -> CInt
  let PQerrorMessage: @convention(c) (Conn) -> Text?
  let PQconnectionNeedsPassword: @convention(c) (Conn) -> CInt
  let PQsocket: @convention(c) (Conn) -> CInt
  let PQserverVersion: @convention(c) (Conn) -> CInt
  let PQparameterStatus: @convention(c) (Conn, Text) -> Text?
  let PQhost: @convention(c) (Conn) -> Text?
  let PQport: @convention(c) (Conn) -> Text?
  let PQuser: @convention(c) (Conn) -> Text?
  let PQdb: @convention(c) (Conn) -> Text?
  let PQsetErrorVerbosity: @convention(c) (Conn, CInt) -> CInt
  let PQsetNoticeReceiver: @convention(c) (Conn, NoticeReceiver?, UnsafeMutableRawPointer?) -> NoticeReceiver?
  let PQlibVersion: @convention(c) () -> CInt

  // Statements
  let PQsendQuery: @convention(c) (Conn, Text) -> CInt
  let PQgetResult: @convention(c) (Conn) -> Res?
  let PQprepare: @convention(c) (Conn, Text, Text, CInt, UnsafePointer<CUnsignedInt>?) -> Res?
  let PQdescribePrepared: @convention(c) (Conn, Text) -> Res?
  let PQputCopyData: @convention(c) (Conn, Text, CInt) -> CInt
  let PQputCopyEnd: @convention(c) (Conn, Text?) -> CInt
  let PQgetCopyData: @convention(c) (Conn, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, CInt) -> CInt
  let PQfreemem: @convention(c) (UnsafeMutableRawPointer?) -> Void

  // Results
  let PQclear: @convention(c) (Res) -> Void
  let PQresultStatus: @convention(c) (Res) -> CInt
  let PQresultErrorField: @convention(c) (Res, CInt) -> Text?
  let PQresultErrorMessage: @convention(c) (Res) -> Text?
  let PQntuples: @convention(c) (Res) -> CInt
  let PQnfields: @convention(c) (Res) -> CInt
  let PQfname: @convention(c) (Res, CInt) -> Text?
  let PQftype: @convention(c) (Res, CInt) -> CUnsignedInt
  let PQfmod: @convention(c) (Res, CInt) -> CInt
  let PQgetisnull: @convention(c) (Res, CInt, CInt) -> CInt
  let PQgetlength: @convention(c) (Res, CInt, CInt) -> CInt
  let PQgetvalue: @convention(c) (Res, CInt, CInt) -> Text?
  let PQcmdStatus: @convention(c) (Res) -> Text?
  let PQcmdTuples: @convention(c) (Res) -> Text?

  // Cancelling
  let PQgetCancel: @convention(c) (Conn) -> OpaquePointer?
  let PQfreeCancel: @convention(c) (OpaquePointer) -> Void
  let PQcancel: @convention(c) (OpaquePointer, UnsafeMutablePointer<CChar>, CInt) -> CInt
}

extension Libpq {
  /// Values of the C enumerations, as `libpq-fe.h` and `postgres_ext.h` number them.
  enum ConnectionStatus {
    static let ok: CInt = 0
    static let bad: CInt = 1
  }

  enum PollingStatus {
    static let failed: CInt = 0
    static let reading: CInt = 1
    static let writing: CInt = 2
    static let ok: CInt = 3
  }

  enum ResultStatus {
    static let emptyQuery: CInt = 0
    static let commandOK: CInt = 1
    static let tuplesOK: CInt = 2
    static let copyOut: CInt = 3
    static let copyIn: CInt = 4
    static let copyBoth: CInt = 8
  }

  enum TransactionStatus {
    static let active: CInt = 1
    static let inTransaction: CInt = 2
    static let inError: CInt = 3
  }

  enum Verbosity {
    static let standard: CInt = 1
    static let verbose: CInt = 2
  }

  /// Codes of the fields of an error: `PG_DIAG_…`.
  enum Field {
    static let severity = CInt(UInt8(ascii: "S"))
    static let severityNotLocalised = CInt(UInt8(ascii: "V"))
    static let sqlState = CInt(UInt8(ascii: "C"))
    static let message = CInt(UInt8(ascii: "M"))
    static let detail = CInt(UInt8(ascii: "D"))
    static let hint = CInt(UInt8(ascii: "H"))
    static let position = CInt(UInt8(ascii: "P"))
    static let internalQuery = CInt(UInt8(ascii: "q"))
    static let context = CInt(UInt8(ascii: "W"))
    static let schema = CInt(UInt8(ascii: "s"))
    static let table = CInt(UInt8(ascii: "t"))
    static let column = CInt(UInt8(ascii: "c"))
    static let constraint = CInt(UInt8(ascii: "n"))
  }
}
