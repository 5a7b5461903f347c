select plan, price from raw.plans
