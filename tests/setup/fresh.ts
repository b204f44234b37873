import { setCurrentBackend } from "../../src/graph/backend.ts";
import { pendingAssigns } from "../../src/graph/evaluate.ts";

// Files of tests that follow each other in one process share its modules, but no device, and no variable whose value is
// yet to be computed: what the one before has left is collected, before a driver has more of it than it can take.
setCurrentBackend(null);
pendingAssigns.clear();
(globalThis as { gc?: () => void }).gc?.();
