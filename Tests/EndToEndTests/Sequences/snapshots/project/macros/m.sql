{% macro snapshot_mine_strategy(node, snapshotted_rel, current_rel, config, target_exists) %}
  {% set primary_key = config['unique_key'] %}
  {% set updated_at = config['updated_at'] %}
  {% set row_changed -%} ({{ snapshotted_rel }}.{{ updated_at }} < {{ current_rel }}.{{ updated_at }} and {{ current_rel }}.name <> 'zz') {%- endset %}
  {% do return({"unique_key": primary_key, "updated_at": updated_at, "row_changed": row_changed, "scd_id": snapshot_hash_arguments([primary_key, updated_at]), "hard_deletes": "invalidate"}) %}
{% endmacro %}
