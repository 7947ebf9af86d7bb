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
])("this machine and the allowed hosts are accepted: %s", (address) => {
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
])("other hosts are rejected: %s", (address, host) => {
  expect(foreignHost(address, ["staging.example.com", "other.example.com:81"])).toBe(
    `is on ${host}, which is not this machine: if it is a test host, add "${host}" to allow`,
  );
});

test.each(["me:secret@host", "localhost:5432", "127.0.0.1", "host=localhost password=secret"])(
  "the message about an invalid address does not repeat it, since it may contain a password: %s",
  (address) => {
    expect(foreignHost(address, [])).toMatch(/^is not an address like http:.* or postgres:/);
    expect(foreignHost(address, [])).not.toContain("secret");
  },
);
