/**
 * The random source of a run. One seed drives workload, routing, faults and tokens, so the command
 * in the report repeats the run.
 */
export interface Random {
  /** A float in [0, 1). */
  next(): number;
  /** An integer in [0, limit). */
  below(limit: number): number;
  /** Lower-case letters and digits, incompressible. */
  text(length: number): string;
  /** An independent random source. The same name gives the same source. */
  fork(name: string): Random;
}

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

/** Mulberry32: 32 bits of state, well mixed, the same on every platform. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    text: (length) => Array.from({ length }, () => alphabet[below(36)]).join(""),
    fork: (name) => random(hash(`${seed}/${name}`)),
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) {
    value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return value >>> 0;
}
