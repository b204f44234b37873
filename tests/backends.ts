/** What behaviour is tested on: each of these is an argument of `init`. */
export const backends = ["cpu", "webgpu"] as const;
