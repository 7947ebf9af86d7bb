/**
 * Every fault, exported under its kind: scenarios, the package and replay find it here. A fault's
 * comment has `@effect` and `@heal`: docs/faults.md is generated from it.
 */
export { clockAhead } from "./clock-ahead.ts";
export { crashDatabase } from "./crash-database.ts";
export { cutConnections } from "./cut-connections.ts";
export { failStatements } from "./fail-statements.ts";
export { hangUp } from "./hang-up.ts";
export {
  delayDatabase,
  throttleDatabase,
  stallDatabase,
  resetDatabase,
  cutDatabase,
} from "./impair-database.ts";
export {
  failModel,
  cutReplies,
  shortenReplies,
  stallReplies,
  silenceModel,
} from "./impair-model.ts";
export { isolate } from "./isolate.ts";
export { kill } from "./kill.ts";
export { lockTables } from "./lock-tables.ts";
export { loseReply } from "./lose-reply.ts";
export { pause } from "./pause.ts";
export { redeploy } from "./redeploy.ts";
export { refuseConnections } from "./refuse-connections.ts";
export { fillDisk, readOnly } from "./refuse-writes.ts";
export { slowSaves } from "./slow-saves.ts";
