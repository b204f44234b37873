"use client";

import { useEffect } from "react";
import { train } from "../train.js";

/** Hands the page a function that trains in it. */
export function Trainer() {
  useEffect(() => {
    globalThis.train = train;
  }, []);
  return null;
}
