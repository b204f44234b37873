import { main } from "./small.js";

void main();
