import type { Rows } from "./row.ts";

export const storage = {
  "quadratic-growth": {
    title: "Storage grows with the square of the turns",
    meaning: "Long conversations fill the disk, and each turn is slower than the one before.",
    evidence: "Surveys show that late turns cost clearly more bytes than early ones.",
    remedy:
      "Do not rewrite the whole messages channel at each step: use DeltaChannel for it, or trim or" +
      " summarise the messages in state, or prune old checkpoints of the thread, or save once per" +
      " turn with durability exit if no tool acts",
    levels: [],
  },
  "bytes-over-budget": {
    title: "A turn costs more bytes than promised",
    meaning: "The database fills faster than planned.",
    evidence: "Surveys show more bytes per late turn than the promised budget.",
    remedy:
      "Delete superseded checkpoints with their writes and blobs (the saver has no prune and no TTL:" +
      " N nodes leave N+2 checkpoints, 3N+3 blobs and 2N+1 writes a turn), or save once per turn" +
      " with durability exit if no tool acts",
    levels: [],
  },
  "rows-over-budget": {
    title: "A turn leaves more rows than promised",
    meaning: "The database fills faster than planned.",
    evidence: "Surveys show more rows per late turn than the promised budget.",
    remedy:
      "Delete superseded checkpoints with their writes and blobs (the saver has no prune and no TTL:" +
      " N nodes leave N+2 checkpoints, 3N+3 blobs and 2N+1 writes a turn), or save once per turn" +
      " with durability exit if no tool acts",
    levels: [],
  },
  "leftover-rows": {
    title: "A deleted thread leaves rows",
    meaning: "Data that a user asked to delete is still stored.",
    evidence: "A thread was deleted, and a later survey found rows that mention its id.",
    remedy:
      "Delete the thread's row and call deleteThread under the lock that its turns take, and delete" +
      " what the service keeps beside it (stored results, store items): the late writes of a run" +
      " under way bring the thread back",
    levels: [],
  },
  orphans: {
    title: "A cleanup leaves rows that belong to nothing",
    meaning: "The database grows by rows that no query will ever delete.",
    evidence: "A survey found blobs or writes that no checkpoint refers to.",
    remedy:
      "Delete checkpoints, checkpoint_writes and checkpoint_blobs in one transaction, under the" +
      " thread's lock, and keep each blob whose version a kept checkpoint still names: there are no" +
      " foreign keys between them",
    levels: [],
  },
} as const satisfies Rows;
