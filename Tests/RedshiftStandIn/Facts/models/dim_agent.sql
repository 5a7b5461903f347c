select id as agent_id, team from {{ ref('agents') }}
