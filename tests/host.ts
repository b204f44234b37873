/** Where tests run, as vite.config.ts says; Node on the machine's own driver if nothing is said. */
export const host = (import.meta.env["COTANGENT_HOST"] ?? "node") as
  "node" | "swiftshader" | "chromium";
