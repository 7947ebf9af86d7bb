/**
 * The process table. A process is identified by its pid and its start time, because the system
 * reuses the pid of an ended process.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface Living {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** 0 on macOS, whose ps does not print it. */
  readonly session: number;
  /** The program's name, at most 15 characters on Linux. */
  readonly name: string;
  /** Clock ticks since boot on Linux, a date with seconds on macOS: for comparison only. */
  readonly started: string;
}

/** Every living process, without zombies. */
export function everyProcess(): Living[] {
  if (process.platform !== "linux") return tableOfPs(["-ax"]);
  return pidsOfProc().flatMap((pid) => livingOfProc(pid) ?? []);
}

/** The process with this pid; null: it does not exist, or is a zombie. */
export function livingProcess(pid: number): Living | null {
  if (process.platform === "linux") return livingOfProc(pid);
  return tableOfPs(["-p", String(pid)])[0] ?? null;
}

export function lives(one: Living): boolean {
  return livingProcess(one.pid)?.started === one.started;
}

/**
 * Sends a signal to this very process. It compares the start time just before, so another process
 * with the same pid gets no signal. False: the process had ended, or we lack the permission.
 */
export function signalExactly(one: Living, signal: NodeJS.Signals): boolean {
  if (!lives(one)) return false;
  try {
    return process.kill(one.pid, signal);
  } catch {
    return false;
  }
}

/**
 * Pids of the processes that have this variable in their initial environment. Null: any value.
 * It misses processes that overwrote their environment to change their title, as the children of
 * Postgres do. Without the right to trace (root in a container) it also misses those of other
 * users. The watchdog finds all these by their parents.
 */
export function carriersOf(variable: string, value: string | null): Set<number> {
  const entry = value === null ? `${variable}=` : `${variable}=${value}`;
  if (process.platform !== "linux") return carriersOfPs(entry, value !== null);
  const carries = (pid: number) => {
    try {
      // Latin-1 keeps every byte: an environment may not be UTF-8.
      const environment = `\0${readFileSync(`/proc/${pid}/environ`, "latin1")}\0`;
      return environment.includes(`\0${entry}${value === null ? "" : "\0"}`);
    } catch {
      return false; // the process ended meanwhile, or belongs to another user
    }
  };
  return new Set(pidsOfProc().filter(carries));
}

function pidsOfProc(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function livingOfProc(pid: number): Living | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return null;
  }
  // "pid (name) state ppid pgrp session …": the name may contain spaces and parentheses.
  const end = stat.lastIndexOf(")");
  const fields = stat.slice(end + 2).split(" ");
  const [state = "X", parent, group, session] = fields;
  if (state === "Z" || state === "X") return null;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    name: stat.slice(stat.indexOf("(") + 1, end),
    started: fields[19] ?? "",
  };
}

function ps(args: readonly string[]): string[] {
  try {
    const options = { encoding: "utf8", maxBuffer: 64 * 1024 * 1024, stdio: "pipe" } as const;
    return execFileSync("ps", args, options).split("\n");
  } catch {
    return []; // ps exits with 1 if it finds no process
  }
}

function tableOfPs(which: readonly string[]): Living[] {
  const line = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/;
  return ps([...which, "-o", "pid=,ppid=,pgid=,stat=,lstart=,comm="]).flatMap((text) => {
    const [, pid, parent, group, state = "Z", started = "", path = ""] = line.exec(text) ?? [];
    if (pid === undefined || state.startsWith("Z")) return [];
    const name = path.slice(path.lastIndexOf("/") + 1).trim();
    const numbers = { pid: Number(pid), parent: Number(parent), group: Number(group) };
    return [{ ...numbers, session: 0, started, name }];
  });
}

function carriersOfPs(entry: string, whole: boolean): Set<number> {
  const carriers = ps(["eww", "-axo", "pid=,command="]).filter((line) =>
    `${line} `.includes(` ${entry}${whole ? " " : ""}`),
  );
  return new Set(carriers.map((line) => Number.parseInt(line, 10)));
}
