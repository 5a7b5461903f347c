extension Explanation {
  /// Rules of dimensional modelling, which `star_rules` weighs.
  static let ruleTexts = """
    unused-dimension
    A dimension that no fact looks up, and no other dimension or fact is made from. Often the lookup was forgotten, so
    that reports cannot be cut by it.
    | dimensions: [dim_date]           # of every fact; dim_store is in none
    = Name it in the 'dimensions:' of the facts it belongs to, or turn the rule off for it and say why.

    bridge-without-weights
    A bridge leads from a group to several members and does not say which share each has. A sum through it counts the
    whole once for each member.
    | config: {materialized: bridge, group_key: account_id, to: dim_customer, key: customer_id}
    = Add 'weight:' with the shares, or turn the rule off for a bridge that is only filtered by.

    factless-with-measures
    A factless fact records that something happened and nothing more; one with measures is a transaction.
    | fact_type: factless
    | measures: [amount]
    = Leave out 'fact_type', or the measures.

    unknown-over
    The 'over' of a semi-additive measure names nothing that the fact has, so nothing can be held to it.
    | measures: [{name: on_hand, additivity: semi, over: dat}]
    = Name a dimension of the fact, a role, or a foreign key.

    conformed-attribute-differs
    Two dimensions with the same natural key describe the same things, and an attribute of both is declared with two
    kinds of type. Reports that drill across would compare what does not compare.
    | columns: [{name: zip, data_type: text}]       # in dim_customer
    | columns: [{name: zip, data_type: integer}]    # in dim_buyer, of the same natural key
    = Give both one type, make one dimension from the other, or give the attributes different names.

    conformed-measure-differs
    Two facts have a measure of one name with another unit, or additive in one and not in the other. Facts that are
    named alike are added up across stars.
    | measures: [{name: amount, unit: EUR}]     # in fct_order
    | measures: [{name: amount, unit: USD}]     # in fct_refund
    = Convert one of them, or give it another name.

    key-type-differs
    The column that a fact looks a dimension up by is of another kind than the dimension's natural key. The server
    refuses to compare them, or compares them as something else.
    | columns: [{name: customer_id, data_type: bigint}]     # in the fact
    | columns: [{name: customer_id, data_type: text}]       # in the dimension
    = Cast one of them where it enters: in its staging model.

    text-measure
    A measure whose type is text, truth or time. Nobody can add it up: it is an attribute.
    | measures: [status]
    = Put it into a dimension, or into 'degenerate:' when it belongs to the event alone.

    text-in-fact
    A fact keeps a column of text that is neither in its grain nor degenerate. Fact tables are long, and text that
    describes belongs to a dimension, where it stands once.
    | select order_id, customer_id, amount, customer_name from …
    = Take it out of the SQL, put it into a dimension, or name it in 'degenerate:'.

    history-rule-changed
    The declaration of a dimension says otherwise than in the earlier state that '--state' names: what a change does, the
    natural key, or how surrogate keys are made. Versions that are there were written by the old rule.
    | config: {scd_type: 2}      # was 1
    = Decide whether the past may stay as it is; a dimension with another natural key wants another name.

    fact-to-fact-join
    Two facts are joined. Rows of the one are repeated for each matching row of the other, and so are its measures: the
    sums are too large, by an amount that depends on the data (a fan trap).
    | select sum(o.shipping), sum(l.amount)
    | from fct_order o join fct_order_line l on l.order_id = o.order_id
    = Aggregate each fact in a query of its own to the same columns, then join the results. A join on the whole grain of
    both repeats nothing and is not told of.

    chasm-trap
    Two facts are joined to one dimension. For a member with three rows in one and four in the other there are twelve, and
    sums of both are too large.
    | from dim_customer c
    | left join fct_order o on o.customer_key = c.customer_key
    | left join fct_visit v on v.customer_key = c.customer_key
    = Aggregate each fact in a query of its own by the dimension's key, then join the results.

    natural-key-join
    A dimension with versions is joined on its natural key without a time. Each row meets every version of its member and
    is counted once for each.
    | from stg_visits v join dim_customer c on c.customer_id = v.customer_id
    = Join on the surrogate key, or add 'c.is_current', or 'v.at >= c.valid_from and v.at < c.valid_to'.

    non-additive-sum
    A measure that is declared 'additivity: non' is summed. A sum of prices or of percentages means nothing.
    | select sum(unit_price) from fct_order_line
    = Sum what it is made from ('sum(quantity * unit_price)'), or take an average.

    semi-additive-sum
    A semi-additive measure is summed over what it is not additive over. The stock of Monday and that of Tuesday are the
    same goods.
    | select product_key, sum(on_hand) from fct_stock_day group by product_key
    = Group by the date, keep one date with 'where', or divide by the number of dates.
    """
}
