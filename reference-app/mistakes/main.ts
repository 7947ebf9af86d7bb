/** The reference app with the mistake that the variable MISTAKE names. */
import express from "express";
import { commandLine } from "../commands.ts";
import { defaultParts } from "../defaults.ts";
import { httpOf } from "../http.ts";
import { serve } from "../serve.ts";
import { assemble } from "../service.ts";
import { settingsOf } from "../settings.ts";
import { mistakeNamed } from "./catalogue.ts";

await commandLine(process.argv.slice(2), () => {
  const mistake = mistakeNamed(process.env["MISTAKE"]);
  const settings = { ...settingsOf(process.env), ...mistake.settings };
  const parts = defaultParts(settings);
  const service = assemble(settings, { ...parts, ...mistake.parts?.(parts) });
  const wrong = mistake.service?.(service) ?? service;
  const app = httpOf(wrong);
  return serve(wrong, mistake.front === undefined ? app : express().use(mistake.front, app));
});
