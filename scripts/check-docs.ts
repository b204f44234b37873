import { lacks } from "./reference/lacks.ts";
import { readApi } from "./reference/read.ts";

// npm run check:docs: every public name, parameter, result and error has its words.

const found = lacks(await readApi(process.cwd()));
for (const line of found) console.log(line);
if (found.length > 0) {
  console.log(`${found.length} gaps in the docstrings of the public API`);
  process.exitCode = 1;
}
