import { train } from "./train.js";

globalThis.train = train;
