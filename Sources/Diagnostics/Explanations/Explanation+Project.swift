extension Explanation {
  /// Files of the project, its packages, and the command line.
  static let projectTexts = """
    ambiguous-ref
    A ref() fits models of several packages.
    | {{ ref('orders') }}        # in two packages
    = Name the package: {{ ref('shop', 'orders') }}.

    bad-archive
    A package's archive is broken or holds paths that lead out of it.
    = Fetch it again; if it stays so, tell those who published it.

    bad-config
    A config value does not fit the others, or is not of the right kind.
    | config(materialized='incremental', incremental_strategy='delete+insert')      -- no unique_key
    = The message says what is missing.

    bad-config-value
    A config key has a value that it cannot have.
    | scd_type: 9
    = Use one of the values that the message lists.

    bad-contract
    A model enforces a contract that cannot be checked: columns without types, for example.
    | config: {contract: {enforced: true}}
    | columns: [{name: id}]
    = List all columns with 'data_type'.

    bad-flag
    A flag of the command line or of the project has a value that it does not take.
    | whc run --vars 'a: [1'
    = The message says what it takes; 'whc <command> --help' lists the flags.

    bad-name
    A name holds a character that no database takes.
    = Rename it.

    bad-package
    A package's name cannot be the name of a folder.
    = Tell its authors; it was not installed.

    bad-project-name
    A project's name is more than letters, digits and underscores.
    | whc init my-shop
    = Write my_shop.

    bad-registry
    The server of package lists answered with something else than a list.
    = Check DBT_PACKAGE_HUB_URL.

    bad-semantics
    The semantic layer breaks a rule of dbt's: a name, a measure's time, an entity, a metric's window.
    | measures: [{name: orders, agg: count}]      # a count without expr
    = The message says which rule; nothing is demanded while there are no metrics.

    bad-unit-test
    A unit test's entry cannot be read.
    = The message says which part; 'given' is a list of inputs with rows, 'expect' has rows.

    bad-value
    A value in a file of the project is not of the kind that stands there.
    | threads: many
    = Write it as the message says.

    breaking-contract
    With '--state', a public contract changed in a way that breaks those who read the model.
    | columns: [{name: amount, data_type: text}]      # was numeric
    = Make a new version of the model, or take the change back.

    broken-json
    A file that should be JSON is not.
    = Write it anew, by the command that made it.

    broken-selectors
    selectors.yml does not say what to select.
    = The message says where; a selector has a name and a definition.

    broken-yaml
    A file is not YAML.
    | models:
    |   - name: a
    |    description: b
    = Correct it at the mark; a wrong indentation is the usual cause.

    cannot-fetch
    A package could not be fetched.
    = Check the address and the network; with dbt_packages/ present no network is needed.

    cannot-read
    A file is there and cannot be read.
    = Check its permissions.

    cannot-retry
    The earlier run was of a command that cannot be taken up again.
    = Run the command itself.

    cannot-run
    A program that is needed could not be started.
    = Check that it is installed and executable.

    cannot-write
    A file could not be written.
    = Check the permissions of its folder and the room on the disk.

    cycle
    Models wait for each other in a circle, so that none can be first.
    | -- a.sql: select * from {{ ref('b') }}
    | -- b.sql: select * from {{ ref('a') }}
    = Take one of the references out; often a common part wants to be a model of its own.

    deprecated-model
    A model's deprecation date is past.
    = Move its readers to the newer version.

    deprecated-ref
    A model refers to one whose deprecation date is past.
    = Refer to the newer version.

    disabled-function
    A function is named that the project turned off.
    = Enable it, or do without it.

    disabled-ref
    A model is named that config turned off.
    | config(enabled=false)
    = Enable it, or disable what reads it too.

    disabled-source
    A source is named that config turned off.
    = Enable it, or disable what reads it too.

    duplicate-column
    A seed's header has a column twice.
    = Rename one of them.

    duplicate-key
    A key stands twice in one mapping of YAML. The last one counts.
    | config: {tags: a, tags: b}
    = Remove one of them.

    duplicate-name
    Two things of one kind have one name.
    = Rename one; the message shows both places.

    duplicate-relation
    Two nodes would be the same table.
    | config(alias='orders')       -- in two models of one schema
    = Give one another 'alias' or 'schema'.

    empty-name
    Something has an empty name.
    = Name it.

    empty-seed
    A seed's file has no header.
    = Write the names of its columns into the first line.

    forbidden-ref
    A model is private to a group, or protected in a package, and is read from outside.
    | access: private
    = Read a public model, or move the reader into the group.

    foreign-artifact
    A file is JSON, and not the artifact that it should be.
    = Check the folder that '--state' names.

    incompatible-artifact
    An artifact is of a version that cannot be read.
    = Make it with a present dbt or whc.

    io-error
    A file could not be read or written.
    = The message has the system's reason.

    large-seed
    With '--state', a seed over 1 MiB lies where it lay before: its contents are not compared.
    | whc build --select state:modified --state production
    = Name the seed by itself when it changed, or split the file.

    large-seed-moved
    With '--state', a seed over 1 MiB lies in another file than before, and counts as changed.
    | seeds/countries.csv      # was seeds/geo/countries.csv
    = Load data of this size with another tool, or split the file.

    macro-arguments
    The arguments that a macro's properties describe are not those that it has.
    = Correct the list in the properties, or the macro.

    microbatch-without-event-time
    A microbatch model, or one that it reads, does not say which column is its time.
    = Set 'event_time:' in its config.

    missing-flag
    A command needs a flag that was not given.
    = 'whc <command> --help' lists them.

    missing-packages
    Packages of packages.yml are not installed.
    = Run 'whc deps'.

    missing-profile
    There is no profile of the name that the project says, or no profiles.yml at all.
    | profile: shop       # profiles.yml has 'store'
    = Correct the name; 'whc debug' says where profiles are looked for.

    missing-program
    A program that is needed is not installed.
    = Install it; the message says which one.

    missing-target
    The profile has no such target.
    | whc run --target prdo
    = Use one of the outputs that the message lists.

    mixed-sources
    One package is asked for in two ways, such as from the hub and from git.
    = Decide for one.

    name-too-long
    A name is longer than the database keeps: PostgreSQL cuts after 63 bytes, and two names could become one.
    = Give the node a shorter 'alias'.

    no-catalogue
    The database could not be asked for its columns, so the documentation does not show them.
    = Check the connection, or say --no-catalog.

    no-docs
    There is no documentation to be served.
    = 'whc docs generate' writes it.

    no-loaded-at
    A source wants to be checked for freshness, and nothing says when its rows came.
    = Set 'loaded_at_field' or 'loaded_at_query'.

    no-node-for-properties
    Properties describe a model that is not there.
    | models: [{name: stg_order}]
    = Correct the name, or remove the entry.

    no-previous-run
    There is no earlier run to take up.
    = Run the command itself.

    no-project
    There is no dbt_project.yml in the folder.
    = Go into the project's folder, or name it with --project-dir.

    no-seed-file
    A seed has no file of rows.
    = Put the CSV file back.

    no-state
    A selection or '--defer' compares with an earlier state, and none is given or there is none.
    = Name the folder with its manifest.json: --state path.

    no-such-version
    A package has no version that fits.
    = Widen the range; the message lists what there is.

    no-time-spine
    There are semantic models, and no model that lists the days over which metrics are summed up.
    | time_spine: {standard_granularity_column: date_day}
    = Make such a model, with 'granularity: day' on the column.

    nothing-selected
    No node fits the selection.
    | whc run --select stg_order+
    = 'whc ls --select …' tries it out.

    nothing-to-do
    Nothing of what is selected has anything to be carried out.
    = Check the selection and the command.

    package-redirect
    A package has another name today.
    = Change it in packages.yml.

    port-taken
    Another program listens on this port.
    = Name another: --port 8081.

    private-package
    A package lies where only its owners can read it.
    = Set the token or the key that the message names.

    file-exists
    A file that should be written is there already. Nothing has been written.
    = Move the file away, name other tables, or print the files with '--dry-run' and take from them what you need.

    project-exists
    There is a project where one should be made.
    = Choose another name or folder.

    protected-path
    'clean-targets' names a folder that holds files of the project, or lies outside of it.
    = Take it out of 'clean-targets'.

    ragged-row
    A row of a seed has more or fewer fields than its header.
    | id,name
    | 1,Ann,extra
    = Quote fields that hold commas.

    seed-grew
    With '--state', a seed is over 1 MiB and was not before: it counts as changed.
    | whc ls --select state:modified --state production
    = From now on its contents are not compared; see 'whc explain large-seed'.

    selection-operators
    Two operators of a selection exclude each other.
    | whc ls --select @orders+
    = Leave one out.

    selection-value
    A selection method does not know this value.
    | whc ls --select state:changed
    = The message lists the values.

    sequential-batches
    Batches of a microbatch model shall run side by side, which PostgreSQL's adapter does not do.
    = Remove 'concurrent_batches'.

    state-is-target
    The state to compare with is the folder that this run writes into.
    = Copy the artifacts to another folder and name that.

    unknown-code
    'whc explain' was given a code that no diagnostic has.
    = 'whc explain' alone lists them.

    unknown-command
    There is no such command.
    = 'whc --help' lists them.

    unknown-function
    A function is named that is not in the project.
    = Correct the name.

    unknown-group
    A node is in a group that no properties file declares.
    | groups: [{name: finance, owner: {email: finance@shop.example}}]
    = Declare the group, or correct its name.

    unknown-key
    A key in a file of the project is not known.
    | modells: []
    = Correct it, or put keys of your own under 'meta'.

    unknown-package
    The hub has no such package.
    = Correct the name: organisation/package.

    unknown-ref
    A model, seed or snapshot is named that is not in the project or its packages.
    | select * from {{ ref('stg_order') }}
    = Correct the name; 'whc ls' lists what there is.

    unknown-resource-type
    A selection names a kind of resource that there is none of.
    = The message lists the kinds.

    unknown-revision
    A repository has no such branch, tag or commit.
    = Correct 'revision:' in packages.yml.

    unknown-selection-method
    There is no such selection method.
    | whc ls --select tags:nightly
    = The message proposes one: here 'tag:'.

    unknown-selector
    selectors.yml has no selector of this name.
    = Correct the name.

    unknown-source
    A source or one of its tables is named that is not declared.
    | {{ source('shop', 'order') }}
    = Correct the name, or declare it under 'sources:'.

    unknown-test
    A data test is named that neither the project nor a package has.
    | data_tests: [uniqe]
    = Correct the name, or install the package that has it.

    unnamed-column
    A seed's header has a column without a name.
    = Name it.

    unpinned-package
    A git package names no revision, so that what it is changes from day to day.
    = Add 'revision:'.

    unreadable-file
    A file of the project cannot be read.
    = Check that it is UTF-8 and that you may read it.

    unreadable-project
    The language server could not read the project, for a reason that lies outside its files.
    = Run 'whc parse' in the project's folder; the message has the reason.

    unsupported-constraint
    A constraint is declared that the database does not hold.
    = Set 'warn_unsupported: false', or test it.

    unused-config
    A path in dbt_project.yml configures nothing.
    | models: {shop: {stagin: {+materialized: view}}}
    = Correct the path: names of folders below the package's name.

    upcoming-deprecation
    A model refers to one that has a deprecation date.
    = Move to the newer version before that day.

    version-conflict
    No version of a package fits all who ask for it.
    = Widen one of the ranges.

    version-mismatch
    The project wants another version of dbt.
    = Change 'require-dbt-version', or say --no-version-check.

    custom-output-path-in-source-freshness
    'whc source freshness --output' names a file of its own, which is deprecated.
    = Give the folder of all artifacts with --target-path.

    duplicate-name-distinct-node-types
    Two nodes of different kinds in one package have one name, so that ref() cannot tell them apart.
    = Rename one of them.

    environment-variable-namespace
    An environment variable's name begins with what is kept for dbt's own.
    | DBT_ENGINE_MINE=1
    = Give it another name.

    environment-variable-renamed
    An environment variable of dbt has another name today.
    = Use the name that the message says.

    exposure-name
    An exposure's name holds more than letters, digits and underscores.
    | exposures: [{name: Sales board}]
    = Give it a simple name, and the words as 'label'.

    install-packages-path
    'clean-targets' names dbt_modules, which is called dbt_packages today.
    = Write dbt_packages there.

    microbatch-macro-outside-of-batches
    A get_incremental_microbatch_sql of the project's own has microbatch models run whole.
    = Set 'require_batched_execution_for_custom_microbatch_strategy: true' under 'flags:'.

    model-param-usage
    '--model' and its kin are deprecated.
    = Write --select.

    mf-cumulative-type-params
    A cumulative metric has its window or grain_to_date where dbt no longer wants it.
    = Write type_params: {cumulative_type_params: {window: 7 days}}.

    mf-timespine-without-yaml-configuration
    The model metricflow_time_spine is a time spine by its name alone.
    | time_spine: {standard_granularity_column: date_day}
    = Say so in its properties, with 'granularity: day' on the column.

    missing-arguments-property-in-generic-test
    A generic test's arguments stand beside its config, where dbt wants them under 'arguments'.
    | - accepted_values: {values: [a, b]}
    = Write accepted_values: {arguments: {values: [a, b]}}.

    modules-itertools-usage
    A template uses modules.itertools, which is deprecated.
    = Use built-in functions that do the same.

    no-such-table
    '--from-source' names a table or a schema that the target's database does not have.
    = Correct the name, capital letters too, or choose another target.

    unsupported-target
    The command asks PostgreSQL's catalogue, and the target is another kind of database.
    = Choose a target of type postgres.

    no-such-node
    The earlier run that shall be taken up has a node which is no longer there.
    = Run the command itself.

    package-materialization-override
    A package takes the place of a built-in materialization.
    = Define it in the project itself, and call the package's one there.

    package-reads-root
    A model of a package reads a node of the root project that has the name which it means.
    = The flag require_ref_searches_node_package_before_root looks into the package first.

    project-flags-moved
    profiles.yml has a 'config' key, whose place is 'flags' in dbt_project.yml today.
    = Move it.

    property-moved-to-config
    A config of a generic test stands beside its arguments.
    | - unique: {severity: warn}
    = Write unique: {config: {severity: warn}}.

    resource-names-with-spaces
    Names of nodes hold spaces, which is deprecated.
    = Rename them; --debug shows all.

    source-freshness-project-hooks
    Hooks of the project's runs are not run by 'source freshness'.
    = Set 'source_freshness_run_project_hooks: true' under 'flags:'.

    space-in-name
    A node's name has a space in it, which is deprecated.
    = Write an underscore.

    unknown-measure
    A metric names a measure that no semantic model has.
    | type_params: {measure: revenu}
    = Correct the name.

    unknown-metric
    A metric is made from one that is not there, or is disabled.
    = Correct the name, or enable it.

    weo-include-exclude
    'include' and 'exclude' of warn_error_options are called 'error' and 'warn' today.
    = Rename them.

    wrong-section
    Properties stand under a heading of another kind, and have no effect.
    | models: [{name: country_codes}]      # a seed
    = Move them under the right heading.
    """
}
