select region, parent as above from raw.regions
