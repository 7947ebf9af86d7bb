/** The style of a sweep's page. The colours of verdicts also differ in lightness. */
export function styleOf(): string {
  return `
:root { color-scheme: light dark; --holds: #d7efdc; --violated: #c6402f; --inconclusive: #f0c24b;
  --line: #8886; }
@media (prefers-color-scheme: dark) { :root { --holds: #1f4a2b; --violated: #d9604f;
  --inconclusive: #a67c12; } }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 1320px; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1rem; margin-top: 2rem;
  border-top: 1px solid var(--line); padding-top: .8rem; }
b.holds, b.violated, b.inconclusive { padding: .05em .45em; border-radius: 3px; }
.holds { background: var(--holds); }
.violated { background: var(--violated); color: #fff; }
.inconclusive { background: var(--inconclusive); }
table.strip { border-spacing: 1px; margin: 1.2rem 0; font: 11px/16px ui-monospace, monospace; }
table.strip td { width: 14px; min-width: 14px; height: 18px; padding: 0; text-align: center; }
table.strip th { text-align: right; font-weight: 600; padding-right: .8em; min-width: 11em; }
table.strip td.place { color: GrayText; height: 14px; }
table.strip td.place.model { color: #2d6cdf; } table.strip td.place.tools { color: #b3701a; }
table.strip td.reply { background: var(--line); }
table.strip tr.calls td { height: 66px; vertical-align: bottom; }
table.strip tr.calls span { display: block; width: 14px; white-space: nowrap;
  transform-origin: 0 50%; transform: translateX(7px) rotate(-60deg); }
.cause { margin: .8rem 0 1.4rem; } .cause p, .cause ul { margin: .25rem 0; }
pre { overflow-x: auto; border: 1px solid var(--line); padding: .5em .8em; }
table.points { border-collapse: collapse; font-size: 13px; }
table.points td, table.points th { padding: .15em .7em; text-align: left;
  border-bottom: 1px solid var(--line); }`;
}
