import { runMain } from "citty";
import { trainCommand } from "./recipes/command.ts";

await runMain(trainCommand);
