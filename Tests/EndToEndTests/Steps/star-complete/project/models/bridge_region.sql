select region, parent from raw.regions
