extension Explanation {
  /// Dimensions, facts and date dimensions.
  static let starTexts = """
    bad-interval
    Rows of a bridge end before they begin, or hold twice at one time for one member of a group.
    | valid_from 2024-03-01, valid_to 2024-02-01
    = Correct the times in the SQL: a row holds from the first up to, and not including, the second.

    cannot-eject
    'whc eject' writes only what plain models can say with the same rows, and this model is not among them.
    = Disable the model, or take out of its declaration what the message names, and eject again.

    not-a-time
    A column that says when something happened is no date and no timestamp: 'event_time', an 'as_of', a milestone.
    | event_time: order_id
    = Name the column with the time, or cast it in the SQL.

    not-built
    The columns of a model are read from its table, which the target does not have.
    = Run 'whc build' for this target first.

    broken-combinations
    A check of a mini-dimension failed: a combination would stand there twice, or a member's history would lead to none.
    Nothing was written.
    = Report it: a load that ends so is a mistake of whc, not of the project.

    broken-durable-key
    After a load, rows of a dimension of type 7 would have no durable key. Nothing was written.
    = Report it: a load that ends so is a mistake of whc, not of the project.

    broken-history
    After a load, the versions of a key would overlap, leave a gap, or two of them would be current. The load was undone.
    = Rows that were changed by hand are the usual cause: correct valid_from and valid_to of the keys that are named.

    clashing-column
    Two columns of one table would have the same name: one that the SQL gives and one that the compiler adds, or two
    that it adds.
    | surrogate_key: valid_from
    = Rename the column in the SQL, give the lookup a 'role:', or use 'surrogate_key:' or 'system_columns:'.

    closed-period
    A periodic snapshot's SQL says something new of a period that is closed. Those rows were left out.
    = Nothing, if the past shall stay as it was reported; '--full-refresh' or 'closed_periods: replace' takes them.

    column-dropped
    The SQL of a dimension gives a column no more that its table has, and 'schema_changes' makes that an error.
    | schema_changes: {dropped_columns: error}
    = Bring the column back, or choose 'keep' (it stays, NULL in new versions) or 'drop'.

    column-of-combinations
    A column was taken away from a mini-dimension, whose rows are told apart by all of its columns.
    | columns: [age_band]      # was [age_band, income_band]
    = Keep the column, or give the mini-dimension another 'alias' and its facts a --full-refresh.

    column-type-changed
    A column of a dimension or fact has another type than in the table, and the values that are there cannot take it.
    | select amount::text as amount …     # was numeric
    = Cast it to the old type in the SQL; a fact may be built anew with --full-refresh.

    dialect-not-yet
    This kind of model is not yet written for the warehouse of the target.
    = Run it on PostgreSQL.

    duplicate-grain
    Two rows of a fact agree in all columns of its grain: the grain is not what was said, or the SQL repeats rows.
    | grain: order_id            # the SQL gives a row for each line
    = Add the missing column to 'grain:', or find the join that repeats rows.

    duplicate-natural-key
    A dimension's SQL gives two rows of one member at one time, and nothing says which is true. Nothing was written.
    | select customer_id, name, updated_at from raw_customers     # imported twice
    = Remove the repetition in the staging model; the message names keys to look at.

    duplicate-role
    A fact looks one dimension up twice under one name, so that both keys would have one column.
    | dimensions: [{to: dim_date, key: ordered_at}, {to: dim_date, key: shipped_at}]
    = Give each a 'role:', such as order and ship.

    effective-at-not-a-time
    The column that 'effective_at' names is no date and no timestamp.
    | effective_at: version_number
    = Name the column with the time from which a row holds, or cast it.

    fact-without-grain
    A fact does not say what one of its rows stands for. Everything else follows from that.
    = Add 'grain: [column, …]' with the columns that tell rows apart.

    flag-removed
    The table of a junk dimension has a column that is no longer one of its flags. Without it, combinations that are
    there could not be told apart.
    | flags: [is_gift]        # was [is_gift, is_express]
    = Keep the flag and let the SQL give NULL for it, or begin a dimension of another name.

    hierarchy-cycle
    In a bridge of a hierarchy, nodes stand below themselves, so that there is no top and no bottom.
    | employee 4 reports to 7, and 7 to 4
    = Correct the parents of the nodes that the message names.

    key-count-mismatch
    A lookup, or 'whc show --key', gives more or fewer columns than the natural key of the dimension has.
    | {to: dim_place, key: city}      # natural_key: [country, city]
    = Give one for each column of the natural key, in its order.

    key-format-changed
    A time dimension has keys in one format, and its 'key_format' says another. Facts hold those keys, so they stay.
    | key_format: minutes      # the table has 134500 for a quarter to two in the afternoon
    = Give the old format back, or drop the table and run the facts that hold its keys with --full-refresh.

    late-version
    With 'late_arriving: error', a version came that is older than what the dimension has of its key.
    = Let it be spliced in ('late_arriving: splice', the default), or take it out of the source.

    member-key-in-source
    The source of a dimension has a row whose natural key is that of a member such as unknown.
    | select -1 as customer_id, 'nobody' as name
    = Leave it out of the SQL, or give the member another number in 'members:'.

    milestone-order
    Rows of an accumulating snapshot reach a later milestone before an earlier one.
    | milestones: [ordered_at, shipped_at]      # shipped on the 3rd, ordered on the 5th
    = Correct the times or the order of the milestones; 'milestone_order: ignore' if both can come first.

    mini-dimension-without-base
    A model is materialized as mini_dimension, and no dimension says that it is split from it.
    | config: {materialized: mini_dimension}
    = Add 'mini_dimensions: [{to: dim_profile, columns: […]}]' to the config of its dimension.

    missing-as-of
    A dimension has versions, and the fact does not say at what time to look them up.
    | dimensions: [dim_customer]       # no event_time
    = Add 'event_time:' to the fact or 'as_of:' to the lookup.

    missing-config-key
    A key is missing that this kind of model cannot do without.
    | config: {materialized: dimension}      # no natural_key
    = Add it; docs/star.md has all keys.

    missing-dimension-row
    With 'missing: error', rows of a fact have a key that the dimension does not know.
    = Load the dimension first, or choose 'missing: unknown' or 'infer'.

    missing-member
    A fact's lookup needs a member, such as unknown, that the dimension does not have.
    | members: false
    = Add it to 'members:' of the dimension.

    new-dimension
    A fact that is there gained a lookup. Its old rows have no key for it.
    = Run it once with --full-refresh.

    no-time
    'whc show --as-of' asks for a time, and nothing says when rows of this model happened.
    = Add 'event_time:' to the fact.

    not-a-dimension
    What a fact looks up, or 'whc show --key' asks for, is a model of another kind.
    | dimensions: [stg_customers]
    = Name a model with 'materialized: dimension' or 'date_dimension'.

    not-bitemporal
    'whc show --recorded-at' asks what a table held at a time, and what it held is not recorded.
    | materialized: dimension
    = Add 'bitemporal: true' to the dimension; what it holds is recorded from its next build on.

    not-a-flag
    The SQL of a junk dimension gives a column that 'flags' does not list.
    = Add it to 'flags:', or take it out of the SQL.

    not-this-dimension
    There is a table of the dimension's name that lacks its columns, so it is something else.
    = Move the old table away, or give the dimension another 'alias'.

    null-effective-at
    Rows of a dimension have no time in the column that 'effective_at' names.
    = Fill it in the staging model: 'coalesce(updated_at, created_at)'.

    null-event-time
    Rows of a periodic snapshot have no time, so they belong to no period.
    = Leave them out in the SQL, or fill the time.

    null-grain
    Rows of a fact have NULL in a column of the grain, which therefore does not tell them apart.
    = Leave them out, or give NULL a value of its own in the SQL.

    null-natural-key
    Rows of a dimension have NULL in the natural key: nobody knows whom they describe. Nothing was written.
    = Leave them out in the staging model.

    period-after-end
    Rows of a periodic snapshot lie after its 'end', which is today unless it is given. They were left out.
    = Correct their time, or set 'end:'.

    period-changed
    A periodic snapshot was built with periods of another length.
    | period: month       # was day
    = Give the fact another name, or drop its table and the one with __ledger beside it.

    rebuild-behind
    'whc rebuild' compares a dimension's table with what its SQL gives, and the table lacks a column or has another type.
    = Build the dimension once, which brings its columns up to date.

    rebuild-needs-history
    'whc rebuild' makes a whole history anew, and the dimension's SQL gives only what holds now.
    | input: changes
    = Rebuild dimensions with 'input: changes', or with 'take_over'.

    rebuild-nothing
    The dimension's table does not exist yet.
    = Build it; there is nothing to rebuild.

    staging-reads-model
    A staging model reads another model. Staging is the door by which sources come in, and nothing else.
    | select * from {{ ref('stg_orders') }}
    = Read the source, or give the model another materialization.

    take-over-column
    'take_over' of a dimension names a column that is not there, or the older table lacks one that is needed.
    | take_over: {from: legacy.customers, columns: {valid_from: start_date, valid_to: end_date}}
    = Say in 'columns' what the column is called in the older table.

    take-over-duplicate
    A table that is taken over has two versions of one member that begin at one time. Nothing was written.
    | take_over: {from: legacy.customers, duplicates: drop}
    = Use 'duplicates: drop' for rows that are equal; of others keep one, in a view over the table.

    take-over-empty-interval
    A table that is taken over has versions that end before they begin, or at once. Nothing was written.
    | take_over: {from: legacy.customers, empty_intervals: drop}
    = Correct them, or use 'empty_intervals: drop'.

    take-over-foreign-key
    A table of the dimension's name is taken over, and a foreign key of another table points at it. It would follow the
    table under its new name.
    = Drop the constraint first.

    take-over-gap
    Between two versions of a member of a table that is taken over there is time that none covers. Nothing was written.
    | take_over: {from: legacy.customers, gaps: close}
    = Use 'gaps: keep' where the member was deleted then, 'gaps: close' where ends are written as the last day.

    take-over-incomplete
    A table that is taken over has no column for some attributes of the dimension, which are NULL in its past.
    = Name the column in 'take_over: {columns: …}' if the table calls it otherwise.

    take-over-key
    Rows of a table that is taken over have no surrogate key, or share one; or a durable key stands for two members.
    = Correct the keys, or take a view over that leaves them out; new ones are given then.

    take-over-null
    Rows of a table that is taken over have no natural key or no beginning. Nothing was written.
    | take_over: {from: legacy.customers, nulls: drop}
    = Fill them, or use 'nulls: drop'.

    take-over-overlap
    A version of a table that is taken over holds on when the next one of its member begins. Nothing was written.
    | take_over: {from: legacy.customers, overlaps: cut}
    = Correct the ends, or use 'overlaps: cut', which ends each where the next one begins.

    take-over-type
    A column of a table that is taken over has a type whose values the dimension's column cannot take.
    = Take a view over that casts it, or cast the column in the dimension's SQL.

    take-over-view
    A table of the dimension's name is taken over, and a view reads a column of it that the dimension will not have.
    = Add the column to the dimension's SQL, or drop the view.

    too-many-unknown
    More rows of a fact lead to the unknown member of a dimension than the lookup's 'max_unknown' allows. Nothing of the
    load was kept.
    | {to: dim_customer, key: customer_id, max_unknown: 1%}
    = Load the dimension first and look at the keys that it lacks; raise the share if that is how it is.

    uneven-header
    A header's amount is shared out to its lines, and they do not all say the same amount.
    | allocate: [{measure: shipping, over: amount, header: order_id}]
    = Give each line the whole amount: join the header to its lines.

    unknown-config-key
    A key of a dimension, a fact or a part of one is not known, and most likely misspelt.
    | natural_keys: customer_id
    = Write it as the message proposes.

    unknown-dimension
    A fact looks up a dimension that is not in the project.
    | dimensions: [dim_custome]
    = Correct the name.

    unknown-milestone
    A lag names a milestone that the fact does not have.
    | lags: [{from: ordered, to: sent}]       # milestones: [ordered_at, shipped_at]
    = Use the milestone's name: that of 'shipped_at' is shipped.

    unknown-operation
    A row of changes has an operation code that is neither inserted, updated, deleted nor ignored. Nothing was written.
    | operation: {column: op, insert: [I], delete: [D]}      # a row with op = 'U'
    = Say what the code means, or leave such rows out in the SQL.

    unknown-star-model
    'whc star' was given a name that is no fact and no dimension.
    = 'whc star' alone shows all of them.

    unknown-take-over
    The table that a dimension takes over does not exist, or is not in the project.
    | take_over: ref('customers_snapshot')
    = Correct the name. Where there is nothing to take over, in a new database, leave 'take_over' out.

    weights-not-one
    The weights of a bridge's group do not add up to one, so that a sum through the bridge is not the sum of the fact. The
    table stays as it was.
    | account 7: Ann 0.5, Ben 0.4
    = Divide each weight by the sum of its group in the SQL.
    """
}
