import { execFileSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { findBrowser, requireBrowser } from "./browser.ts";
import { softwareGpu } from "./gpu.ts";

const loader = "libvulkan.so.1";

const firstExisting = (paths: string[]) => paths.find((path) => existsSync(path));

/** The driver description of lavapipe, unpacked from Debian's packages where they can be reached. */
function lavapipe(): string | undefined {
  try {
    execFileSync("bash", [join(import.meta.dirname, "lavapipe.sh")], { stdio: "ignore" });
  } catch {
    // No such packages here: the browser's driver will do.
  }
  return firstExisting([join(import.meta.dirname, "../.cache/mesa/icd.json")]);
}

/** The driver description of the SwiftShader that comes with a browser. */
const swiftShaderOf = (browser: string) =>
  firstExisting(
    // A distribution's /usr/bin/chromium is a script; the browser itself lies in the others.
    [dirname(realpathSync(browser)), "/usr/lib/chromium", "/usr/lib64/chromium-browser"].map(
      (folder) => join(folder, "vk_swiftshader_icd.json"),
    ),
  );

/** The driver description of a browser's SwiftShader; fetches a browser when there is none. */
export async function swiftShader(): Promise<string> {
  const driver = swiftShaderOf(await requireBrowser());
  if (driver) return driver;
  throw new Error(
    "No software Vulkan driver: install one that Dawn can use (Debian: apt-get install chromium) or set VK_DRIVER_FILES.",
  );
}

function hasLoader(): boolean {
  const arch = process.arch === "arm64" ? "aarch64" : "x86_64";
  const system = [`/usr/lib/${arch}-linux-gnu`, "/usr/lib64", "/usr/lib", "/usr/local/lib"];
  const folders = [...(process.env["LD_LIBRARY_PATH"] ?? "").split(delimiter), ...system];
  return folders.some((folder) => folder !== "" && existsSync(join(folder, loader)));
}

/**
 * The environment in which Dawn finds a Vulkan driver: the machine's own, or without a GPU
 * $VK_DRIVER_FILES, lavapipe, a browser's SwiftShader, in this order.
 * LD_LIBRARY_PATH is among them only if the machine has no Vulkan loader but a browser has; it is
 * read when a process starts, the others when Dawn is loaded.
 */
export async function vulkanEnv(): Promise<Record<string, string>> {
  if (process.platform !== "linux") return {};
  const env: Record<string, string> = {
    XDG_RUNTIME_DIR: process.env["XDG_RUNTIME_DIR"] ?? tmpdir(),
  };
  if (softwareGpu)
    env["VK_DRIVER_FILES"] = process.env["VK_DRIVER_FILES"] ?? lavapipe() ?? (await swiftShader());
  if (!hasLoader()) {
    const browser = softwareGpu ? await requireBrowser() : findBrowser();
    const driver = browser && swiftShaderOf(browser);
    if (driver)
      env["LD_LIBRARY_PATH"] = [process.env["LD_LIBRARY_PATH"], dirname(driver)]
        .filter(Boolean)
        .join(delimiter);
  }
  return env;
}
