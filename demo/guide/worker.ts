import { serveProgram } from "../site/program/serve.ts";

const programs = import.meta.glob<object>("./programs/*.ts");

serveProgram((name) => programs[`./programs/${name}.ts`]());
