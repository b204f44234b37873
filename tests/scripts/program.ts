import wgsl from "./program.wgsl?raw";

const args = process.argv.slice(2);
if (args[0] === "fail") throw new Error("asked to fail");
console.log(JSON.stringify({ args, lines: wgsl.trim().split("\n").length }));
