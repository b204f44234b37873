declare module "virtual:programs" {
  import type { Expect } from "./expectation.ts";

  const programs: Readonly<Record<string, (expect: Expect, backend: string) => Promise<void>>>;
  export default programs;
}
