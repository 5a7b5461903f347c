select id as subscription_id, person_id, signed_up_at, activated_at, cancelled_on from {{ ref('raw_subscriptions') }}
