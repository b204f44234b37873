import { train } from "./train.js";

// Not awaited: a bundler may make CommonJS of this.
void train(process.argv[2]).then((result) => console.log(JSON.stringify(result)));
