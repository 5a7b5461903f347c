extension Explanation {
  /// Templates and what they call.
  static let templateTexts = """
    adapter-macro
    adapter_macro() is gone from the language.
    = Call adapter.dispatch('name')().

    ambiguous-relation
    The database has several relations that a name fits when case does not count.
    = Name it as it is written in the database.

    bad-bindings
    A statement with values apart has not as many values as places.
    = Give one value for each %s.

    bad-cache-call
    A method of the relation cache was called without a relation.
    = Pass one.

    bad-column-call
    A method of a column was called that its type does not have.
    | {{ column.string_size() }}      -- a number
    = Ask column.is_string() first.

    bad-config-call
    config() was called with something else than names and values.
    | {{ config('table') }}
    = Write config(materialized='table').

    bad-data-type
    The text of a data type cannot be understood.
    = Write it as PostgreSQL does: numeric(10, 2).

    bad-dispatch
    adapter.dispatch() was called with a package inside of the macro's name.
    | adapter.dispatch('dbt_utils.star')
    = Write adapter.dispatch('star', 'dbt_utils').

    bad-doc-call
    doc() was called with something else than a name, or package and name.
    = Write {{ doc('orders') }}.

    bad-env-var
    env_var() was called without a name.
    = Write {{ env_var('NAME', 'default') }}.

    bad-freshness
    The time that a source's freshness is measured by is no time.
    | loaded_at_field: loaded       # a text
    = Cast it: 'loaded::timestamp'.

    bad-function-call
    function() was called with something else than a name, or package and name.
    = Write {{ function('name') }}.

    bad-index
    An entry of 'indexes' does not say which columns.
    | indexes: [id]
    = Write indexes: [{columns: [id]}].

    bad-jinja
    A template is not Jinja.
    | {% if a %} select 1
    = Correct it at the mark; an 'endif' or a closing brace is missing most often.

    bad-materialization-result
    A materialization of the project does not say which relations it made.
    = End it with {{ return({'relations': [target_relation]}) }}.

    bad-metric-call
    metric() takes a metric's name, or a package and a name.
    = Write {{ metric('name') }}.

    bad-query-comment
    The query comment holds the sign that ends a comment.
    = Leave it out of 'query-comment'.

    bad-ref-call
    ref() was called with something else than names.
    = Write {{ ref('model') }} or {{ ref('package', 'model') }}.

    bad-source-call
    source() was not called with two names.
    = Write {{ source('source', 'table') }}.

    cache-inconsistent
    A macro said by exceptions.raise_cache_inconsistent() that the relation cache is wrong.
    = Look at the macro that is named.

    column-type-missing
    A contract names columns without a type.
    = Add 'data_type' to each.

    compiler-error
    A macro ended the run by exceptions.raise_compiler_error(); the text is its own.
    | {{ exceptions.raise_compiler_error('set the start date') }}
    = Do what the text says.

    dependency-error
    A macro ended the run by exceptions.raise_dependency_error().
    = Do what the text says.

    fail-fast
    A macro ended the run by exceptions.raise_fail_fast_error().
    = Do what the text says.

    missing-config
    A materialization or macro needs a config value that the node does not set.
    | {{ config.require('unique_key') }}
    = Set it.

    missing-env-var
    An environment variable is not set and the template gives no default.
    | {{ env_var('DBT_SCHEMA') }}
    = Set it, or give a default: env_var('DBT_SCHEMA', 'dev').

    missing-relation
    A macro or a unit test reads a relation that is not there.
    = Build it first.

    needs-database
    A template asks the database while nothing is connected.
    = Run a command that connects, or guard the call with {% if execute %}.

    no-catalog
    A catalog integration is named; PostgreSQL and Redshift have none.
    = Remove it.

    no-files
    A template called a function that would write a file.
    = Templates cannot write files.

    no-main-statement
    A materialization of the project ran no statement named main, so nothing says what was done.
    = Put it into {% call statement('main') %}…{% endcall %}.

    no-pivot
    pivot() of a table counts the rows of each key and takes no second column.
    = Count in SQL.

    wrong-language
    A materialization of the project does not support the language that a model is written in.
    = Use another materialization.

    no-seed-table
    load_agate_table() was called outside of a seed's materialization.
    = Read the seed's relation instead.

    not-a-snapshot
    A snapshot's macro was called for a relation that has not the columns of one.
    = Check the relation that is passed.

    not-implemented
    A macro says that it has no form for this warehouse.
    = Write one: a macro with the adapter's name in front.

    other-database
    A relation of another database was asked for. One connection sees one database.
    = Leave 'database' out, or set it to the target's.

    python-model
    A model is written in Python, which this warehouse does not run.
    = Write it in SQL, or disable it.

    ref-not-declared
    A ref() was met while rendering that was not seen when the project was read, so nothing waits for it.
    | {% if execute %} {{ ref('orders') }} {% endif %}
    = Name it in a comment: -- depends_on: {{ ref('orders') }}

    ref-to-ephemeral
    An operation reads an ephemeral model, which is no relation.
    = Materialize the model as a view.

    relation-without-type
    drop_relation() was given a relation without a type.
    = Pass one that get_relation() gave.

    relation-wrong-type
    There is a relation of another kind where this one belongs.
    = Drop it yourself, or give the node another 'alias'.

    result-taken
    The result of a statement was loaded a second time.
    = Keep the first in a variable.

    secret-env-var
    A variable whose name begins with DBT_ENV_SECRET was read where its value would be seen.
    = Read it in profiles.yml or packages.yml only.

    template-error
    An expression of a template failed: a wrong type, a key that is not there, a division by zero.
    | {{ 1 + 'a' }}
    = Correct it at the mark.

    template-not-found
    A template was included that is not there.
    = Templates of dbt do not include each other; call a macro.

    template-recursion
    A macro calls itself without an end.
    = Give it an end.

    template-warning
    A macro warns by exceptions.warn(); the text is its own.
    = Do what the text says.

    undefined-name
    A template uses a name that nothing defines.
    | {{ my_macr() }}
    = Correct the name, or install the package that has it.

    unknown-doc
    doc() names a docs block that is not there.
    = Correct the name.

    unknown-macro
    A macro is called, by dispatch or as an operation, that is not there.
    | whc run-operation grnat
    = Correct the name.

    unknown-materialization
    No materialization has this name.
    | config(materialized='tabel')
    = The message lists them.

    unknown-var
    A variable is not set and the template gives no default.
    | {{ var('start') }}
    = Set it under 'vars:' or with --vars, or give a default.
    """
}
