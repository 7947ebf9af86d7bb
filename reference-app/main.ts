import { commandLine } from "./commands.ts";
import { defaultParts } from "./defaults.ts";
import { httpOf } from "./http.ts";
import { serve } from "./serve.ts";
import { assemble } from "./service.ts";
import { settingsOf } from "./settings.ts";

await commandLine(process.argv.slice(2), () => {
  const settings = settingsOf(process.env);
  const service = assemble(settings, defaultParts(settings));
  return serve(service, httpOf(service));
});
