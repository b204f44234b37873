import { watchPasses } from "../../src/plan/passes.ts";
import { verifyPass } from "../../src/plan/verify/index.ts";

// Every plan that a test makes is verified after each pass.
watchPasses(verifyPass);
