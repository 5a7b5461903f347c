select * from {{ ref('ephemeral') }}
