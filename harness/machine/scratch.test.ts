import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openScratch } from "./scratch.ts";

test("asynchronous dispose removes a scratch folder with its content", async () => {
  const scratch = openScratch();
  for (const where of ["disk", "memory"] as const) {
    writeFileSync(join(scratch.folder(`some/${where}`, where), "file"), "text");
  }
  await scratch[Symbol.asyncDispose]();
  expect(scratch.roots.filter((root) => existsSync(root))).toEqual([]);
});

test("synchronous dispose removes a scratch folder too", () => {
  const scratch = openScratch();
  scratch.folder("some");
  scratch[Symbol.dispose]();
  expect(scratch.roots.filter((root) => existsSync(root))).toEqual([]);
});

test("other users can enter a scratch folder but not list it", () => {
  using scratch = openScratch();
  expect(statSync(scratch.path).mode & 0o777).toBe(0o711);
});

test("without a memory file system everything is below the temporary folder", () => {
  using scratch = openScratch({ memory: "/no/such/folder" });
  expect(scratch.roots).toEqual([scratch.path]);
  expect(scratch.folder("some", "memory")).toBe(join(scratch.path, "some"));
});

test("the error names a missing temporary folder and the way out", () => {
  const before = process.env.TMPDIR;
  const gone = mkdtempSync(join(tmpdir(), "gone-"));
  rmSync(gone, { recursive: true });
  process.env.TMPDIR = gone;
  try {
    expect(() => openScratch()).toThrow(`cannot create a folder below ${gone}: set TMPDIR to`);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
});
