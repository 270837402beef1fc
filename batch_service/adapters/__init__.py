"""What touches the world: tables, libcurl, the registry file, the wake-up pipe."""
