import { InvalidArgumentError } from "commander";

/** For an option that takes one. */
export function wholeNumber(least: number) {
  return (value: string): number => {
    const number = Number(value);
    if (Number.isSafeInteger(number) && number >= least && /^\d+$/.test(value)) return number;
    throw new InvalidArgumentError(`it must be a whole number, at least ${least}.`);
  };
}
