const values = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  // Without fsync only a crash of the machine loses data, and that ends the run too. If just the
  // processes die, even by SIGKILL, the kernel's page cache keeps their writes. Acknowledged
  // commits survive crash(), because synchronous_commit is on.
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "on",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_wal_size: "256MB",
  // A run is short, and a vacuum at a random moment would distort its measurements.
  autovacuum: "off",
  // A killed server would leave its segments in /dev/shm; with mmap they are in the data folder.
  dynamic_shared_memory_type: "mmap",
  shared_buffers: "64MB",
  max_connections: "200",
  jit: "off",
  log_checkpoints: "off",
  timezone: "UTC",
};

/** Settings for a fast server that leaves no traces, as flags of the postgres program. */
export const settings: readonly string[] = Object.entries(values).flatMap(([name, value]) => [
  "-c",
  `${name}=${value}`,
]);
