/** How to get WebGPU, in the words of whoever sits at this browser. */
export function howToGetGpu(agent: string, isSecure: boolean): string {
  if (!isSecure)
    return "To use the graphics card, open this page by an address that begins with https.";
  const isPhone = /Android/.test(agent);
  if (/Firefox/.test(agent)) {
    return /Windows|Mac OS X/.test(agent)
      ? "An up-to-date Firefox can use the graphics card: please update it."
      : "Firefox cannot use the graphics card on this system yet; Chrome, or Edge, can.";
  }
  if (/Chrome|Chromium|Edg/.test(agent)) {
    if (isPhone)
      return "An up-to-date Chrome on Android 12 or later can use the graphics processor.";
    return /Linux/.test(agent)
      ? "On Linux, Chrome uses the graphics card when chrome://flags/#enable-unsafe-webgpu is switched on."
      : "An up-to-date Chrome or Edge can use the graphics card, if “graphics acceleration” is on in its settings.";
  }
  if (/iPhone|iPad/.test(agent)) return "From iOS 26 on, Safari can use the graphics processor.";
  if (/Safari/.test(agent)) return "From version 26 on, Safari can use the graphics card.";
  return "Up-to-date Chrome, Edge, Firefox and Safari can use the graphics card.";
}
