import * as session from "../session.ts";

Object.assign(globalThis, { session });
