// The module's folder; see docs/ARCHITECTURE.md.
