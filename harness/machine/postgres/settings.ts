const values = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  // What is written but not synced is lost when the machine dies, and a run does not survive that
  // either. When only processes die, SIGKILL included, the kernel's page cache keeps it: an
  // acknowledged commit is still there after crash(), because synchronous_commit stays on.
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "on",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_wal_size: "256MB",
  // A run is short, and a vacuum at a random moment is noise in its figures.
  autovacuum: "off",
  // In /dev/shm a killed server would leave its segments behind; this is in the data folder.
  dynamic_shared_memory_type: "mmap",
  shared_buffers: "64MB",
  max_connections: "200",
  jit: "off",
  log_checkpoints: "off",
  timezone: "UTC",
};

/** What makes a server quick, quiet and traceless, as flags for the postgres program. */
export const settings: readonly string[] = Object.entries(values).flatMap(([name, value]) => [
  "-c",
  `${name}=${value}`,
]);
