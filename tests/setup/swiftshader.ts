import { inject } from "vitest";

// A second driver under the same tests: Dawn reads this when it makes its first device.
process.env["VK_DRIVER_FILES"] = inject("swiftShader");
