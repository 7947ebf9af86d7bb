/** Abilities of a deployment. A scenario or checker that needs a missing one is skipped. */
export const capabilities = [
  "replicas", // two replicas behind one ingress
  "kill", // SIGKILL and restart a replica
  "terminate", // SIGTERM
  "pause", // SIGSTOP and SIGCONT
  "isolate", // cut a running replica off the network
  "clock", // set the clock of one replica ahead
  "boot", // start replicas at a chosen moment, on a chosen database
  "model", // the harness is the model: it sees transcripts and scripts answers
  "model-hold", // hold a model answer open
  "tools", // the harness receives the tool calls
  "state", // a request reads a thread
  "channels", // this request also shows other parts of the thread's state
  "delete", // a request deletes a thread
  "database", // the harness owns the database: it can clone it, lock it and add triggers
  "database-cut", // cut all replicas off their database, and heal the connection
  "database-refuse", // refuse new database connections while open ones go on
  "statements", // see and hold each statement on the database wire
  "database-restart", // stop and start the database server
  "survey", // measure the stored tables, rows and bytes
  "retry", // the target declares how a client retries a turn
] as const;
export type Capability = (typeof capabilities)[number];
