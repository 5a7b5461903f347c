select id as agent_id, boss from {{ ref('agents') }}
