import type { TestProject } from "vitest/node";
import { swiftShader, vulkanEnv } from "../../scripts/vulkan.ts";

declare module "vitest" {
  /** What the global setup tells the workers. */
  interface ProvidedContext {
    swiftShader: string;
  }
}

/** Sets the environment in which Dawn finds a Vulkan driver, before workers are forked. */
export default async function setup(project: TestProject): Promise<void> {
  Object.assign(process.env, await vulkanEnv());
  if (project.name === "swiftshader") project.provide("swiftShader", await swiftShader());
}
