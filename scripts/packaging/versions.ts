/** The packages that the package is tried with, each in the version that it is tried with. */
export const versions = {
  "@rollup/plugin-node-resolve": "16.0.3",
  "@rspack/core": "2.3.3",
  bun: "1.4.5",
  deno: "2.9.6",
  esbuild: "0.28.2",
  next: "16.4.6",
  parcel: "2.16.4",
  react: "19.3.1",
  "react-dom": "19.3.1",
  rollup: "4.68.8",
  vite: "8.3.8",
  webpack: "5.113.0",
} as const;

/** The compilers that must accept the declarations: the oldest, those around changes to the types of arrays, the newest. */
export const compilers = ["5.4.5", "5.6.3", "5.7.3", "5.9.3", "6.0.3", "7.0.2"] as const;
