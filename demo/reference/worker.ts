import programs from "virtual:programs";
import { serveProgram } from "../site/program/serve.ts";
import { expectation } from "./expectation.ts";

serveProgram((name, { info }) => programs[name](expectation, info.backend));
