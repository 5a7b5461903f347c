select visit_id, came_at, came_at as came_on, left_at from raw.visits
