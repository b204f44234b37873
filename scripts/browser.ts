import { execSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import puppeteer, { type Browser, type LaunchOptions } from "puppeteer";
import { softwareGpu } from "./gpu.ts";

const root = join(import.meta.dirname, "..");

const onPath = ["google-chrome-stable", "google-chrome", "chromium", "chromium-browser"];
const installed: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: [...onPath, "microsoft-edge"].flatMap((name) =>
    (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name)),
  ),
  darwin: ["Google Chrome", "Chromium", "Microsoft Edge"].map(
    (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
  ),
  win32: ["ProgramFiles", "ProgramFiles(x86)", "LocalAppData"].flatMap((variable) => [
    `${process.env[variable]}\\Google\\Chrome\\Application\\chrome.exe`,
    `${process.env[variable]}\\Microsoft\\Edge\\Application\\msedge.exe`,
  ]),
};

/** The browser that a variable names, else one that is installed, else one that was fetched before. */
export function findBrowser(): string | undefined {
  for (const variable of ["PUPPETEER_EXECUTABLE_PATH", "CHROME_PATH", "CHROME_BIN"]) {
    const path = process.env[variable];
    if (path && !existsSync(path)) throw new Error(`$${variable} names ${path}: no such file`);
    if (path) return path;
  }
  return [...(installed[process.platform] ?? []), puppeteer.executablePath()].find((path) =>
    existsSync(path),
  );
}

// A headless Chromium in an npm package, for a Linux machine that reaches no other host than its
// npm registry. At 65 MB too big for a dependency.
const npmChromium = "@sparticuz/chromium@143.0.4";

/** The Chromium of that package, if it was installed before: unpacked in the temporary folder. */
async function findNpmChromium(): Promise<string | undefined> {
  const entry = join(root, ".cache/chromium/node_modules/@sparticuz/chromium/build/esm/index.js");
  if (!existsSync(entry)) return undefined;
  const chromium: { default: { executablePath(): Promise<string> } } = await import(
    /* @vite-ignore */ entry
  );
  return chromium.default.executablePath();
}

const linux = process.platform === "linux";

/** Commands that fetch a browser, in the order they are tried. */
const commands = [
  ...(linux && process.getuid?.() === 0
    ? ["apt-get update && apt-get install -y --no-install-recommends chromium libvulkan1"]
    : []),
  "npx puppeteer browsers install chrome",
  ...(linux && process.arch === "x64"
    ? [`npm install --no-audit --no-fund --prefix .cache/chromium ${npmChromium}`]
    : []),
];

/** As `findBrowser`, but fetches a browser when there is none. */
export async function requireBrowser(): Promise<string> {
  const find = async () => findBrowser() ?? (await findNpmChromium());
  let path = await find();
  for (const command of commands) {
    if (path) return path;
    console.error(`No Chrome or Chromium found: trying ${command}`);
    try {
      // Ten minutes: a download over a slow line.
      execSync(command, { stdio: "ignore", cwd: root, timeout: 600_000 });
      path = await find();
    } catch {
      // The next one may work.
    }
  }
  if (path) return path;
  throw new Error(
    "No browser: install Chrome or Chromium (Debian: apt-get install chromium) or set PUPPETEER_EXECUTABLE_PATH.",
  );
}

// Without a GPU the compositor has to share Dawn's SwiftShader: with one of its own, presenting a
// WebGPU canvas loses the device, though compute works.
const flags = [
  // In containers, and for users without the right to make namespaces, there is no sandbox to be
  // had; the only pages opened are this repository's.
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  ...(linux ? ["--enable-features=Vulkan"] : []),
  // Debian's Chromium has pages, too, drawn by the GPU, which takes longer where that is software.
  ...(softwareGpu
    ? ["--use-angle=swiftshader", "--use-vulkan=swiftshader", "--disable-gpu-rasterization"]
    : []),
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a headless browser with WebGPU, on the software driver where there is no GPU. */
export const launch = async (options: LaunchOptions = {}): Promise<Browser> =>
  puppeteer.launch({
    executablePath: await requireBrowser(),
    headless: true,
    // Some builds report the locale "en-US@posix" otherwise, on which Intl.NumberFormat throws.
    env: { ...process.env, LANG: "en_US.UTF-8", LC_ALL: "en_US.UTF-8" },
    ...options,
    args: [...flags, ...(options.args ?? [])],
  });
