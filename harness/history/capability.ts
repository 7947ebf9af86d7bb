/** What a deployment can do; a scenario or checker that needs more is not run, with the reason. */
export const capabilities = [
  "replicas", // two replicas behind one ingress
  "kill", // SIGKILL, and start again
  "terminate", // SIGTERM
  "pause", // SIGSTOP and SIGCONT
  "isolate", // cut off the network, alive
  "clock", // the clock of one replica can be set ahead
  "boot", // start replicas at a chosen moment, on a chosen database
  "model", // the model wire is ours: transcripts are seen, answers scripted
  "model-hold", // a model answer can be held open
  "tools", // the tool ledger is ours
  "state", // there is a request that reads a thread
  "channels", // that request shows more of a thread's state than its messages
  "delete", // there is a request that deletes a thread
  "database", // the database is ours: cloned, locked, given triggers
  "database-cut", // all replicas can be cut off their database, and healed
  "statements", // each statement on the database wire is seen, and can be held
  "database-restart", // its server can be ended and started again
  "survey", // what is stored can be looked at: tables, rows, bytes
  "retry", // the target declares how a turn is retried
] as const;
export type Capability = (typeof capabilities)[number];
