import type { RequestHandler } from "express";
import type { Parts } from "../parts.ts";
import type { Service } from "../service.ts";
import type { Settings } from "../settings.ts";

/** A popular error, as a difference to the reference app. Most mistakes replace one part. */
export interface Mistake {
  readonly settings?: Partial<Settings>;
  /** The parts that differ, made from those of the app. */
  readonly parts?: (parts: Parts) => Partial<Parts>;
  readonly service?: (service: Service) => Service;
  /** Handles each request before the app does. */
  readonly front?: RequestHandler;
}
