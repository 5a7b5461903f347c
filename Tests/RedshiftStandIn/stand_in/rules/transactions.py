"""Transactions, sessions and maintenance."""

from .refusal import ACTIVE_TRANSACTION, GUIDE, UNDEFINED_OBJECT, Refusal, rule, syntax_error, unsupported_command

#: https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html, and what drivers set.
PARAMETERS = set(
    """analyze_threshold_percent datestyle describe_field_name_in_uppercase downcase_delimited_identifier
    enable_case_sensitive_identifier enable_case_sensitive_super_attribute enable_numeric_rounding
    enable_result_cache_for_session enable_vacuum_boost error_on_nondeterministic_update extra_float_digits
    interval_forbid_composite_literals json_serialization_enable json_serialization_parse_nested_strings
    max_concurrency_scaling_clusters max_cursor_result_set_size mv_enable_aqmv_for_session
    navigate_super_null_on_error parse_super_null_on_error pg_federation_repeatable_read query_group
    search_path spectrum_enable_pseudo_columns enable_spectrum_oid spectrum_query_maxerror statement_timeout
    stored_proc_log_min_messages timezone use_fips_ssl wlm_query_slot_count client_encoding
    standard_conforming_strings application_name session_level_timeout idle_session_timeout
    default_late_binding_views seed autocommit transaction session role""".split()
)


@rule(GUIDE + "c_serializable_isolation.html (no savepoints among the transaction commands, c_SQL_commands.html)")
def savepoints(s, state):
    if s.words[0] in ("savepoint", "release") or s.begins("rollback", "to") or s.begins("rollback", "transaction", "to"):
        return unsupported_command(s)


@rule(GUIDE + "r_BEGIN.html")
def transaction_modes(s, state):
    if s.words[0] in ("begin", "start") and s.holds("deferrable"):
        return syntax_error("deferrable")
    if s.begins("prepare", "transaction") or s.begins("commit", "prepared") or s.begins("rollback", "prepared"):
        return unsupported_command(s)
    if s.begins("set", "constraints"):
        return unsupported_command(s)


@rule(GUIDE + "r_VACUUM_command.html, r_ALTER_TABLE_APPEND.html, r_CREATE_DATABASE.html")
def outside_transactions(s, state):
    if not (state.in_transaction or state.in_string):
        return None
    for name in (("vacuum",), ("create", "database"), ("drop", "database")):
        if s.begins(*name):
            return cannot_run(" ".join(name).upper())
    if s.begins("alter", "table") and s.top_level("append"):
        return cannot_run("ALTER TABLE APPEND")


@rule(GUIDE + "materialized-view-refresh-sql-command.html")
def refresh(s, state):
    if s.begins("refresh", "materialized", "view") and s.word(3) == "concurrently":
        return syntax_error("concurrently")


@rule(GUIDE + "cm_chap_ConfigurationRef.html")
def parameters(s, state):
    if s.words[0] not in ("set", "reset", "show") or len(s.tokens) < 2:
        return None
    at = 2 if s.words[0] == "set" and s.words[1] in ("session", "local") else 1
    name = s.name(at)
    if s.words[0] == "show" or name in ("all", "use") or "." in [s.word(at + 1)]:
        return None
    if s.begins("set", "session", "authorization") or s.begins("set", "session", "characteristics"):
        return None
    if name == "time" and s.word(at + 1) == "zone":
        return None
    if name not in PARAMETERS:
        return Refusal(UNDEFINED_OBJECT, f'unrecognized configuration parameter "{name}"')


@rule(GUIDE + "c_SQL_commands.html")
def absent_commands(s, state):
    first = s.words[0]
    if first in ("listen", "notify", "unlisten", "discard", "reindex", "cluster", "load", "checkpoint", "security"):
        return unsupported_command(s)
    if first == "do":
        return syntax_error("do")
    if first == "explain" and s.word(1) in ("analyze", "analyse", "("):
        return syntax_error(s.word(1))
    if first == "import":
        return syntax_error("import")


def cannot_run(command):
    return Refusal(ACTIVE_TRANSACTION, f"{command} cannot run inside a transaction block")
