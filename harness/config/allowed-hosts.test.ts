import { expect, test } from "vitest";
import { foreignHost } from "./allowed-hosts.ts";

test.each([
  "http://127.0.0.1:8080/api",
  "http://127.1.2.3/",
  "http://localhost",
  "http://LOCALHOST:1",
  "http://service.localhost/",
  "http://[::1]:80/",
  "http://2130706433/",
  "postgres://me:pw@127.0.0.1:5432/db",
  "postgres:///db?host=/var/run/postgresql",
  "https://staging.example.com/api",
  "https://STAGING.example.com:8443/api",
  "http://other.example.com:81/",
])("this machine, and who is allowed, may be spoken with: %s", (address) => {
  expect(foreignHost(address, ["staging.example.com", "other.example.com:81"])).toBeNull();
});

test.each([
  ["http://example.com/", "example.com"],
  ["http://128.0.0.1/", "128.0.0.1"],
  ["http://0.0.0.0/", "0.0.0.0"],
  ["http://localhost.example.com/", "localhost.example.com"],
  ["http://127.0.0.1@example.com/", "example.com"],
  ["http://other.example.com/", "other.example.com"],
  ["postgres://me:pw@db.example.com/db", "db.example.com"],
  ["postgres://localhost/db?host=db.example.com", "db.example.com"],
])("anybody else may not: %s", (address, host) => {
  expect(foreignHost(address, ["staging.example.com", "other.example.com:81"])).toBe(
    `is at ${host}, which is not this machine: if it is there for tests, add "${host}" to allow`,
  );
});

test.each(["me:secret@host", "localhost:5432", "127.0.0.1", "host=localhost password=secret"])(
  "what is no address is told without it, it may hold a password: %s",
  (address) => {
    expect(foreignHost(address, [])).toMatch(/^is no address: one is like http:.* or postgres:/);
    expect(foreignHost(address, [])).not.toContain("secret");
  },
);
