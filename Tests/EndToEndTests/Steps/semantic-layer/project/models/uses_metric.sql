select
  $${{ metric('growth') }}$$ as name,
  $${{ metric('growth').label }}, {{ metric('growth').type }}$$ as label,
  $${{ metric('growth2').full_metric_dependency() | sort }}$$ as all_below,
  $${{ metric('growth2').base_metric_dependency() }}$$ as base,
  $${{ metric('growth2').derived_metric_dependency_depth() }}$$ as depths
