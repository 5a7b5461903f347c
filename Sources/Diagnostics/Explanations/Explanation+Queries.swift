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

    unknown-relation
    A name on the command line is no model, seed, snapshot or source of the project. A source is written with its
    source's name: raw.orders.
    | whc lineage dim_custmer.segment
    = Correct the name; 'whc ls' shows all of them.

    """
}
