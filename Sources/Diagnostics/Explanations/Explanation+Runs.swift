extension Explanation {
  /// Servers, runs and tests.
  static let runTexts = """
    bad-test-result
    A test's 'fail_calc' gave something else than a whole number.
    = Write an aggregate such as count(*).

    broken-message
    What came to 'whc lsp' on standard input is no message of the Language Server Protocol.
    = Let an editor start it; docs/editors.md has the settings.

    cancelled
    The run was interrupted. What was not committed is undone.
    = Run it again, or 'whc retry'.

    cannot-connect
    The server of the target does not answer, or refuses.
    = Check host, port, user and password; 'whc debug' tries them.

    connection-lost
    The connection broke while something ran.
    = Run it again, or 'whc retry'; look into the server's log.

    contract-broken
    The columns that a model's SQL gives are not those of its contract.
    = Correct the SQL or the contract; the message shows both.

    database-error
    The server refused a statement. The mark is in your file; the statement as it was sent is below it.
    = Look up the SQLSTATE, five characters, in PostgreSQL's manual if the message does not say enough.

    described-column-missing
    The properties describe a column that the relation does not have.
    = Correct the name, or remove it.

    embedded-busy
    Another run has been starting or stopping the project's own server for long.
    = Remove the lock file that is named if no other run is there.

    embedded-folder
    The folder of the project's own server cannot be made.
    = Make it writable, or name a server of yours in profiles.yml.

    embedded-init-failed
    The project's own server could not be set up.
    = The message has initdb's reason.

    embedded-no-account
    PostgreSQL does not run as root, and there is no other account to run it.
    = Run whc as a normal user.

    embedded-not-yours
    The project's own server belongs to another user.
    = Run whc as that user, or move the folder away.

    embedded-start-failed
    The project's own server did not start.
    = The message has the end of its log.

    embedded-version
    The project's own server was made by another major version of PostgreSQL.
    = Install that version, or move the folder away to begin anew.

    gate-failed
    A test failed before its model was published. The relation is as it was before.
    = Look at the rows: --store-failures keeps them. 'publish: before_tests' publishes first.

    incremental-column-ignored
    An incremental model's SQL gives columns that its table does not have. They are left out.
    = Set 'on_schema_change: append_new_columns'.

    incremental-column-missing
    An incremental model's SQL no longer gives a column of its table.
    = Set 'on_schema_change: sync_all_columns', or run it with --full-refresh.

    libpq-missing
    PostgreSQL's client library is not installed.
    = Install it: libpq5 on Debian, libpq with Homebrew.

    libpq-too-old
    PostgreSQL's client library is too old.
    = Install libpq 12 or newer.

    missing-input
    A unit test gives no rows for something that its model reads.
    = Add it to 'given'; 'rows: []' makes it empty.

    needs-newer-server
    A feature is asked for that this server does not have.
    = The message says which version has it, and what to use instead.

    no-plan
    A node is made by a materialization in Jinja, whose statements are known when it runs.
    = Run it; target/run has what was sent.

    no-postgres-server
    The profile wants a server of the project's own, and PostgreSQL's programs are not installed.
    = Install them: postgresql on Debian, postgresql@16 with Homebrew.

    no-relation
    A node has no relation where one is needed.
    = Report it with the project's part that brings it about.

    not-committed
    A materialization in Jinja ended inside a transaction, and what it did after its last commit is undone.
    = Call adapter.commit() at its end.

    relation-in-the-way
    There is a table or view of the node's name that whc does not drop by itself.
    = Drop it yourself, or give the node another 'alias'.

    schema-changed
    With 'on_schema_change: fail', the columns of an incremental model changed.
    = Run it with --full-refresh, or choose another value.

    seed-columns-changed
    A seed's file has other columns than its table.
    = Run it with --full-refresh.

    seed-over-view
    A seed would replace a view.
    = Drop it, or give the seed another 'alias'.

    snapshot-duplicate-key
    A snapshot reads several rows of one key. Each becomes a current row of its own, and more of them in each run, as in
    dbt.
    = Remove the repetition, or use 'materialized: dimension', which refuses it.

    snapshot-late-version
    A snapshot leaves out a row that is older than what it has of the key, as in dbt.
    = 'materialized: dimension' splices it in.

    snapshot-null-key
    A snapshot reads rows without a key and stores them again with each run, as in dbt.
    = Leave them out in its SQL.

    snapshot-overlap
    A snapshot stores a row that holds from before the older one ended, as in dbt.
    = 'materialized: dimension' keeps histories apart.

    snapshot-timestamp
    The column 'updated_at' of a snapshot has another type than the times that the snapshot stores.
    | updated_at timestamptz
    = Cast it to 'timestamp' in the snapshot's query.

    test-failed
    A data test found rows, or more of them than it allows.
    = Look at them: --store-failures keeps them, target/compiled has the query.

    test-warned
    A data test of severity warn found rows.
    = Look at them as for a failed one.

    unit-test-failed
    A model gave other rows than its unit test expects.
    = The message shows both, with what differs.

    unknown-column
    A declaration names a column that the SQL does not give, or a query one that none of its relations has.
    | natural_key: customer_no       # select customer_id …
    = Correct the name, or add it to the SQL.

    unknown-input
    An input of a unit test is neither ref(), source() nor this.
    = Write input: ref('stg_orders').

    unknown-strategy
    No incremental strategy has this name.
    = The message lists them.

    unscaled-number
    A contract has numbers without precision and scale, which round as the server likes.
    = Write numeric(38, 2).

    unsupported-strategy
    The strategy is known, and this warehouse does not have it.
    = Use 'delete+insert' or 'merge'.
    """
}
