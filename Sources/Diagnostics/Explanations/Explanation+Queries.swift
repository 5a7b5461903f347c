extension Explanation {
  /// Mistakes in the SQL of models, which `whc check` finds without a server.
  static let queryTexts = """
    ambiguous-column
    A column without an alias stands in two relations of the query's FROM, so the server cannot tell which is meant.
    | select id from orders o join customers c on c.id = o.customer_id
    = Write the alias in front: o.id.

    unknown-alias
    A query writes an alias in front of a column that no relation of its FROM has.
    | select c.id from customers
    = Give the relation the alias, or correct the one in front of the column.

    unused-cte
    Nothing reads a CTE. It costs those who read the query, and is often left over from a rewrite.
    | with old as (select 1 as id) select id from customers
    = Remove it, or read it.

    unequal-columns
    The queries of a UNION, INTERSECT or EXCEPT have different numbers of columns, which the server refuses.
    | select id, name from customers union all select id from suppliers
    = Give both the same columns in the same order.

    sql-syntax
    The compiled SQL of a model is none that PostgreSQL's parser takes, that of version 15.
    | select customer_id, from customers
    = Look at what stands before the place: a comma too many, a missing parenthesis, a reserved word used as a name.

    no-such-operator
    PostgreSQL has no operator of the name for operands of these types. Text in quotes fits everywhere; a column of
    type text does not.
    | select * from orders where order_no = customer_code   -- integer = text
    = Cast one side: order_no::text = customer_code. For types without comparison, such as json, cast both.

    no-such-function
    PostgreSQL has the function, but not for arguments of this number or these types.
    | select round(price::double precision, 2) from products
    = Cast the arguments to what it takes: round(price::numeric, 2).

    no-such-cast
    PostgreSQL has no cast from the one type to the other.
    | select order_date::integer from orders
    = Say how it is to be computed: extract(epoch from order_date)::integer, or cast by way of text.

    unlike-types
    Values that share a column have types that do not go together: of a UNION, CASE, COALESCE, VALUES, array or USING.
    | select case when is_open then 1 else opened_at end from shops
    = Cast one of them to the type of the other.

    wrong-type
    A clause has a value of a type that it does not take: WHERE, ON, CASE WHEN and their like want boolean, ANY an array.
    | select * from customers where is_active_flag   -- integer
    = Write the comparison: is_active_flag = 1.

    ungrouped-column
    A grouped query names a column that is neither grouped nor aggregated, so a group has no one value of it.
    | select region, name, count(*) from customers group by region
    = Add the column to GROUP BY, or put it into an aggregate.

    misplaced-function
    An aggregate or a window function stands where rows are not grouped or numbered yet: in WHERE, ON, GROUP BY or
    inside another aggregate.
    | select region from customers where count(*) > 10 group by region
    = Put conditions on aggregates into HAVING; compute window functions in a CTE and use their columns.

    unused-column
    A CTE computes a column that nothing reads. It is often left over from a rewrite, and costs those who read the query.
    | with c as (select id, name from customers) select id from c
    = Leave it out of the CTE.

    unknown-table
    A query reads a name without a schema that is none of its CTEs, and nearly one of them. The server finds it only if a
    relation of the name stands on its search path.
    | with paid_orders as (…) select * from paid_order
    = Correct the name, or write ref() or source().

    relation-without-ref
    A query reads a relation of the project by its name in the database. Nothing sees to it that the relation is built first,
    and another target still reads this one.
    | select * from analytics.stg_orders
    = Write {{ ref('stg_orders') }}.

    contract-mismatch
    A contract declares other columns than the SQL gives, or other types. A build of the model would be refused.
    | columns: [{name: id, data_type: text}]      # select 1 as id
    = Change the SQL or the declared columns, so that names and types agree.

    star-in-contract
    A model with a contract takes columns from a relation with '*'. A column that is added there breaks the contract here.
    | select * from {{ ref('stg_orders') }}
    = List the columns that the contract promises.

    missing-column
    A test, a key, an index, a constraint, a setting of a snapshot or a star's declaration names a column that the SQL does not
    give.
    | unique_key: order_id      # select id as order_no
    = Correct the name, or add the column to the SQL.

    no-manifest
    A command compares with an earlier run, and its folder holds no manifest.json.
    | whc impact --state target-of-yesterday
    = Name the target folder of a run; 'whc compile' writes a manifest with all SQL.

    same-relation
    Two builds of a model were to be compared that are one and the same relation.
    | whc diff orders --target dev      # which is the default
    = Name another target with --target, or the artifacts of another build with --state.

    openlineage-unsent
    Events of a run could not be written or sent. The run itself is not concerned, and nothing of it is tried again.
    | OPENLINEAGE_URL=http://localhost:5000 whc build
    = Look whether the server answers there, or leave events out with OPENLINEAGE_DISABLED=true.

    relation-not-found
    A relation that was to be compared does not exist in the database, or the other build has no such model.
    | whc diff orders --target prod      # which was never built
    = Build it, or name another build.

    suppression-without-reason
    A comment lets a finding of 'whc check' be and does not say why, so it is not heard.
    | -- whc: allow unused-cte
    = Add the reason behind a colon: -- whc: allow unused-cte: analysts uncomment it.

    unknown-relation
    A name on the command line is no model, seed, snapshot or source of the project. A source is written with its
    source's name: raw.orders.
    | whc lineage dim_custmer.segment
    = Correct the name; 'whc ls' shows all of them.

    """
}
