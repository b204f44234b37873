import { init } from "cotangent";

export const open = () => init();
