import { main } from "./small.js";

// A bundler wraps modules that something waits for.
await main();
