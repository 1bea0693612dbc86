"""What every other room may lean on: schemas, prepared columns, specs, errors."""
