import { setCurrentBackend } from "../../src/graph/backend.ts";

// Files of tests that follow each other in one process share its modules, but no device: what the one before has left is
// collected, before a driver has more of it than it can take.
setCurrentBackend(null);
(globalThis as { gc?: () => void }).gc?.();
